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

void write_sample(const plan::Step& step, StepTimes times, PostgresExchange& exchange, StepResult& result)
{
    auto& sample = result.sample;
    sample = {};
    sample.step = step.id;
    sample.intended = times.intended;
    sample.start = times.begin;
    sample.end = exchange.ended;
    sample.error = exchange.error;
    sample.bytes_sent = exchange.bytes_sent;
    sample.bytes_received = exchange.bytes_received;
    sample.phases = exchange.phases;
    sample.connected = exchange.new_connection;
    sample.censored = exchange.censored;
    result.error_text = std::move(exchange.error_text);
}

void add_phases(const measure::PhaseTimes& from, measure::PhaseTimes& to)
{
    to.blocked += from.blocked;
    to.connecting += from.connecting;
    to.tls_handshaking += from.tls_handshaking;
    to.sending += from.sending;
    to.waiting += from.waiting;
    to.receiving += from.receiving;
}

} // namespace

PostgresPerformer::PostgresPerformer(const UserParts& user)
    : user_(user),
      client_(user.surroundings.postgres),
      pause_(user.surroundings.events.timers)
{}

// Not a coroutine: it hands over to the one that fits.
wire::Flow<> PostgresPerformer::perform(const plan::Step& step, StepTimes times, StepResult& result)
{
    using Kind = scenario::PostgresPattern::Kind;
    closing_ = false;
    const auto& action = action_of(step);
    prepare_database(action);
    switch (action.pattern.kind) {
    case Kind::hoard:
        return hoard(step, times, result);
    case Kind::idle_in_transaction:
        return idle_in_transaction(step, times, result);
    case Kind::nested_acquire:
        return nested_acquire(step, times, result);
    case Kind::storm:
        return storm(step, times, result);
    case Kind::none:
        break;
    }
    return perform_statement(step, times, result);
}

void PostgresPerformer::end_iteration()
{
    if (client_.in_transaction()) {
        client_.close();
    }
}

void PostgresPerformer::close()
{
    closing_ = true;
    pause_.cancel();
    client_.close();
    for (const auto& client : more_) {
        client->close();
    }
}

void PostgresPerformer::prepare_database(const plan::PostgresAction& action)
{
    database_.clear();
    plan::render(action.database, user_.memory, user_.generators, database_);
}

void PostgresPerformer::render_parameters(const plan::PostgresAction& action)
{
    const std::size_t count = action.parameters.size() * static_cast<std::size_t>(action.pipeline);
    parameters_.resize(count);
    values_.resize(count);
    for (std::size_t at = 0; at < count; ++at) {
        parameters_[at].clear();
        plan::render(action.parameters[at % action.parameters.size()], user_.memory, user_.generators, parameters_[at]);
        values_[at] = parameters_[at].c_str();
    }
}

wire::Flow<> PostgresPerformer::perform_statement(const plan::Step& step, StepTimes times, StepResult& result)
{
    const auto& action = action_of(step);
    drivers::PostgresRequest request;
    request.database = database_;
    if (action.sql.constant) {
        request.sql = action.sql.constant->c_str();
    } else {
        sql_.clear();
        plan::render(action.sql, user_.memory, user_.generators, sql_);
        request.sql = sql_.c_str();
    }
    if (action.prepared) {
        name_ = fmt::format("squall_{}", step.id);
        request.name = name_.c_str();
    }
    render_parameters(action);
    request.values = values_;
    request.copies = action.pipeline;
    request.statement_timeout = action.statement_timeout;
    request.start = times.begin;
    request.deadline = times.begin + step.timeout;
    PostgresExchange exchange;
    co_await client_.perform(request, exchange);
    write_sample(step, times, exchange, result);
    if (exchange.error == ErrorKind::none) {
        judge(step, exchange, result);
    }
    client_.forget_answer();
}

void PostgresPerformer::judge(const plan::Step& step, const PostgresExchange& exchange, StepResult& result)
{
    const auto& action = action_of(step);
    if (action.rows && exchange.rows != static_cast<std::uint64_t>(*action.rows)) {
        result.sample.error = ErrorKind::body;
        result.error_text = fmt::format("expected {} rows, got {}", *action.rows, exchange.rows);
        return;
    }
    for (const auto& save : step.saves) {
        const auto value = client_.value(save.argument);
        if (!value) {
            result.sample.error = ErrorKind::save;
            result.error_text = fmt::format("the answer has no value in the column \"{}\"", save.argument);
            return;
        }
        user_.memory.assign(save.slot, *value);
    }
}

// ---- patterns ------------------------------------------------------------------------------------------------------

wire::Flow<> PostgresPerformer::add(drivers::PostgresClient& client, const char* sql, Instant deadline,
                                    PostgresExchange& total)
{
    drivers::PostgresRequest request;
    request.database = database_;
    request.sql = sql;
    request.start = user_.surroundings.clock.now();
    request.deadline = deadline;
    PostgresExchange one;
    co_await client.perform(request, one);
    client.forget_answer();
    add_phases(one.phases, total.phases);
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
    write_sample(step, times, total, result);
    co_await hold(pattern.length);
    more_.clear();
}

wire::Flow<> PostgresPerformer::idle_in_transaction(const plan::Step& step, StepTimes times, StepResult& result)
{
    PostgresExchange total;
    co_await add(client_, "BEGIN", times.begin + step.timeout, total);
    const bool begun = total.error == ErrorKind::none;
    write_sample(step, times, total, result);
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
    write_sample(step, times, total, result);
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
    write_sample(step, times, total, result);
}

} // namespace squall::engine
