#include "engine/run_log.hpp"

#include "base/text.hpp"

#include <utility>

namespace squall::engine {

RunLog::RunLog(measure::JournalWriter writer, Instant start, std::function<void(std::string_view)> on_note)
    : writer_(std::move(writer)),
      start_(start),
      on_note_(std::move(on_note))
{}

void RunLog::gauge(Instant at, const std::string& name, double value)
{
    gauges_[name].push_back({at_seconds(at), value});
    latest_[name] = value;
}

void RunLog::stamp(Instant at, std::string kind, std::string text)
{
    measure::Stamp stamp;
    stamp.at_seconds = at_seconds(at);
    stamp.kind = std::move(kind);
    stamp.text = redact(text);
    check(writer_.write(stamp));
}

void RunLog::error_example(Instant at, const std::string& step, measure::ErrorKind kind, const std::string& text)
{
    measure::Stamp stamp;
    stamp.at_seconds = at_seconds(at);
    stamp.kind = "error";
    stamp.text = redact(text);
    stamp.step = step;
    stamp.error = to_string(kind);
    check(writer_.write(stamp));
}

void RunLog::second(LoadSecond second)
{
    measure::SecondRecord record;
    record.begin_seconds = at_seconds(second.begin);
    record.end_seconds = at_seconds(second.end);
    record.phase = second.phase;
    record.window = std::move(second.window);
    record.users = second.users;
    record.in_flight = second.in_flight;
    record.gauges = std::exchange(gauges_, {});
    check(writer_.write(record));
    check(writer_.sync());
}

void RunLog::end(Instant at, bool interrupted, std::string reason, measure::SelfCheck self_check)
{
    check(writer_.write(measure::EndRecord{at_seconds(at), interrupted, std::move(reason), std::move(self_check)}));
    check(writer_.sync());
}

std::optional<double> RunLog::latest(const std::string& gauge) const
{
    const auto found = latest_.find(gauge);
    return found == latest_.end() ? std::nullopt : std::optional(found->second);
}

void RunLog::check(const Result<void>& written)
{
    if (!written && !std::exchange(failure_told_, true)) {
        on_note_(written.error().message + "; the run goes on, and what cannot be written is missing from its result");
    }
}

} // namespace squall::engine
