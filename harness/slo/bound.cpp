#include "slo/bound.hpp"

#include "analysis/series.hpp"
#include "base/quantity.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "slo/metrics.hpp"

#include <cmath>

namespace squall::slo {
namespace {

struct Quantity {
    double value = 0;
    BoundUnit unit = BoundUnit::count;
};

/// A time, share, … or why `text` is none that fits; an empty why stands for "expected …".
using Read = boost::system::result<Quantity, Error>;

std::optional<double> plain_number(std::string_view text)
{
    const auto number = take_number(text);
    return text.empty() ? number : std::nullopt;
}

bool is_share(std::string_view text)
{
    return text.ends_with('%') && plain_number(text.substr(0, text.size() - 1));
}

Read read_time(std::string_view text)
{
    const auto time = parse_duration(text);
    if (!time) {
        return plain_number(text) ? fail("{} has no unit", text) : fail("\"{}\" is no time", text);
    }
    return Quantity{to_seconds(*time), BoundUnit::seconds};
}

Read read_share(std::string_view text)
{
    const auto share = parse_ratio(text);
    if (!share) {
        return fail("\"{}\" is no share", text);
    }
    return Quantity{share->value(), BoundUnit::share};
}

Read read_count(std::string_view text)
{
    const auto count = plain_number(text);
    if (!count) {
        return fail("\"{}\" is no number", text);
    }
    return Quantity{*count, BoundUnit::count};
}

Read read_rate(std::string_view text)
{
    const auto rate = parse_rate(text);
    if (!rate) {
        return plain_number(text) ? fail("{} has no unit", text) : fail("\"{}\" is no rate", text);
    }
    return Quantity{rate->per_second(), BoundUnit::per_second};
}

Read read_leak(std::string_view text, bool memory)
{
    const auto slash = text.find('/');
    const auto over = slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
    if (over != "h" && over != "1000ops") {
        return fail("\"{}\" does not say over what", text);
    }
    const auto unit = over == "h" ? BoundUnit::per_hour : BoundUnit::per_1000_operations;
    const auto amount = text.substr(0, slash);
    if (const auto bytes = parse_bytes(amount); bytes && memory) {
        return Quantity{static_cast<double>(bytes->bytes), unit};
    }
    const auto count = plain_number(amount);
    if (!count || memory) {
        return memory ? fail("\"{}\" is no size, and the gauge is memory", amount)
                      : fail("\"{}\" is no number, and the gauge is a count", amount);
    }
    return Quantity{*count, unit};
}

Read read_level(std::string_view text, bool ratio)
{
    if (const auto number = plain_number(text)) {
        return Quantity{*number, ratio ? BoundUnit::share : BoundUnit::count};
    }
    if (is_share(text)) {
        if (!ratio) {
            return fail("{} of what? A share needs two gauges, gauge[in_use/max]; a gauge that is a share itself is "
                        "held against a number such as 0.8",
                        text);
        }
        return Quantity{*plain_number(text.substr(0, text.size() - 1)) / 100, BoundUnit::share};
    }
    const auto bytes = parse_bytes(text);
    if (!bytes || ratio) {
        return fail("\"{}\" does not fit", text);
    }
    return Quantity{static_cast<double>(bytes->bytes), BoundUnit::bytes};
}

Read read(std::string_view text, const Check& check)
{
    const bool memory = analysis::kind_of(check.selector) == analysis::GaugeKind::memory;
    switch (check.metric) {
    case Metric::response_time:
    case Metric::service_time:
    case Metric::send_lag:
        return read_time(text);
    case Metric::error_rate:
        return read_share(text);
    case Metric::throughput:
        return read_rate(text);
    case Metric::leak:
        return read_leak(text, memory);
    case Metric::gauge:
        return read_level(text, !check.divisor.empty());
    case Metric::errors:
    case Metric::requests:
    case Metric::dropped:
    case Metric::lost_responses:
    case Metric::recovered_responses:
        break;
    }
    return read_count(text);
}

} // namespace

std::optional<Mistake> read_bound(std::string_view text, std::size_t column, Check& check)
{
    const auto& info = info_of(check.metric);
    const auto expected = check.divisor.empty() ? info.expected_bound : std::string_view("a share such as 80%");
    if (text.empty()) {
        return Mistake{column, fmt::format("expected {}", expected)};
    }
    const auto quantity = read(text, check);
    if (!quantity) {
        return Mistake{column, fmt::format("{}; {} is held against {}", quantity.error().message, info.name, expected)};
    }
    check.bound = quantity->value;
    check.unit = quantity->unit;
    check.bound_text = std::string(text);
    return std::nullopt;
}

} // namespace squall::slo
