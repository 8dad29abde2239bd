#include "engine/cycle_text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace squall::engine {
namespace {

constexpr std::string_view dose_mark = ", dose ";

} // namespace

std::string cycle_text(const plan::Plan& plan, std::size_t cycle)
{
    const auto& planned = plan.phases.cycles.at(cycle);
    auto text = fmt::format("{} of {}{}{}", cycle + 1, plan.phases.cycles.size(), dose_mark, planned.repeats);
    for (std::size_t at = 0; at < planned.mix.size(); ++at) {
        text += fmt::format(", {} ×{:.3g}", plan.populations.at(at).name, planned.mix[at]);
    }
    return text;
}

std::optional<double> dose_of(std::string_view cycle_text)
{
    const auto at = cycle_text.find(dose_mark);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const auto number = cycle_text.substr(at + dose_mark.size());
    double dose = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), dose);
    return error == std::errc() && dose > 0 ? std::optional(dose) : std::nullopt;
}

} // namespace squall::engine
