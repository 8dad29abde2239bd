// A condition on a user's values: "${status} == done".
#include "base/text.hpp"
#include "scenario/shapes/scalars.hpp"
#include "scenario/tables/tables.hpp"

#include <array>
#include <utility>

namespace squall::scenario {
namespace {

using Comparison = Condition::Comparison;

constexpr std::string_view condition_expected = "a condition such as \"${status} == done\" or \"${token}\"";

// A longer sign stands before the shorter one that it begins with.
constexpr std::array<std::pair<std::string_view, Comparison>, 8> signs{{
    {" == ", Comparison::equal},
    {" != ", Comparison::not_equal},
    {" <= ", Comparison::less_or_equal},
    {" >= ", Comparison::greater_or_equal},
    {" < ", Comparison::less},
    {" > ", Comparison::greater},
    {" contains ", Comparison::contains},
    {" matches ", Comparison::matches},
}};

std::optional<Template> side(std::string_view text, const Cursor& cursor)
{
    auto plain = trim(text);
    const bool quoted = plain.size() >= 2 && plain.front() == '\'' && plain.back() == '\'';
    return read_template(std::string(quoted ? plain.substr(1, plain.size() - 2) : plain), cursor);
}

Result<Condition> parse_condition(const std::string& text, const Cursor& cursor)
{
    if (trim(text).empty()) {
        return fail("the condition is empty; expected {}", condition_expected);
    }
    std::size_t at = std::string::npos;
    std::pair<std::string_view, Comparison> found{"", Comparison::is_true};
    for (const auto& sign : signs) {
        const auto position = text.find(sign.first);
        if (position < at) {
            at = position;
            found = sign;
        }
    }
    auto left = side(std::string_view(text).substr(0, at), cursor);
    if (!left) {
        return Error(); // reported
    }
    Condition condition{std::move(*left), found.second, {}};
    if (found.second == Comparison::is_true) {
        if (condition.left.is_constant()) {
            return fail("\"{}\" is always the same; expected {}", text, condition_expected);
        }
        return condition;
    }
    const auto rest = trim(std::string_view(text).substr(at + found.first.size()));
    if (found.second == Comparison::matches) {
        if (const auto wrong = wrong_with_regex(std::string(rest))) {
            return Error::saying(*wrong);
        }
    }
    auto right = side(rest, cursor);
    if (!right) {
        return Error(); // reported
    }
    condition.right = std::move(*right);
    return condition;
}

} // namespace

ShapePtr<Condition> condition_shape()
{
    StringRules<Condition> rules;
    rules.expected = condition_expected;
    rules.schema = {{"minLength", 1}};
    rules.keeps_environment = true;
    rules.parse = parse_condition;
    return string_shape(std::move(rules));
}

} // namespace squall::scenario
