// The patterns that exhaust connections, of one user over PostgreSQL.
#include "engine/postgres_performer.hpp"

namespace squall::engine {
namespace {

using drivers::PostgresExchange;
using measure::ErrorKind;

constexpr Duration knock_again = std::chrono::milliseconds(20);

const plan::PostgresAction& action_of(const plan::Step& step)
{
    return std::get<plan::PostgresAction>(step.action);
}

} // namespace

wire::Flow<> PostgresPerformer::add(drivers::PostgresClient& client, const char* sql, Instant deadline,
                                    PostgresExchange& total)
{
    drivers::PostgresRequest request;
    request.database = database_;
    const drivers::PostgresStatement statement{sql, nullptr, {}};
    if (sql != nullptr) {
        request.statements = {&statement, 1};
    }
    request.start = user_.surroundings.clock.now();
    request.deadline = deadline;
    PostgresExchange one;
    co_await client.perform(request, one);
    client.forget_answer();
    total.phases += one.phases;
    total.ended = one.ended;
    total.bytes_sent += one.bytes_sent;
    total.bytes_received += one.bytes_received;
    total.new_connection = total.new_connection || one.new_connection;
    total.censored = one.censored;
    total.error = one.error;
    total.error_text = std::move(one.error_text);
}

wire::Flow<> PostgresPerformer::hold(Duration length)
{
    if (!closing_ && length > Duration::zero()) {
        co_await pause_.until(user_.surroundings.clock.now() + length);
    }
}

wire::Flow<> PostgresPerformer::hoard(const plan::Step& step, StepTimes times, StepResult& result)
{
    const auto& pattern = action_of(step).pattern;
    const auto deadline = times.begin + step.timeout;
    PostgresExchange total;
    total.ended = times.begin;
    int taken = 0;
    bool wanting = true;
    while (wanting) {
        auto& client = more_.emplace_back(std::make_unique<drivers::PostgresClient>(user_.surroundings.postgres));
        co_await add(*client, nullptr, deadline, total);
        taken += total.error == ErrorKind::none ? 1 : 0;
        wanting = taken < pattern.connections && !closing_;
        if (total.error != ErrorKind::none) {
            more_.pop_back();
            const bool full = total.error == ErrorKind::connection_refused;
            wanting = wanting && full && total.ended + knock_again < deadline;
            if (wanting) {
                co_await hold(knock_again);
            }
        }
    }
    if (total.error != ErrorKind::none) {
        total.error_text = fmt::format("connection {} of {}: {}", taken + 1, pattern.connections, total.error_text);
    }
    write_postgres_sample(step, times, total, result);
    co_await hold(pattern.length);
    more_.clear();
}

wire::Flow<> PostgresPerformer::idle_in_transaction(const plan::Step& step, StepTimes times, StepResult& result)
{
    PostgresExchange total;
    co_await add(client_, "BEGIN", times.begin + step.timeout, total);
    const bool begun = total.error == ErrorKind::none;
    write_postgres_sample(step, times, total, result);
    if (!begun) {
        co_return;
    }
    co_await hold(action_of(step).pattern.length);
    PostgresExchange end;
    co_await add(client_, "COMMIT", user_.surroundings.clock.now() + step.timeout, end);
    if (end.error != ErrorKind::none && end.error != ErrorKind::cancelled) {
        result.sample.error = end.error;
        result.error_text = "when it was to be committed: " + end.error_text;
    }
}

wire::Flow<> PostgresPerformer::nested_acquire(const plan::Step& step, StepTimes times, StepResult& result)
{
    const auto deadline = times.begin + step.timeout;
    auto& second = *more_.emplace_back(std::make_unique<drivers::PostgresClient>(user_.surroundings.postgres));
    PostgresExchange total;
    co_await add(client_, "BEGIN", deadline, total);
    if (total.error == ErrorKind::none) {
        co_await add(second, "BEGIN", deadline, total);
    }
    const bool both = total.error == ErrorKind::none;
    write_postgres_sample(step, times, total, result);
    if (both) {
        co_await hold(action_of(step).pattern.length);
        PostgresExchange end;
        co_await add(second, "COMMIT", user_.surroundings.clock.now() + step.timeout, end);
        co_await add(client_, "COMMIT", user_.surroundings.clock.now() + step.timeout, end);
    } else {
        client_.close();
    }
    more_.clear();
}

wire::Flow<> PostgresPerformer::storm(const plan::Step& step, StepTimes times, StepResult& result)
{
    const auto now = user_.surroundings.clock.now();
    const auto every = action_of(step).pattern.every;
    times.intended = now + every - now.time_since_epoch() % every;
    co_await hold(times.intended - now);
    client_.close();
    times.begin = user_.surroundings.clock.now();
    times.intended = std::min(times.intended, times.begin); // cut short: nothing was late
    PostgresExchange total;
    co_await add(client_, nullptr, times.begin + step.timeout, total);
    write_postgres_sample(step, times, total, result);
}

} // namespace squall::engine
