// expect: what an answer must be.
#include "scenario/bodies.hpp"
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

#include <array>

namespace squall::scenario {
namespace {

// ---- status --------------------------------------------------------------------------------------------------------

constexpr int lowest_status = 100;
constexpr int highest_status = 599;

/// 200 or "2xx".
class StatusShape final : public ShapeOf<StatusMatch> {
public:
    [[nodiscard]] std::string expected() const override { return "a status such as 200 or \"2xx\""; }

    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override
    {
        boost::json::object exact{{"type", "integer"}, {"minimum", lowest_status}, {"maximum", highest_status}};
        boost::json::object whole_class{{"type", "string"}, {"pattern", "^[1-5]xx$"}};
        return {{"anyOf", boost::json::array{std::move(exact), std::move(whole_class)}}};
    }

    bool read(const Cursor& cursor, StatusMatch& into) const override
    {
        if (const auto* code = cursor.node().as<std::int64_t>()) {
            return read_code(cursor, *code, into);
        }
        const auto* text = cursor.node().as<std::string>();
        const bool is_class = text != nullptr && text->size() == 3 && text->front() >= '1' && text->front() <= '5' &&
                              text->substr(1) == "xx";
        if (!is_class) {
            cursor.report_type(expected());
            return false;
        }
        const int first = (text->front() - '0') * 100;
        into = {first, first + 99};
        return true;
    }

private:
    bool read_code(const Cursor& cursor, std::int64_t code, StatusMatch& into) const
    {
        if (code < lowest_status || code > highest_status) {
            cursor.report(fmt::format("{} is out of range; expected a status from {} to {}", code, lowest_status,
                                      highest_status));
            return false;
        }
        into = {static_cast<int>(code), static_cast<int>(code)};
        return true;
    }
};

// ---- json ----------------------------------------------------------------------------------------------------------

using Kind = JsonExpectation::Kind;

struct TypeName {
    std::string_view name;
    Kind kind;
};

constexpr std::array<TypeName, 7> type_names{{{"present", Kind::present},
                                              {"string", Kind::string},
                                              {"number", Kind::number},
                                              {"boolean", Kind::boolean},
                                              {"array", Kind::array},
                                              {"object", Kind::object},
                                              {"null", Kind::null}}};

ShapePtr<JsonExpectation> comparison_shape()
{
    Fields<JsonExpectation> equals([](JsonExpectation& expectation) { expectation.kind = Kind::equals; });
    equals.required("equals", "The value is exactly this.", &JsonExpectation::value, json_value());
    Fields<JsonExpectation> matches([](JsonExpectation& expectation) { expectation.kind = Kind::matches; });
    matches.required("matches", "The value's text contains a match of this regular expression.",
                     &JsonExpectation::value, regex());
    auto shape =
        table<JsonExpectation>("a table such as { equals = 3 } or { matches = \"^ab\" }", Fields<JsonExpectation>());
    shape->choose_one("comparison", {equals, matches});
    return shape;
}

/// "string" (a type), 3 (a value), or { equals = … } and { matches = … }.
class JsonExpectationShape final : public ShapeOf<JsonExpectation> {
public:
    [[nodiscard]] std::string expected() const override
    {
        return "the name of a type such as \"string\", a value, or { matches = \"…\" }";
    }

    [[nodiscard]] boost::json::object schema(SchemaUse use) const override
    {
        boost::json::array names;
        for (const auto& type : type_names) {
            names.emplace_back(type.name);
        }
        boost::json::object types{{"enum", std::move(names)}};
        boost::json::object value{{"type", boost::json::array{"string", "number", "boolean"}}};
        return {{"anyOf", boost::json::array{std::move(types), std::move(value), comparison_->schema(use)}}};
    }

    bool read(const Cursor& cursor, JsonExpectation& into) const override
    {
        if (cursor.node().as<NodeTable>() != nullptr) {
            return comparison_->read(cursor, into);
        }
        if (cursor.node().as<NodeList>() != nullptr) {
            cursor.report_type(expected());
            return false;
        }
        if (const auto* word = cursor.node().as<std::string>()) {
            for (const auto& type : type_names) {
                if (type.name == *word) {
                    into.kind = type.kind;
                    return true;
                }
            }
        }
        into.kind = Kind::equals;
        return value_->read(cursor, into.value);
    }

    void merge(Node& base, const Cursor& overlay) const override { comparison_->merge(base, overlay); }

private:
    ShapePtr<JsonExpectation> comparison_ = comparison_shape();
    ShapePtr<std::string> value_ = json_value();
};

KeyRule json_pointer_key()
{
    return {"a JSON pointer such as \"/token\"", "^(/([^~/]|~[01])*)*$",
            [](std::string_view key) { return !wrong_with_json_pointer(key); }};
}

ShapePtr<HeaderExpectation> header_pattern()
{
    return converted<HeaderExpectation>(regex(), [](const Cursor&, std::string pattern) {
        return std::optional(HeaderExpectation{"", std::move(pattern)});
    });
}

} // namespace

ShapePtr<Expectation> reply_expectation_shape()
{
    const auto item = ShapePtr<JsonExpectation>(std::make_shared<JsonExpectationShape>());
    Fields<Expectation> fields;
    fields.optional("reply", "The type or the value of the whole reply.", &Expectation::json,
                    converted<std::vector<JsonExpectation>>(item, [](const Cursor&, JsonExpectation reply) {
                        return std::optional(std::vector{std::move(reply)});
                    }));
    fields.optional("json", "JSON pointer → the type or the value that stands there.", &Expectation::json,
                    keyed(item, &JsonExpectation::pointer, json_pointer_key()));
    fields.optional("error", error_expectation_text, &Expectation::error, regex());
    fields.at_most_one({"reply", "json", "error"});
    return table<Expectation>("a table such as { reply = \"OK\" }", fields);
}

ShapePtr<Expectation> message_expectation_shape()
{
    Fields<Expectation> fields;
    fields.optional("json", "JSON pointer → the type or the value that stands there.", &Expectation::json,
                    keyed(ShapePtr<JsonExpectation>(std::make_shared<JsonExpectationShape>()),
                          &JsonExpectation::pointer, json_pointer_key()));
    fields.optional("error", error_expectation_text, &Expectation::error, regex());
    fields.at_most_one({"json", "error"});
    return table<Expectation>("a table such as { json = { \"/result\" = \"object\" } }", fields);
}

ShapePtr<Expectation> expectation_shape()
{
    Fields<Expectation> fields;
    fields.optional("status", "The status codes that are right: 200, \"2xx\", or an array of these.",
                    &Expectation::status, one_or_list_of(ShapePtr<StatusMatch>(std::make_shared<StatusShape>())));
    fields.optional("headers", "Header → a regular expression that its value contains.", &Expectation::headers,
                    keyed(header_pattern(), &HeaderExpectation::name));
    fields.optional("body", "Regular expressions that the body contains.", &Expectation::body, one_or_list_of(regex()));
    fields.optional("json", "JSON pointer → the type or the value that stands there.", &Expectation::json,
                    keyed(ShapePtr<JsonExpectation>(std::make_shared<JsonExpectationShape>()),
                          &JsonExpectation::pointer, json_pointer_key()));
    return table<Expectation>("a table such as { status = 200 }", fields);
}

} // namespace squall::scenario
