#include "base/text.hpp"
#include "measure/outcome.hpp"
#include "slo/check.hpp"
#include "slo/metrics.hpp"

#include <algorithm>

namespace squall::slo {
namespace {

bool contains(const std::vector<std::string>& names, std::string_view name)
{
    return std::ranges::find(names, name) != names.end();
}

std::string choice(std::string_view name, const std::vector<std::string>& known)
{
    if (known.empty()) {
        return "there is none";
    }
    const auto near = closest_match(name, known);
    return near ? fmt::format("did you mean \"{}\"?", *near) : fmt::format("known: {}", join(known, ", "));
}

std::vector<std::string> error_kinds()
{
    std::vector<std::string> names;
    for (std::size_t i = 1; i < measure::error_kind_count; ++i) {
        names.emplace_back(measure::to_string(static_cast<measure::ErrorKind>(i)));
    }
    return names;
}

bool is_known_gauge(std::string_view name, const std::vector<std::string>& known)
{
    const auto unlabelled = name.substr(0, name.find('{'));
    return std::ranges::any_of(known, [&](const std::string& entry) {
        return entry.ends_with('.') ? name.starts_with(entry) && name.size() > entry.size()
                                    : entry == name || entry == unlabelled;
    });
}

std::optional<Mistake> check_gauge(std::string_view name, std::size_t column, const std::vector<std::string>& known)
{
    if (is_known_gauge(name, known)) {
        return std::nullopt;
    }
    auto words = known;
    for (auto& word : words) { // a prefix is near a gauge when it is near the gauge's first part
        if (word.ends_with('.')) {
            word += name.substr(std::min(name.find('.'), name.size() - 1) + 1);
        }
    }
    const auto near = closest_match(name, words);
    std::vector<std::string> shown;
    shown.reserve(known.size());
    for (const auto& entry : known) {
        shown.push_back(entry.ends_with('.') ? entry + "*" : entry);
    }
    return Mistake{column, fmt::format("unknown gauge \"{}\"; {}", name,
                                       near            ? fmt::format("did you mean \"{}\"?", *near)
                                       : shown.empty() ? std::string("no probe is known")
                                                       : fmt::format("known: {}", join(shown, ", ")))};
}

std::optional<Mistake> check_error_kind(const Check& check, const std::vector<std::string>& step_names)
{
    if (measure::parse_error_kind(check.selector) && check.selector != "none") {
        return std::nullopt;
    }
    if (contains(step_names, check.selector)) {
        return Mistake{
            check.selector_column,
            fmt::format("errors[…] takes a kind of error, and \"{0}\" is a step; for a step use error_rate[{0}]",
                        check.selector)};
    }
    return Mistake{check.selector_column, fmt::format("unknown kind of error \"{}\"; {}", check.selector,
                                                      choice(check.selector, error_kinds()))};
}

} // namespace

std::optional<Mistake> check_names(const Check& check, const std::vector<std::string>& step_names,
                                   const std::vector<std::string>& gauges_or_prefixes)
{
    if (check.selector.empty()) {
        return std::nullopt;
    }
    switch (info_of(check.metric).selector) {
    case Selector::none:
        return std::nullopt;
    case Selector::error_kind:
        return check_error_kind(check, step_names);
    case Selector::step:
        if (contains(step_names, check.selector)) {
            return std::nullopt;
        }
        return Mistake{check.selector_column,
                       fmt::format("unknown step \"{}\"; {}", check.selector, choice(check.selector, step_names))};
    case Selector::gauge:
        break;
    }
    if (auto mistake = check_gauge(check.selector, check.selector_column, gauges_or_prefixes)) {
        return mistake;
    }
    return check.divisor.empty() ? std::nullopt : check_gauge(check.divisor, check.divisor_column, gauges_or_prefixes);
}

} // namespace squall::slo
