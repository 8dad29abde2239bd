#include "catch.hpp"
#include "fill.hpp"

#include "result/json.hpp"
#include "result/load_limit_fields.hpp"
#include "result/run_result_fields.hpp"

#include <boost/json/value.hpp>

#include <algorithm>

namespace squall::result {
namespace {

using boost::json::value;

bool has_type(const value& json, std::string_view type)
{
    return (type == "object" && json.is_object()) || (type == "array" && json.is_array()) ||
           (type == "string" && json.is_string()) || (type == "boolean" && json.is_bool()) ||
           (type == "integer" && (json.is_int64() || json.is_uint64())) || (type == "number" && json.is_number()) ||
           (type == "null" && json.is_null());
}

bool allows_type(const value& types, const value& json)
{
    if (types.is_string()) {
        return has_type(json, types.get_string());
    }
    const auto& list = types.as_array();
    return std::any_of(list.begin(), list.end(), [&](const value& type) { return has_type(json, type.get_string()); });
}

/// The keywords that our schemas use: type, properties, required, items, additionalProperties, enum, minimum, anyOf.
/// Returns the paths of what is wrong.
std::vector<std::string> violations(const value& schema, const value& json, const std::string& path = "")
{
    if (const auto* any_of = schema.as_object().if_contains("anyOf")) {
        std::vector<std::string> first;
        for (const auto& choice : any_of->as_array()) {
            auto found = violations(choice, json, path);
            if (found.empty()) {
                return {};
            }
            first = first.empty() ? found : first;
        }
        return first;
    }
    if (!allows_type(schema.at("type"), json)) {
        return {path + ": wrong type"};
    }
    std::vector<std::string> found;
    const auto append = [&](std::vector<std::string> more) { found.insert(found.end(), more.begin(), more.end()); };
    if (const auto* words = schema.as_object().if_contains("enum")) {
        const auto& list = words->as_array();
        if (std::find(list.begin(), list.end(), json) == list.end()) {
            found.push_back(path + ": not in enum");
        }
    }
    if (schema.as_object().contains("minimum") && json.is_int64() && json.get_int64() < 0) {
        found.push_back(path + ": below minimum");
    }
    if (const auto* required = schema.as_object().if_contains("required")) {
        for (const auto& name : required->as_array()) {
            if (!json.as_object().contains(name.as_string())) {
                found.push_back(path + "/" + std::string(name.as_string()) + ": missing");
            }
        }
    }
    if (const auto* properties = schema.as_object().if_contains("properties")) {
        for (const auto& member : json.as_object()) {
            const auto* of_member = properties->as_object().if_contains(member.key());
            const auto member_path = path + "/" + std::string(member.key());
            if (of_member == nullptr) {
                found.push_back(member_path + ": not in the schema");
            } else {
                append(violations(*of_member, member.value(), member_path));
            }
        }
    }
    if (const auto* of_values = schema.as_object().if_contains("additionalProperties")) {
        for (const auto& member : json.as_object()) {
            append(violations(*of_values, member.value(), path + "/" + std::string(member.key())));
        }
    }
    if (const auto* items = schema.as_object().if_contains("items")) {
        for (const auto& element : json.as_array()) {
            append(violations(*items, element, path + "/*"));
        }
    }
    return found;
}

template <typename T>
value filled_json()
{
    T document;
    Filler filler;
    filler.fill(document);
    return to_json(document);
}

} // namespace

TEST_CASE("what is written validates against the schema")
{
    CHECK(violations(run_result_schema(), filled_json<RunResult>()) == std::vector<std::string>{});
    CHECK(violations(run_result_schema(), to_json(RunResult{})) == std::vector<std::string>{});
    CHECK(violations(comparison_schema(), filled_json<Comparison>()) == std::vector<std::string>{});
    CHECK(violations(comparison_schema(), to_json(Comparison{})) == std::vector<std::string>{});
    CHECK(violations(load_limit_schema(), filled_json<LoadLimit>()) == std::vector<std::string>{});
    CHECK(violations(load_limit_schema(), to_json(LoadLimit{})) == std::vector<std::string>{});
}

TEST_CASE("optional structs are null or whole")
{
    RunResult result;
    result.leaks.emplace_back();
    CHECK(violations(run_result_schema(), to_json(result)) == std::vector<std::string>{});
}

TEST_CASE("the schema refuses what is wrong")
{
    auto json = filled_json<RunResult>();
    json.at_pointer("/run").as_object().erase("seed");
    json.at_pointer("/steps/0/requests") = -1;
    json.at_pointer("/slos/1/outcome") = "perhaps";
    json.at_pointer("/leaks/0/per_hour/low") = "much";
    json.at_pointer("/totals").as_object()["colour"] = "blue";
    CHECK(violations(run_result_schema(), json) ==
          std::vector<std::string>{"/run/seed: missing", "/totals/colour: not in the schema",
                                   "/steps/*/requests: below minimum", "/leaks/*/per_hour/low: wrong type",
                                   "/slos/*/outcome: not in enum"});
}

TEST_CASE("the schema says which dialect it speaks and describes every member")
{
    const auto schema = run_result_schema();
    CHECK(schema.at("$schema").as_string() == "https://json-schema.org/draft/2020-12/schema");
    CHECK(schema.at("title").as_string() == "The result of a squall run (result.json)");
    CHECK(schema.at_pointer("/properties/generator/properties/send_lag_p99_seconds/description").as_string() ==
          "99th percentile of that delay.");
    CHECK(schema.at_pointer("/properties/slos/items/properties/outcome/enum").as_array().size() == 3);
    CHECK(schema.at_pointer("/properties/steps/items/properties/statuses/additionalProperties/type").as_string() ==
          "integer");
}

} // namespace squall::result
