#include "catch.hpp"
#include "fill.hpp"

#include "result/json.hpp"
#include "result/load_limit_fields.hpp"
#include "result/run_result_fields.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <limits>

namespace squall::result {
namespace {

template <typename T>
T filled()
{
    T document;
    Filler filler;
    filler.fill(document);
    document.format = 1;
    return document;
}

/// One described type and every described type inside it: each must describe all that it has, with a sentence.
struct CheckDescribed {
    template <typename Struct, typename Member>
    void operator()(std::string_view name, Member Struct::*, std::string_view doc)
    {
        INFO(name);
        CHECK_FALSE(name.empty());
        CHECK(doc.size() > 8);
        CHECK(doc.back() == '.');
        check_type<Member>();
    }

    template <typename T>
    void check_type()
    {
        if constexpr (Described<T>) {
            INFO(typeid(T).name());
            CHECK(count_described<T>() == count_members<T>());
            describe(*this, Of<T>{});
        } else if constexpr (ListOfValues<T> || MaybeValue<T>) {
            check_type<typename T::value_type>();
        } else if constexpr (MapByText<T>) {
            check_type<typename T::mapped_type>();
        }
    }
};

template <typename Struct>
struct CheckNotDefault {
    const Struct& value;
    template <typename Member>
    void operator()(std::string_view name, Member Struct::*member, std::string_view /*doc*/)
    {
        INFO(name);
        CHECK((name == "format" || value.*member != Struct{}.*member));
    }
};

std::string error_of(std::string_view member_path, std::string_view json_text)
{
    // Puts `json_text` at a place such as "/steps/1/response/p99_seconds" of a good result.
    auto json = to_json(filled<RunResult>());
    const boost::json::string_view path(member_path.data(), member_path.size());
    json.at_pointer(path) = boost::json::parse(boost::json::string_view(json_text.data(), json_text.size()));
    const auto read = run_result_from_json(json);
    REQUIRE(read.has_error());
    return read.error().message;
}

} // namespace

TEST_CASE("every member of a result, a comparison and a load limit is described, with a sentence")
{
    CheckDescribed check;
    check.check_type<RunResult>();
    check.check_type<Comparison>();
    check.check_type<LoadLimit>();
}

TEST_CASE("a result with every member set survives the way to text and back")
{
    const auto before = filled<RunResult>();
    CheckNotDefault<RunResult> not_default{before};
    describe(not_default, Of<RunResult>{});
    const auto after = run_result_from_json(boost::json::parse(pretty(to_json(before))));
    REQUIRE(after.has_value());
    CHECK(after.value() == before);
}

TEST_CASE("a comparison with every member set survives the way to text and back")
{
    const auto before = filled<Comparison>();
    CheckNotDefault<Comparison> not_default{before};
    describe(not_default, Of<Comparison>{});
    const auto after = comparison_from_json(boost::json::parse(pretty(to_json(before))));
    REQUIRE(after.has_value());
    CHECK(after.value() == before);
}

TEST_CASE("a load limit with every member set survives the way to text and back")
{
    const auto before = filled<LoadLimit>();
    CheckNotDefault<LoadLimit> not_default{before};
    describe(not_default, Of<LoadLimit>{});
    const auto after = load_limit_from_json(boost::json::parse(pretty(to_json(before))));
    REQUIRE(after.has_value());
    CHECK(after.value() == before);
}

TEST_CASE("numbers that JSON cannot hold")
{
    RunResult result;
    result.totals.error_rate = std::numeric_limits<double>::quiet_NaN();
    result.totals.requests_per_second = std::numeric_limits<double>::infinity();
    result.leaks.emplace_back();
    const auto json = to_json(result);

    SECTION("a number that is not finite is written as null and read as not a number")
    {
        CHECK(json.at_pointer("/totals/requests_per_second").is_null());
        const auto read = run_result_from_json(json);
        REQUIRE(read.has_value());
        CHECK(std::isnan(read.value().totals.error_rate));
    }
    SECTION("an empty optional is null, present, and read as empty")
    {
        CHECK(json.at_pointer("/leaks/0/per_hour").is_null());
        CHECK_FALSE(run_result_from_json(json).value().leaks[0].per_hour.has_value());
    }
}

TEST_CASE("an error names the member by its path")
{
    CHECK(error_of("/steps/1/response/p99_seconds", "\"fast\"") ==
          "steps[1].response.p99_seconds: expected a number, found the text \"fast\"");
    CHECK(error_of("/slos/0/outcome", "\"perhaps\"") ==
          "slos[0].outcome: expected one of met, missed, not_shown, found the text \"perhaps\"");
    CHECK(error_of("/totals/requests", "-3") ==
          "totals.requests: expected a whole number from 0 to 18446744073709551615, found the number -3");
    CHECK(error_of("/totals/requests", "1.5") ==
          "totals.requests: expected a whole number from 0 to 18446744073709551615, found the number 1.5E0");
    CHECK(error_of("/run/name", "[]") == "run.name: expected a text, found a list");
    CHECK(error_of("/run/interrupted", "null") == "run.interrupted: expected true or false, found null");
    CHECK(error_of("/steps", "{}") == "steps: expected a list, found an object");
    CHECK(error_of("/leaks/0/per_hour", "7") == "leaks[0].per_hour: expected an object, found the number 7");
    CHECK(error_of("/steps/0/statuses/another", "true") ==
          "steps[0].statuses.another: expected a whole number from 0 to 18446744073709551615, found true");
}

TEST_CASE("reading a result that another squall wrote")
{
    auto json = to_json(filled<RunResult>());

    SECTION("a newer format is refused in words, whatever else it holds")
    {
        const auto read = run_result_from_json(boost::json::parse(R"({"format": 2, "run": 5})"));
        REQUIRE(read.has_error());
        CHECK(read.error().message == "format: this is a run result of format 2, and this squall reads formats 1 to 1; "
                                      "read it with the squall that wrote it, or a newer one");
    }
    SECTION("an unknown member is ignored")
    {
        json.as_object()["tomorrow"] = 1;
        json.at_pointer("/run").as_object()["colour"] = "blue";
        CHECK(run_result_from_json(json).value() == filled<RunResult>());
    }
    SECTION("a missing member is an error that names it: an empty document never reads as a passed run")
    {
        json.at_pointer("/leaks/1").as_object().erase("verdict");
        CHECK(run_result_from_json(json).error().message == "leaks[1].verdict: is missing");
        CHECK(run_result_from_json(boost::json::parse("{}")).error().message == "format: is missing");
        CHECK(run_result_from_json(boost::json::parse("[]")).error().message ==
              "the document: expected an object, found a list");
    }
    SECTION("a missing optional is empty")
    {
        json.at_pointer("/leaks/1").as_object().erase("per_hour");
        CHECK_FALSE(run_result_from_json(json).value().leaks[1].per_hour.has_value());
    }
}

TEST_CASE("pretty JSON")
{
    SECTION("what fits on a line stays on a line")
    {
        CHECK(pretty(boost::json::parse(R"({"a":[{"at":0.1,"value":3},{"at":1e300,"value":-1}],"b":{}})")) ==
              "{\"a\": [{\"at\": 0.1, \"value\": 3}, {\"at\": 1e+300, \"value\": -1}], \"b\": {}}\n");
    }
    SECTION("what does not is indented by two")
    {
        const std::string word(60, 'x');
        CHECK(pretty(boost::json::array{word, boost::json::object{{"k", word}}, boost::json::array{}}) ==
              "[\n  \"" + word + "\",\n  {\"k\": \"" + word + "\"},\n  []\n]\n");
    }
}

} // namespace squall::result
