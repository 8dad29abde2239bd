// What a run writes down while it goes: seconds, gauges, stamps. A journal that cannot be written is said once and
// never stops the run.
#pragma once

#include "base/time.hpp"
#include "measure/journal.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::engine {

/// Of the engine threads the busiest in a second: its share of one core. A generator of several threads is at its limit
/// when one of them is.
inline constexpr const char* busiest_thread_gauge = "generator.thread_cpu_share";
/// Of the same thread: the share of the second that it was ready to run and waited for a core.
inline constexpr const char* waiting_thread_gauge = "generator.thread_wait_share";
inline constexpr const char* engine_threads_gauge = "generator.engine_threads";

/// A check of the scenario ended the load; the text begins with its expression and ": ".
inline constexpr const char* aborted_stamp = "aborted";

/// A cycle of several began ("2 of 6, dose 1, …": cycle_text.hpp), or the traffic in it once more.
inline constexpr const char* cycle_stamp = "cycle";
inline constexpr const char* repeat_stamp = "repeat";
/// In a quiet phase all services that can be asked have collected their garbage, or one has not.
inline constexpr const char* collected_stamp = "collected";
inline constexpr const char* gc_failed_stamp = "gc_failed";

/// What the load did in one second, over all shards.
struct LoadSecond {
    measure::Phase phase = measure::Phase::load;
    Instant begin;
    Instant end;
    measure::Window window;
    int users = 0;
    int in_flight = 0;
};

/// On the control thread.
class RunLog {
public:
    RunLog(measure::JournalWriter writer, Instant start, std::function<void(std::string_view)> on_note);

    /// Kept until the next second is written.
    void gauge(Instant at, const std::string& name, double value);
    void stamp(Instant at, std::string kind, std::string text);
    /// For whoever watches; not written down.
    void tell(std::string_view text) { on_note_(text); }
    void error_example(Instant at, const std::string& step, measure::ErrorKind kind, const std::string& text);
    /// Writes the second with the gauges since the last and brings it to the disk.
    void second(LoadSecond second);
    void end(Instant at, bool interrupted, std::string reason, measure::SelfCheck check);

    [[nodiscard]] std::optional<double> latest(const std::string& gauge) const;
    [[nodiscard]] double at_seconds(Instant at) const { return to_seconds(at - start_); }

private:
    void check(const Result<void>& written);

    measure::JournalWriter writer_;
    Instant start_;
    std::function<void(std::string_view)> on_note_;
    std::map<std::string, std::vector<measure::GaugePoint>> gauges_;
    std::map<std::string, double> latest_;
    bool failure_told_ = false;
};

} // namespace squall::engine
