// The claim: a run's folder tells the same as the run did, two runs are compared, and the seed repeats a run.
#include "scenarios.hpp"
#include "squall_process.hpp"

#include "catch.hpp"
#include "result/result_file.hpp"

#include <boost/json.hpp>

#include <filesystem>

using namespace squall;
using namespace squall::cli::test;
using namespace std::chrono_literals;

namespace {

boost::json::value parsed(const std::string& text)
{
    boost::json::error_code error;
    auto value = boost::json::parse(text, error);
    INFO(text.substr(0, 400));
    REQUIRE_FALSE(error);
    return value;
}

/// Follows the schema's own required members and references, as far as objects and arrays go.
void has_what_the_schema_requires(const boost::json::value& value, const boost::json::value& schema,
                                  const boost::json::value& root, const std::string& where)
{
    CAPTURE(where);
    const auto& rules = schema.as_object();
    if (const auto* reference = rules.if_contains("$ref")) {
        const std::string pointer(reference->as_string());
        boost::json::error_code error;
        const auto* other = root.find_pointer(pointer.substr(1), error);
        REQUIRE(other != nullptr);
        has_what_the_schema_requires(value, *other, root, where);
        return;
    }
    if (const auto* required = rules.if_contains("required")) {
        REQUIRE(value.is_object());
        for (const auto& name : required->as_array()) {
            CAPTURE(std::string(name.as_string()));
            CHECK(value.as_object().contains(name.as_string()));
        }
    }
    const auto* properties = rules.if_contains("properties");
    if (properties != nullptr && value.is_object()) {
        for (const auto& [name, rule] : properties->as_object()) {
            if (const auto* member = value.as_object().if_contains(name); member != nullptr && !member->is_null()) {
                has_what_the_schema_requires(*member, rule, root, where + "/" + std::string(name));
            }
        }
    }
    const auto* items = rules.if_contains("items");
    if (items != nullptr && value.is_array() && !value.as_array().empty()) {
        has_what_the_schema_requires(value.as_array().front(), *items, root, where + "/0");
    }
}

} // namespace

TEST_CASE("a finished run is shown again, fits its schema, and repeats with its seed")
{
    Workplace place;
    place.write("service.py", python_service);
    place.write("short.toml", short_scenario);
    const auto first = place.squall({"run", "short.toml", "--seed", "11", "--out", "first"});
    INFO(first.out << first.err);
    REQUIRE(first.exit_code == 0);
    CHECK(place.remains(first.err).empty());

    const auto again = place.squall({"report", "first"});
    CHECK(again.exit_code == 0);
    CHECK(again.out == first.out);

    const auto schema = place.squall({"schema", "result"});
    CHECK(schema.exit_code == 0);
    const auto rules = parsed(schema.out);
    CHECK(rules.as_object().contains("required"));
    has_what_the_schema_requires(parsed(place.read("first/result.json")), rules, rules, "");
    for (const char* key : {"format", "run", "verdict", "generator", "totals", "steps", "slos", "stamps"}) {
        CAPTURE(key);
        CHECK(parsed(place.read("first/result.json")).as_object().contains(key));
    }

    const auto second = place.squall({"run", "short.toml", "--seed", "11", "--out", "second"});
    const auto other = place.squall({"run", "short.toml", "--seed", "12", "--out", "other"});
    REQUIRE(second.exit_code == 0);
    const auto one = result::read_result(place.path() / "first");
    const auto two = result::read_result(place.path() / "second");
    const auto three = result::read_result(place.path() / "other");
    REQUIRE((one.has_value() && two.has_value() && three.has_value()));
    CHECK(one->run.seed == 11);
    CHECK(one->generator.iterations_scheduled > 40);
    CHECK(one->generator.iterations_scheduled == two->generator.iterations_scheduled);
    CHECK(three->run.seed == 12);

    // A journal alone tells the same figures.
    std::filesystem::remove(place.path() / "second" / "result.json");
    const auto from_journal = place.squall({"report", "second"});
    CHECK(from_journal.exit_code == 0);
    CHECK_THAT(from_journal.out, ContainsSubstring("look"));
}

TEST_CASE("a folder that holds no run is refused")
{
    Workplace place;
    const auto report = place.squall({"report", "tmp"});
    CHECK(report.exit_code == 1);
    CHECK_THAT(report.err, ContainsSubstring("give the folder of a run"));
    const auto compare = place.squall({"compare", "tmp", "nowhere"});
    CHECK(compare.exit_code == 1);
    CHECK_THAT(compare.err, ContainsSubstring("tmp"));
    CHECK_THAT(compare.err, ContainsSubstring("nowhere"));
}

TEST_CASE("the schema of the scenario language is JSON and names its keys")
{
    Workplace place;
    const auto ended = place.squall({"schema"});
    CHECK(ended.exit_code == 0);
    const auto schema = parsed(ended.out);
    for (const char* key : {"stack", "user", "slo", "profile", "duration"}) {
        CAPTURE(key);
        CHECK(schema.at("properties").as_object().contains(key));
    }
    parsed(place.squall({"schema", "comparison"}).out);
    CHECK(place.squall({"schema", "nonsense"}).exit_code == 1);
}

TEST_CASE("two runs of the smoke scenario compare as equal")
{
    Workplace place;
    const std::string smoke = SQUALL_SOURCE_DIR "/scenarios/smoke.toml";
    for (const char* out : {"one", "two"}) {
        const auto ended = place.squall({"run", smoke, "--for", "3s", "--out", out});
        INFO(ended.out << ended.err);
        REQUIRE(ended.exit_code == 0);
        CHECK(place.remains(ended.err).empty());
    }
    const auto compared = place.squall({"compare", "one", "two"});
    INFO(compared.out << compared.err);
    CHECK(compared.exit_code == 0);
    CHECK_THAT(compared.out, ContainsSubstring("login"));
    CHECK_THAT(compared.out, ContainsSubstring("error_rate"));
    parsed(place.squall({"compare", "one", "two", "--json"}).out);
}
