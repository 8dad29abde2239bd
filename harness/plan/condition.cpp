#include "plan/condition.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

namespace squall::plan {
namespace {

using Comparison = scenario::Condition::Comparison;

/// NaN, which compares with nothing, where the text is no number.
double number_of(std::string_view text)
{
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole ? number : std::numeric_limits<double>::quiet_NaN();
}

bool is_true(std::string_view text)
{
    return !text.empty() && text != "0" && text != "false";
}

bool compare(const Condition& condition, std::string_view left, std::string_view right)
{
    switch (condition.comparison) {
    case Comparison::is_true:
        return is_true(left);
    case Comparison::equal:
        return left == right;
    case Comparison::not_equal:
        return left != right;
    case Comparison::less:
        return number_of(left) < number_of(right);
    case Comparison::less_or_equal:
        return number_of(left) <= number_of(right);
    case Comparison::greater:
        return number_of(left) > number_of(right);
    case Comparison::greater_or_equal:
        return number_of(left) >= number_of(right);
    case Comparison::contains:
        return left.find(right) != std::string_view::npos;
    case Comparison::matches:
        break;
    }
    return std::regex_search(left.begin(), left.end(), *condition.pattern->regex);
}

} // namespace

bool holds(const Condition& condition, const UserMemory& memory, GeneratorState& generators, std::string& scratch)
{
    scratch.clear();
    render(condition.left, memory, generators, scratch);
    const auto middle = scratch.size();
    render(condition.right, memory, generators, scratch);
    const std::string_view both = scratch;
    return compare(condition, both.substr(0, middle), both.substr(middle));
}

std::uint32_t rounds_of(const BoundText& times, const UserMemory& memory, GeneratorState& generators,
                        std::string& scratch)
{
    scratch.clear();
    render(times, memory, generators, scratch);
    std::uint32_t rounds = 0;
    const auto [end, error] = std::from_chars(scratch.data(), scratch.data() + scratch.size(), rounds);
    return error == std::errc() && end == scratch.data() + scratch.size() ? rounds : 0;
}

} // namespace squall::plan
