#include "scenario/shapes/scalars.hpp"

#include <algorithm>
#include <cctype>
#include <regex>

namespace squall::scenario {
namespace {

class BooleanShape final : public ShapeOf<bool> {
public:
    [[nodiscard]] std::string expected() const override { return "true or false"; }
    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override { return {{"type", "boolean"}}; }
    [[nodiscard]] std::optional<boost::json::value> show(const bool& value) const override
    {
        return boost::json::value(value);
    }

    bool read(const Cursor& cursor, bool& into) const override
    {
        if (const auto* truth = cursor.node().as<bool>()) {
            into = *truth;
            return true;
        }
        cursor.report_type(expected());
        return false;
    }
};

bool is_scalar(const Node& node)
{
    return node.as<NodeList>() == nullptr && node.as<NodeTable>() == nullptr;
}

boost::json::object scalar_schema()
{
    return {{"type", boost::json::array{"string", "number", "boolean"}}};
}

class ScalarShape final : public ShapeOf<std::string> {
public:
    [[nodiscard]] std::string expected() const override { return "a string, number or boolean"; }
    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override { return scalar_schema(); }

    bool read(const Cursor& cursor, std::string& into) const override
    {
        if (!is_scalar(cursor.node())) {
            cursor.report_type(expected());
            return false;
        }
        const auto text = cursor.expand_environment(scalar_text(cursor.node()));
        into = text.value_or("");
        return text.has_value();
    }
};

class TemplateScalarShape final : public ShapeOf<Template> {
public:
    [[nodiscard]] std::string expected() const override { return "a string, number or boolean"; }
    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override { return scalar_schema(); }

    bool read(const Cursor& cursor, Template& into) const override
    {
        if (!is_scalar(cursor.node())) {
            cursor.report_type(expected());
            return false;
        }
        auto parsed = read_template(scalar_text(cursor.node()), cursor);
        if (parsed) {
            into = std::move(*parsed);
        }
        return parsed.has_value();
    }
};

/// A string kept as it is when `wrong` finds nothing.
ShapePtr<std::string> checked_text(std::string expected,
                                   std::function<std::optional<std::string>(const std::string&)> wrong,
                                   boost::json::object schema)
{
    StringRules<std::string> rules;
    rules.expected = std::move(expected);
    rules.schema = std::move(schema);
    rules.show = [](const std::string& value) { return value; };
    rules.parse = [wrong = std::move(wrong)](const std::string& text, const Cursor&) -> Result<std::string> {
        if (const auto message = wrong(text)) {
            return Error::saying(*message);
        }
        return text;
    };
    return string_shape(std::move(rules));
}

/// A number from 0 to 1.
} // namespace

ShapePtr<bool> boolean()
{
    return std::make_shared<BooleanShape>();
}

ShapePtr<std::string> scalar()
{
    return std::make_shared<ScalarShape>();
}

ShapePtr<Template> template_scalar()
{
    return std::make_shared<TemplateScalarShape>();
}

ShapePtr<std::string> text()
{
    return text_of("a string");
}

ShapePtr<std::string> text_of(std::string expected)
{
    const auto message = fmt::format("the string is empty; expected {}", expected);
    return checked_text(std::move(expected),
                        [message](const std::string& written) -> std::optional<std::string> {
                            return written.empty() ? std::optional(message) : std::nullopt;
                        },
                        {{"minLength", 1}});
}

bool is_identifier(std::string_view name)
{
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::all_of(name.begin(), name.end(),
                       [](unsigned char letter) { return std::isalnum(letter) != 0 || letter == '_'; });
}

ShapePtr<std::string> identifier()
{
    const std::string expected = "a name of letters, digits and \"_\", not starting with a digit";
    return checked_text(
        expected,
        [expected](const std::string& written) -> std::optional<std::string> {
            return is_identifier(written)
                       ? std::nullopt
                       : std::optional(fmt::format("\"{}\" cannot be a name here; expected {}", written, expected));
        },
        {{"pattern", R"(^[A-Za-z_][A-Za-z0-9_]*$|\$\{env\.)"}});
}

std::optional<std::string> wrong_with_regex(const std::string& pattern, unsigned groups)
{
    try {
        const std::regex compiled(pattern, std::regex::ECMAScript);
        if (compiled.mark_count() < groups) {
            return fmt::format("\"{}\" has no group; expected ( ) around the part to keep", pattern);
        }
    } catch (const std::regex_error& error) {
        return fmt::format("\"{}\" is not a regular expression ({}); expected ECMAScript syntax", pattern,
                           error.what());
    }
    return std::nullopt;
}

ShapePtr<std::string> regex()
{
    return checked_text("a regular expression", [](const std::string& written) { return wrong_with_regex(written); },
                        {{"format", "regex"}});
}

std::optional<std::string> wrong_with_json_pointer(std::string_view pointer)
{
    if (!pointer.empty() && pointer.front() != '/') {
        return fmt::format("\"{}\" is not a JSON pointer; did you mean \"/{}\"?", pointer, pointer);
    }
    for (auto at = pointer.find('~'); at != std::string_view::npos; at = pointer.find('~', at + 1)) {
        if (at + 1 == pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1')) {
            return fmt::format("\"{}\" is not a JSON pointer; expected \"~0\" for \"~\" and \"~1\" for \"/\"", pointer);
        }
    }
    return std::nullopt;
}

ShapePtr<std::string> json_pointer()
{
    return checked_text("a JSON pointer such as \"/token\"",
                        [](const std::string& written) { return wrong_with_json_pointer(written); },
                        {{"pattern", R"(^(/([^~/]|~[01])*)*$|\$\{env\.)"}});
}

std::optional<Template> read_template(const std::string& text, const Cursor& cursor)
{
    auto parsed = parse_template(text, cursor.place());
    if (!parsed) {
        cursor.report(parsed.error().message);
        return std::nullopt;
    }
    constexpr std::string_view prefix = "env.";
    for (auto& segment : parsed->segments) {
        const auto* reference = std::get_if<Reference>(&segment.content);
        if (reference != nullptr && reference->name.starts_with(prefix)) {
            auto value = cursor.environment(reference->name.substr(prefix.size()));
            if (!value) {
                return std::nullopt;
            }
            segment.content = std::move(*value);
        }
    }
    return std::move(*parsed);
}

ShapePtr<Template> template_text()
{
    StringRules<Template> rules;
    rules.expected = "a string";
    rules.keeps_environment = true;
    rules.parse = [](const std::string& text, const Cursor& cursor) -> Result<Template> {
        auto parsed = read_template(text, cursor);
        if (!parsed) {
            return Error();
        }
        return std::move(*parsed);
    };
    return string_shape(std::move(rules));
}

} // namespace squall::scenario
