// Shapes of single values: integers, booleans, and strings with a grammar of their own.
#pragma once

#include "base/quantity.hpp"
#include "base/time.hpp"
#include "scenario/scenario.hpp"
#include "scenario/shapes/shape.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace squall::scenario {

/// A string that `parse` turns into a T. The one way to add a kind of value that is written as a string.
template <typename T>
struct StringRules {
    std::string expected;
    /// The text comes with ${env.NAME} expanded; an error says the whole message, "…; expected …".
    std::function<Result<T>(const std::string& text, const Cursor& cursor)> parse;
    /// JSON Schema beyond "type": a pattern, an enum.
    boost::json::object schema{};
    std::function<std::string(const T&)> show{};
    /// Ends the message about a value that is not a string: `; did you mean "60s"?`
    std::function<std::string(const Node&)> hint{};
    /// parse looks for ${env.NAME} itself.
    bool keeps_environment = false;
};

template <typename T>
class StringShape final : public ShapeOf<T> {
public:
    explicit StringShape(StringRules<T> rules) : rules_(std::move(rules)) {}

    [[nodiscard]] std::string expected() const override { return rules_.expected; }

    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override
    {
        boost::json::object described{{"type", "string"}};
        for (const auto& [key, value] : rules_.schema) {
            described[key] = value;
        }
        return described;
    }

    bool read(const Cursor& cursor, T& into) const override
    {
        const auto text = written(cursor);
        if (!text) {
            return false;
        }
        auto parsed = rules_.parse(*text, cursor);
        if (!parsed) {
            if (!parsed.error().message.empty()) { // empty: already reported
                cursor.report(parsed.error().message);
            }
            return false;
        }
        into = std::move(*parsed);
        return true;
    }

    [[nodiscard]] std::optional<boost::json::value> show(const T& value) const override
    {
        if (!rules_.show) {
            return std::nullopt;
        }
        return boost::json::value(rules_.show(value));
    }

private:
    [[nodiscard]] std::optional<std::string> written(const Cursor& cursor) const
    {
        const auto* raw = cursor.node().template as<std::string>();
        if (raw != nullptr && rules_.keeps_environment) {
            return *raw;
        }
        return cursor.text(rules_.expected, raw == nullptr && rules_.hint ? rules_.hint(cursor.node()) : std::string());
    }

    StringRules<T> rules_;
};

template <typename T>
ShapePtr<T> string_shape(StringRules<T> rules)
{
    return std::make_shared<StringShape<T>>(std::move(rules));
}

/// One of a few words. T may be an enumeration or std::string.
template <typename T>
ShapePtr<T> one_of(std::vector<std::pair<std::string, T>> choices)
{
    std::vector<std::string> words;
    boost::json::array listed;
    for (const auto& [word, value] : choices) {
        words.push_back(word);
        listed.emplace_back(word);
    }
    StringRules<T> rules;
    rules.expected = fmt::format("one of \"{}\"", fmt::join(words, "\", \""));
    rules.schema = {{"enum", std::move(listed)}};
    rules.parse = [choices, words](const std::string& text, const Cursor&) -> Result<T> {
        for (const auto& [word, value] : choices) {
            if (word == text) {
                return value;
            }
        }
        return fail("\"{}\" is not known here{}", text, suggestion(text, words));
    };
    rules.show = [choices](const T& value) {
        for (const auto& [word, known] : choices) {
            if (known == value) {
                return word;
            }
        }
        return std::string();
    };
    return string_shape(std::move(rules));
}

template <typename T>
class IntegerShape final : public ShapeOf<T> {
    static_assert(std::is_integral_v<T>);

public:
    IntegerShape(std::int64_t low, std::int64_t high) : low_(low), high_(high) {}

    [[nodiscard]] std::string expected() const override
    {
        return high_ == INT64_MAX ? fmt::format("an integer from {}", low_)
                                  : fmt::format("an integer from {} to {}", low_, high_);
    }

    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override
    {
        return {{"type", "integer"}, {"minimum", low_}, {"maximum", high_}};
    }

    bool read(const Cursor& cursor, T& into) const override
    {
        const auto* number = cursor.node().template as<std::int64_t>();
        if (number == nullptr) {
            cursor.report_type(expected());
            return false;
        }
        if (*number < low_ || *number > high_) {
            cursor.report(fmt::format("{} is out of range; expected {}", *number, expected()));
            return false;
        }
        into = static_cast<T>(*number);
        return true;
    }

    [[nodiscard]] std::optional<boost::json::value> show(const T& value) const override
    {
        return boost::json::value(static_cast<std::int64_t>(value));
    }

private:
    std::int64_t low_;
    std::int64_t high_;
};

/// From `low` to `high`, both allowed.
template <typename T = int>
ShapePtr<T> integer(std::int64_t low, std::int64_t high)
{
    return std::make_shared<IntegerShape<T>>(low, high);
}

[[nodiscard]] ShapePtr<bool> boolean();
/// A number from 0 to 1.
[[nodiscard]] ShapePtr<double> share();
/// From `low` to `high`, both allowed.
[[nodiscard]] ShapePtr<double> number(double low, double high);
/// "50%" or 0.5.
[[nodiscard]] ShapePtr<Ratio> ratio();
/// "300MiB", above 0.
[[nodiscard]] ShapePtr<ByteCount> size();
[[nodiscard]] ShapePtr<Duration> duration();          // 0 allowed
[[nodiscard]] ShapePtr<Duration> positive_duration(); // above 0
[[nodiscard]] ShapePtr<DurationRange> duration_range();
[[nodiscard]] ShapePtr<Rate> rate();
/// Any text but the empty one.
[[nodiscard]] ShapePtr<std::string> text();
/// As text(); `expected` names what it is for.
[[nodiscard]] ShapePtr<std::string> text_of(std::string expected);
/// Letters, digits and "_", not starting with a digit.
[[nodiscard]] ShapePtr<std::string> identifier();
/// A regular expression (ECMAScript).
[[nodiscard]] ShapePtr<std::string> regex();
/// RFC 6901.
[[nodiscard]] ShapePtr<std::string> json_pointer();
/// Text with ${…}.
[[nodiscard]] ShapePtr<Template> template_text();
/// As template_text(), and numbers and booleans as TOML writes them.
[[nodiscard]] ShapePtr<Template> template_scalar();
/// A string, number or boolean as text.
[[nodiscard]] ShapePtr<std::string> scalar();

/// What is wrong with a regular expression (needing at least `groups` groups) or a JSON pointer; nothing when it is
/// right. Messages are whole: "…; expected …".
[[nodiscard]] std::optional<std::string> wrong_with_regex(const std::string& pattern, unsigned groups = 0);
[[nodiscard]] std::optional<std::string> wrong_with_json_pointer(std::string_view pointer);
[[nodiscard]] bool is_identifier(std::string_view name);

/// The text as a template with ${env.NAME} expanded; reported by `cursor` when it is wrong.
[[nodiscard]] std::optional<Template> read_template(const std::string& text, const Cursor& cursor);

} // namespace squall::scenario
