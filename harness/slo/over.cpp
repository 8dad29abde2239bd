#include "slo/over.hpp"

#include "base/text.hpp"
#include "slo/metrics.hpp"

namespace squall::slo {
namespace {

constexpr Duration shortest_window = std::chrono::seconds(1);

std::string why_no_window(const Check& check)
{
    if (check.metric == Metric::leak) {
        return "a leak is what is still held after the whole load; it has no \"over\"";
    }
    if (check.metric == Metric::gauge) {
        return "\"over\" is for what requests do (response_time, error_rate, throughput, …), not for a gauge, whose "
               ".max "
               "and .min look at every reading already";
    }
    if (check.comparator == Comparator::equal || check.comparator == Comparator::not_equal) {
        return fmt::format("with {} no window is the worst; use < <= > or >=, or leave \"over\" out",
                           name_of(check.comparator));
    }
    return {};
}

std::string why_no_length(std::string_view text)
{
    if (text.empty()) {
        return "there is no length behind \"over\"";
    }
    return parse_duration(text) ? fmt::format("{} is shorter than a second, and results are kept by the second", text)
                                : fmt::format("\"{}\" is no time", text);
}

} // namespace

std::optional<Mistake> read_over(std::string_view text, OverColumns columns, Check& check)
{
    if (auto why = why_no_window(check); !why.empty()) {
        return Mistake{columns.word, std::move(why)};
    }
    const auto length = parse_duration(text);
    if (!length || *length < shortest_window) {
        return Mistake{columns.length,
                       why_no_length(text) + "; expected the length of a window, at least 1s, as in \"over 10s\""};
    }
    check.over = *length;
    return std::nullopt;
}

std::optional<std::string> why_it_cannot_abort(const Check& check)
{
    const bool grows = check.metric == Metric::errors || check.metric == Metric::requests ||
                       check.metric == Metric::dropped || check.metric == Metric::lost_responses ||
                       check.metric == Metric::recovered_responses;
    const bool at_most = check.comparator == Comparator::less || check.comparator == Comparator::less_or_equal ||
                         (check.comparator == Comparator::equal && check.bound == 0);
    if (check.metric == Metric::leak) {
        return "a leak is known only after quiesce: it cannot end the load early";
    }
    if (check.metric == Metric::gauge) {
        return "a gauge is judged when the load is over: it cannot end it early";
    }
    if (grows && !check.over && !at_most) {
        return fmt::format("{} only grows, so this can still come true while the load lasts; it cannot end it early",
                           info_of(check.metric).name);
    }
    return std::nullopt;
}

} // namespace squall::slo
