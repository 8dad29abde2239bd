// The JSON Schema and the parser know the same keys.
#include "every_key.hpp"
#include "every_target_setting.hpp"
#include "scenario/read_toml.hpp"
#include "support.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace squall::scenario;
using namespace squall::scenario::testing;
namespace json = boost::json;

namespace {

/// With a sentence of its own, or one for each of the things that the key may be.
bool is_described(const json::object& schema)
{
    if (const auto* sentence = schema.if_contains("description")) {
        return !sentence->as_string().empty();
    }
    const auto& meanings = schema.at("anyOf").as_array();
    return std::all_of(meanings.begin(), meanings.end(),
                       [](const json::value& meaning) { return is_described(meaning.as_object()); });
}

/// The ways on which a schema's keys may be reached; only of the whole file, as profiles repeat it.
void schema_keys(const json::object& schema, const std::string& path, std::set<std::string>& keys,
                 const json::object& definitions)
{
    // Steps stand in steps without end: those of users are looked at, and what may follow them, once.
    const std::map<std::string, std::string> followed{{".user.step", "#/$defs/steps"},
                                                      {".user.step.on_error", "#/$defs/reaction"}};
    const auto* reference = schema.if_contains("$ref");
    const auto found = followed.find(path);
    if (reference != nullptr && found != followed.end() && reference->as_string() == found->second) {
        const auto name = found->second.substr(std::string_view("#/$defs/").size());
        schema_keys(definitions.at(name).as_object(), path, keys, definitions);
    }
    if (const auto* properties = schema.if_contains("properties")) {
        for (const auto& [key, value] : properties->as_object()) {
            const auto here = path + "." + std::string(key);
            keys.insert(here);
            CHECK(is_described(value.as_object()));
            if (here != ".profile") {
                schema_keys(value.as_object(), here, keys, definitions);
            }
        }
    }
    if (const auto* items = schema.if_contains("items")) {
        schema_keys(items->as_object(), path, keys, definitions);
    }
    if (const auto* more = schema.if_contains("additionalProperties"); more != nullptr && more->is_object()) {
        schema_keys(more->as_object(), path + ".*", keys, definitions);
    }
    if (const auto* either = schema.if_contains("anyOf")) {
        for (const auto& part : either->as_array()) {
            schema_keys(part.as_object(), path, keys, definitions);
        }
    }
}

/// The same ways of a document; keys that the schema leaves to the user are "*".
void document_keys(const Node& node, const std::string& path, const std::set<std::string>& known,
                   std::set<std::string>& keys)
{
    if (const auto* list = node.as<NodeList>()) {
        for (const auto& item : list->items) {
            document_keys(item, path, known, keys);
        }
    } else if (const auto* table = node.as<NodeTable>()) {
        for (const auto& entry : table->entries) {
            const auto named = path + "." + entry.key;
            const auto here = known.contains(named) ? named : path + ".*";
            keys.insert(here);
            document_keys(entry.value, here, known, keys);
        }
    }
}

json::object schema()
{
    return json::parse(json_schema()).as_object();
}

std::set<std::string> all_schema_keys()
{
    std::set<std::string> keys;
    const auto whole = schema();
    schema_keys(whole, "", keys, whole.at("$defs").as_object());
    return keys;
}

} // namespace

TEST_CASE("every key of the schema is one that the parser takes, and the other way round")
{
    const auto known = all_schema_keys();
    std::set<std::string> used;
    auto documents = every_target_settings();
    documents.push_back(every_key);
    for (const auto& text : documents) {
        const auto document = read_toml(text, "s.toml");
        REQUIRE(std::holds_alternative<Node>(document));
        document_keys(std::get<Node>(document), "", known, used);
    }
    for (const auto& key : known) {
        INFO(key << " is in the schema and not in the file that the parser has read");
        CHECK(used.contains(key));
    }
}

TEST_CASE("the parser takes no key that the schema has not")
{
    // One unknown key in every table: if the parser took it, its problem would be missing.
    CHECK(
        problems("[stack]\npostgres = { q9 = 1 }\npgbouncer = { q9 = 1 }\nredis = { q9 = 1 }\n"
                 "target = { q9 = 1, pool = { q9 = 1 } }\nservice.a = { command = \"a\", q9 = 1 }\n[tls]\nq9 = 1\n"
                 "[slo]\nchecks = []\nq9 = 1\n[[probe]]\nname = \"p\"\nfiles = \"x\"\nq9 = 1\n[[user]]\nname = \"u\"\n"
                 "q9 = 1\narrival = { closed = 1, q9 = 1 }\ndata = { file = \"f\", q9 = 1 }\n[[user.step]]\n"
                 "http = \"GET ${api}/\"\nq9 = 1\nexpect = { q9 = 1 }\n")
            .size() == 14);
}

TEST_CASE("the schema closes every table and tells defaults, units and words")
{
    const auto whole = schema();
    CHECK(whole.at("$schema").as_string() == "https://json-schema.org/draft/2020-12/schema");
    CHECK_FALSE(whole.at("additionalProperties").as_bool());
    const auto& duration = whole.at("properties").at("duration").as_object();
    CHECK(duration.at("default").as_string() == "30s");
    CHECK(duration.contains("pattern"));
    CHECK_FALSE(whole.at("properties").at("primer").as_object().contains("default"));
    const auto& mode =
        whole.at("properties").at("stack").at("properties").at("pgbouncer").at("properties").at("pool_mode");
    CHECK(mode.at("enum") == json::value{"session", "transaction", "statement"});
    CHECK(mode.at("default").as_string() == "transaction");
    const auto& user = whole.at("properties").at("user").at("items").as_object();
    CHECK(user.at("required") == json::value{"name", "arrival", "step"});
    const auto& profile = whole.at("properties").at("profile").at("additionalProperties").as_object();
    CHECK(profile.at("properties").as_object().contains("extends"));
    CHECK_FALSE(profile.contains("required"));
}
