// SLO expressions: text → Check. What each metric means stands in the table of metrics.cpp; the language is
//
//   response_time[login].p99 < 500ms      also service_time, send_lag; .p50 … .p99.9, .mean, .min, .max
//   error_rate[login] < 0.1%              errors[timeout] == 0        dropped == 0
//   requests[login] > 100                 throughput[login] > 50/s
//   lost_responses[chat] == 0             recovered_responses[chat] > 10 (of steps whose late answers are polled for)
//   leak[postgres.connections] < 1/h      also /1000ops; for memory 10MiB/h; "certified" at the end demands proof
//   gauge[pool.in_use/pool.max].max < 80% also .min .mean .last .growth; one gauge alone: a count, or bytes for memory
//
//   response_time.p99 < 500ms over 10s    the worst stretch of 10 s within the load; not for leak and gauge
//
// Comparisons: < <= > >= == !=. [step] is optional; gauge names may carry {label=value}.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::slo {

enum class Metric {
    response_time,
    service_time,
    send_lag,
    error_rate,
    errors,
    requests,
    throughput,
    dropped,
    lost_responses,
    recovered_responses,
    leak,
    gauge,
};
enum class Aggregation { none, percentile, mean, min, max, last, growth };
enum class Comparator { less, less_or_equal, greater, greater_or_equal, equal, not_equal };
enum class BoundUnit { count, seconds, share, bytes, per_second, per_hour, per_1000_operations };

struct Check {
    std::string expression; // as written
    Metric metric = Metric::requests;
    std::string selector; // step, kind of error or gauge; empty: all
    std::size_t selector_column = 0;
    std::string divisor; // gauge[selector/divisor]; empty: none
    std::size_t divisor_column = 0;
    Aggregation aggregation = Aggregation::none;
    double percentile = 0; // with Aggregation::percentile
    Comparator comparator = Comparator::less;
    double bound = 0; // in `unit`: seconds, a share of 1, bytes, per second; leaks of memory: bytes per hour
    BoundUnit unit = BoundUnit::count;
    std::string bound_text; // as written: "500ms"
    bool certified = false;
    std::optional<Duration> over; // judged in every window of this length; nothing: over the whole load
};

/// What is wrong with an expression, where: `column` counts bytes from 0.
struct Mistake {
    std::size_t column = 0;
    std::string message;
};
using Parsed = boost::system::result<Check, Mistake>;

/// Found by Boost.System when .value() is called on a failure.
[[noreturn]] void throw_exception_from_error(const Mistake& mistake, const boost::source_location& where);

/// Syntax, metric, aggregation and unit. Names are checked by check_names().
[[nodiscard]] Parsed parse(std::string_view text);

/// Step and gauge names against those that the run will have. A known gauge that ends in "." stands for every gauge of
/// that prefix; one without labels also for its labelled parts. Nothing when all are known.
[[nodiscard]] std::optional<Mistake> check_names(const Check& check, const std::vector<std::string>& step_names,
                                                 const std::vector<std::string>& gauges_or_prefixes);

/// Why a run cannot be ended early by this check: it cannot be missed for good before the load is over. Nothing: it
/// can.
[[nodiscard]] std::optional<std::string> why_it_cannot_abort(const Check& check);

[[nodiscard]] bool holds(double measured, Comparator comparator, double bound);

} // namespace squall::slo
