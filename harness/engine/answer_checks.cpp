#include "engine/answer_checks.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace squall::engine {
namespace {

namespace json = boost::json;
using measure::ErrorKind;
using JsonKind = scenario::JsonExpectation::Kind;

constexpr std::size_t shown_bytes = 120;

std::string excerpt(std::string_view text)
{
    const auto shown = text.substr(0, shown_bytes);
    return fmt::format("\"{}{}\"", shown, shown.size() < text.size() ? "…" : "");
}

bool status_accepted(const plan::AnswerChecks& checks, int status)
{
    if (checks.status.empty()) {
        return status < 400;
    }
    return std::any_of(checks.status.begin(), checks.status.end(),
                       [status](const auto& match) { return status >= match.first && status <= match.last; });
}

std::string expected_status(const plan::AnswerChecks& checks)
{
    if (checks.status.empty()) {
        return "below 400";
    }
    std::string text;
    for (const auto& match : checks.status) {
        text += text.empty() ? "" : " or ";
        text += match.first == match.last ? std::to_string(match.first) : fmt::format("{}xx", match.first / 100);
    }
    return text;
}

bool found(const plan::Pattern& pattern, std::string_view text)
{
    return std::regex_search(text.begin(), text.end(), *pattern.regex);
}

std::string_view kind_name(const json::value& value)
{
    switch (value.kind()) {
    case json::kind::null:
        return "null";
    case json::kind::bool_:
        return "boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
        return "number";
    case json::kind::string:
        return "string";
    case json::kind::array:
        return "array";
    case json::kind::object:
        return "object";
    }
    return "nothing";
}

std::string as_text(const json::value& value)
{
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

std::string_view wanted_kind(JsonKind kind)
{
    switch (kind) {
    case JsonKind::string:
        return "string";
    case JsonKind::number:
        return "number";
    case JsonKind::boolean:
        return "boolean";
    case JsonKind::array:
        return "array";
    case JsonKind::object:
        return "object";
    case JsonKind::null:
        return "null";
    default:
        return "";
    }
}

/// Nothing when the check holds, else what was wrong.
std::optional<std::string> json_failure(const plan::JsonCheck& check, const json::value& document)
{
    const auto& expected = check.expectation;
    boost::system::error_code missing;
    const auto* value = document.find_pointer(expected.pointer, missing);
    if (value == nullptr) {
        return fmt::format("{} is missing", expected.pointer);
    }
    switch (expected.kind) {
    case JsonKind::present:
        return std::nullopt;
    case JsonKind::equals:
        if (boost::system::error_code bad; json::parse(expected.value, bad) == *value) {
            return std::nullopt;
        }
        return fmt::format("{} is {}, expected {}", expected.pointer, excerpt(json::serialize(*value)), expected.value);
    case JsonKind::matches:
        if (found(*check.pattern, as_text(*value))) {
            return std::nullopt;
        }
        return fmt::format("{} is {}, expected a match of {}", expected.pointer, excerpt(as_text(*value)),
                           check.pattern->source);
    default:
        break;
    }
    if (kind_name(*value) == wanted_kind(expected.kind)) {
        return std::nullopt;
    }
    return fmt::format("{} is a {}, expected a {}", expected.pointer, kind_name(*value), wanted_kind(expected.kind));
}

CheckOutcome check_text(const plan::AnswerChecks& checks, const AnswerView& answer)
{
    if (!status_accepted(checks, answer.status)) {
        return {ErrorKind::status, fmt::format("status {}, expected {}; body {}", answer.status,
                                               expected_status(checks), excerpt(answer.body))};
    }
    for (const auto& check : checks.headers) {
        const auto value = answer.header(check.name);
        if (!value || !found(check.pattern, *value)) {
            return {ErrorKind::header, fmt::format("header {} is {}, expected a match of {}", check.name,
                                                   value ? excerpt(*value) : "missing", check.pattern.source)};
        }
    }
    for (const auto& pattern : checks.body) {
        if (!found(pattern, answer.body)) {
            return {ErrorKind::body,
                    fmt::format("nothing in the body matches {}; body {}", pattern.source, excerpt(answer.body))};
        }
    }
    return {};
}

/// Parses the body at most once, and only for a step that looks into it.
class JsonBody {
public:
    explicit JsonBody(const AnswerView& answer) : body_(answer.body), given_(answer.document) {}

    /// Null when the body is not JSON.
    const json::value* get()
    {
        if (given_ != nullptr) {
            return given_;
        }
        if (!parsed_) {
            parsed_ = true;
            document_ = json::parse(body_, error_);
        }
        return error_ ? nullptr : &document_;
    }

private:
    std::string_view body_;
    const json::value* given_;
    bool parsed_ = false;
    boost::system::error_code error_;
    json::value document_;
};

std::optional<std::string> extract(const plan::SaveRule& rule, const AnswerView& answer, JsonBody& body)
{
    switch (rule.source) {
    case scenario::Save::Source::header:
        if (const auto value = answer.header(rule.argument)) {
            return std::string(*value);
        }
        return std::nullopt;
    case scenario::Save::Source::regex: {
        std::match_results<std::string_view::const_iterator> match;
        if (!std::regex_search(answer.body.begin(), answer.body.end(), match, *rule.pattern->regex)) {
            return std::nullopt;
        }
        return match[match.size() > 1 ? 1 : 0].str();
    }
    case scenario::Save::Source::column: // of rows, not of a message
        return std::nullopt;
    case scenario::Save::Source::json:
        break;
    }
    const auto* document = body.get();
    boost::system::error_code missing;
    const auto* value = document == nullptr ? nullptr : document->find_pointer(rule.argument, missing);
    return value == nullptr ? std::nullopt : std::optional(as_text(*value));
}

} // namespace

CheckOutcome judge_answer(const plan::Step& step, const AnswerView& answer, plan::UserMemory& memory)
{
    if (auto wrong = check_text(step.checks, answer); wrong.kind != ErrorKind::none) {
        return wrong;
    }
    if (step.checks.json.empty() && step.saves.empty()) {
        return {};
    }
    JsonBody body(answer);
    for (const auto& check : step.checks.json) {
        const auto* document = body.get();
        if (document == nullptr) {
            return {ErrorKind::json, fmt::format("the body is not JSON: {}", excerpt(answer.body))};
        }
        if (auto wrong = json_failure(check, *document)) {
            return {ErrorKind::json, std::move(*wrong)};
        }
    }
    for (const auto& rule : step.saves) {
        auto value = extract(rule, answer, body);
        if (!value) {
            return {ErrorKind::save,
                    fmt::format("nothing to save at {}; body {}", rule.argument, excerpt(answer.body))};
        }
        memory.set(rule.slot, std::move(*value));
    }
    return {};
}

CheckOutcome judge_refusal(const plan::Pattern& expected, CheckOutcome met)
{
    if (met.kind == ErrorKind::none) {
        return {ErrorKind::body, fmt::format("the server did it, expected an error that matches {}", expected.source)};
    }
    if (!measure::is_refusal(met.kind)) {
        return met;
    }
    if (found(expected, met.text)) {
        return {};
    }
    return {ErrorKind::body,
            fmt::format("the error is {}, expected a match of {}", excerpt(met.text), expected.source)};
}

} // namespace squall::engine
