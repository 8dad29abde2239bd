#include "engine/answer_checks.hpp"

#include "catch.hpp"

using namespace squall;
using engine::AnswerView;
using engine::judge_answer;
using measure::ErrorKind;
using scenario::JsonExpectation;

namespace {

plan::Pattern pattern(const std::string& text)
{
    return {text, std::make_shared<const std::regex>(text)};
}

plan::Step step_with(plan::AnswerChecks checks)
{
    plan::Step step;
    step.checks = std::move(checks);
    return step;
}

plan::JsonCheck json_check(std::string pointer, JsonExpectation::Kind kind, std::string value = "")
{
    plan::JsonCheck check;
    check.expectation = {std::move(pointer), kind, value};
    if (kind == JsonExpectation::Kind::matches) {
        check.pattern = pattern(value);
    }
    return check;
}

} // namespace

TEST_CASE("the status of an answer")
{
    plan::UserMemory memory(1);
    const auto kind_of = [&memory](const plan::Step& step, int status) {
        return judge_answer(step, AnswerView{status, nullptr, "oops"}, memory).kind;
    };
    SECTION("is below 400 when the scenario says nothing")
    {
        const auto step = step_with({});
        CHECK(kind_of(step, 200) == ErrorKind::none);
        CHECK(kind_of(step, 302) == ErrorKind::none);
        CHECK(kind_of(step, 400) == ErrorKind::status);
        CHECK(kind_of(step, 503) == ErrorKind::status);
    }
    SECTION("is one of those that the scenario names")
    {
        plan::AnswerChecks checks;
        checks.status = {{401, 401}, {200, 299}};
        const auto step = step_with(checks);
        CHECK(kind_of(step, 204) == ErrorKind::none);
        CHECK(kind_of(step, 401) == ErrorKind::none);
        CHECK(kind_of(step, 302) == ErrorKind::status);
        CHECK(judge_answer(step, AnswerView{500, nullptr, "oops"}, memory).text ==
              "status 500, expected 401 or 2xx; body \"oops\"");
    }
}

TEST_CASE("headers and body of an answer")
{
    plan::UserMemory memory(1);
    drivers::HeaderList headers;
    headers.add("Content-Type", "application/json; charset=utf-8");
    plan::AnswerChecks checks;
    checks.headers = {{"content-type", pattern("json")}};
    checks.body = {pattern("\"id\": *[0-9]+")};
    const auto step = step_with(checks);

    CHECK(judge_answer(step, {200, &headers, R"({"id": 7})"}, memory).kind == ErrorKind::none);
    CHECK(judge_answer(step, {200, &headers, R"({"id": "x"})"}, memory).kind == ErrorKind::body);
    CHECK(judge_answer(step, {200, nullptr, R"({"id": 7})"}, memory).kind == ErrorKind::header);
}

TEST_CASE("JSON in an answer")
{
    plan::UserMemory memory(1);
    using Kind = JsonExpectation::Kind;
    const std::string body = R"({"token": "abc", "n": 3, "ok": true, "list": [], "none": null})";
    const auto outcome = [&](const plan::JsonCheck& check, const std::string& text) {
        plan::AnswerChecks checks;
        checks.json = {check};
        return judge_answer(step_with(checks), {200, nullptr, text}, memory);
    };
    SECTION("has the kind that was expected")
    {
        CHECK(outcome(json_check("/token", Kind::string), body).kind == ErrorKind::none);
        CHECK(outcome(json_check("/n", Kind::number), body).kind == ErrorKind::none);
        CHECK(outcome(json_check("/ok", Kind::boolean), body).kind == ErrorKind::none);
        CHECK(outcome(json_check("/list", Kind::array), body).kind == ErrorKind::none);
        CHECK(outcome(json_check("/none", Kind::null), body).kind == ErrorKind::none);
        CHECK(outcome(json_check("/n", Kind::string), body).text == "/n is a number, expected a string");
    }
    SECTION("has the value that was expected")
    {
        CHECK(outcome(json_check("/n", Kind::equals, "3"), body).kind == ErrorKind::none);
        CHECK(outcome(json_check("/n", Kind::equals, "4"), body).kind == ErrorKind::json);
        CHECK(outcome(json_check("/token", Kind::matches, "^a"), body).kind == ErrorKind::none);
        CHECK(outcome(json_check("/token", Kind::matches, "^b"), body).kind == ErrorKind::json);
    }
    SECTION("is missing, or is no JSON at all")
    {
        CHECK(outcome(json_check("/gone", Kind::present), body).text == "/gone is missing");
        CHECK(outcome(json_check("/token", Kind::present), "<html>").kind == ErrorKind::json);
    }
}

TEST_CASE("saving parts of an answer")
{
    plan::UserMemory memory(1);
    plan::Step step;
    drivers::HeaderList headers;
    headers.add("Location", "/next/7");

    SECTION("by JSON pointer, also what is no text")
    {
        step.saves = {{0, scenario::Save::Source::json, "/id", std::nullopt}};
        CHECK(judge_answer(step, {200, nullptr, R"({"id": 12})"}, memory).kind == ErrorKind::none);
        CHECK(memory.get(0) == "12");
    }
    SECTION("by header, whatever its case")
    {
        step.saves = {{0, scenario::Save::Source::header, "location", std::nullopt}};
        CHECK(judge_answer(step, {302, &headers, ""}, memory).kind == ErrorKind::none);
        CHECK(memory.get(0) == "/next/7");
    }
    SECTION("by the first group of a regular expression")
    {
        step.saves = {{0, scenario::Save::Source::regex, "id=([0-9]+)", pattern("id=([0-9]+)")}};
        CHECK(judge_answer(step, {200, nullptr, "a id=42 b"}, memory).kind == ErrorKind::none);
        CHECK(memory.get(0) == "42");
    }
    SECTION("what is not there is an error, and keeps the value before")
    {
        memory.set(0, "before");
        step.saves = {{0, scenario::Save::Source::json, "/id", std::nullopt}};
        CHECK(judge_answer(step, {200, nullptr, "{}"}, memory).kind == ErrorKind::save);
        CHECK(memory.get(0) == "before");
    }
}

TEST_CASE("a step that expects to be refused")
{
    const auto duplicate = pattern("duplicate key");
    const auto judged = [&duplicate](ErrorKind kind, std::string text) {
        return engine::judge_refusal(duplicate, {kind, std::move(text)});
    };
    SECTION("is right when the server refuses in these words")
    {
        const auto outcome = judged(ErrorKind::query, "23505: duplicate key value");
        CHECK(outcome.kind == ErrorKind::none);
        CHECK(outcome.text.empty());
    }
    SECTION("is wrong when the server does it, or refuses for another reason")
    {
        CHECK(judged(ErrorKind::none, "").kind == ErrorKind::body);
        const auto outcome = judged(ErrorKind::query, "42P01: no such table");
        CHECK(outcome.kind == ErrorKind::body);
        CHECK_THAT(outcome.text, Catch::Contains("42P01") && Catch::Contains("duplicate key"));
    }
    SECTION("does not take a lost connection for a refusal, whatever its text")
    {
        CHECK(judged(ErrorKind::connection_reset, "duplicate key").kind == ErrorKind::connection_reset);
        CHECK(judged(ErrorKind::timeout, "").kind == ErrorKind::timeout);
    }
}
