#include "engine/postgres_performer.hpp"

#include "engine/answer_checks.hpp"
#include "engine/step_sample.hpp"

namespace squall::engine {
namespace {

using drivers::PostgresExchange;
using measure::ErrorKind;

const plan::PostgresAction& action_of(const plan::Step& step)
{
    return std::get<plan::PostgresAction>(step.action);
}

/// One line, rendered anew for each row.
class RenderedRows final : public drivers::CopyRows {
public:
    RenderedRows(const plan::PostgresAction::Copy& copy, const UserParts& user)
        : copy_(copy),
          user_(user),
          left_(copy.rows)
    {}

    bool append_next(std::string& out) override
    {
        if (left_ == 0) {
            return false;
        }
        --left_;
        plan::render(copy_.row, user_.memory, user_.generators, out);
        out += '\n';
        return true;
    }

private:
    const plan::PostgresAction::Copy& copy_;
    const UserParts& user_;
    int left_;
};

} // namespace

void write_postgres_sample(const plan::Step& step, StepTimes times, PostgresExchange& exchange, StepResult& result)
{
    auto& sample = result.sample;
    sample = sample_of(step, times, exchange, exchange.error);
    sample.start = times.begin;
    sample.censored = exchange.censored;
    result.error_text = std::move(exchange.error_text);
}

PostgresPerformer::PostgresPerformer(const UserParts& user)
    : user_(user),
      client_(user.surroundings.postgres),
      pause_(user.surroundings.events.timers),
      turn_(user.surroundings.events.timers)
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
    return action.listen ? listen(step, times, result) : perform_statements(step, times, result);
}

void PostgresPerformer::end_iteration()
{
    if (client_.in_transaction()) {
        client_.close();
    }
    for (const auto& held : held_) {
        held.client->close();
        held.pool->release(held.client);
    }
    held_.clear();
}

void PostgresPerformer::close()
{
    closing_ = true;
    pause_.cancel();
    client_.close();
    if (brief_) {
        brief_->close();
    }
    drivers::PostgresPool::give_up(turn_);
    for (const auto& held : held_) {
        held.client->close();
    }
    for (const auto& client : more_) {
        client->close();
    }
}

// ---- which connection ----------------------------------------------------------------------------------------------

void PostgresPerformer::prepare_database(const plan::PostgresAction& action)
{
    database_.clear();
    plan::render(action.database, user_.memory, user_.generators, database_);
}

wire::Flow<drivers::PostgresClient*> PostgresPerformer::client_for(const plan::PostgresAction& action, Instant deadline)
{
    using Kind = scenario::ConnectionUse::Kind;
    if (action.connection.kind == Kind::per_call) {
        if (!brief_) {
            brief_ = std::make_unique<drivers::PostgresClient>(user_.surroundings.postgres);
        }
        co_return brief_.get();
    }
    auto& pool = shared_pool(static_cast<std::size_t>(action.connection.shared));
    for (const auto& held : held_) {
        if (held.pool == &pool) {
            co_return held.client; // the transaction that the user is in
        }
    }
    drivers::PostgresClient* client = co_await pool.acquire(turn_, deadline);
    if (client != nullptr) {
        held_.push_back({&pool, client});
    }
    co_return client;
}

drivers::PostgresPool& PostgresPerformer::shared_pool(std::size_t size)
{
    if (pool_ == nullptr || pool_size_ != size || pool_database_ != database_) {
        pool_ = &user_.surroundings.postgres.pool(database_, size);
        pool_size_ = size;
        pool_database_ = database_;
    }
    return *pool_;
}

void PostgresPerformer::put_back()
{
    if (brief_) {
        brief_->close();
    }
    std::erase_if(held_, [](const Held& held) {
        const bool over = !held.client->in_transaction();
        if (over) {
            held.pool->release(held.client);
        }
        return over;
    });
}

// ---- statements ----------------------------------------------------------------------------------------------------

void PostgresPerformer::render_statements(const plan::PostgresAction& action)
{
    std::size_t values = 0;
    for (const auto& statement : action.statements) {
        values += statement.parameters.size();
    }
    const auto copies = static_cast<std::size_t>(action.pipeline);
    // They only grow: what a step has rendered is the memory of the next.
    parameters_.resize(std::max(parameters_.size(), values * copies));
    values_.resize(std::max(values_.size(), values * copies));
    sqls_.resize(std::max(sqls_.size(), action.statements.size() * copies));
    statements_.clear();
    std::size_t used = 0;
    for (std::size_t copy = 0; copy < copies; ++copy) {
        for (const auto& statement : action.statements) {
            statements_.push_back(render_statement(statement, used));
            used += statement.parameters.size();
        }
    }
}

drivers::PostgresStatement PostgresPerformer::render_statement(const plan::PostgresAction::Statement& statement,
                                                               std::size_t first_value)
{
    drivers::PostgresStatement rendered;
    if (statement.sql.constant) {
        rendered.sql = statement.sql.constant->c_str();
    } else {
        auto& sql = sqls_[statements_.size()];
        sql.clear();
        plan::render(statement.sql, user_.memory, user_.generators, sql);
        rendered.sql = sql.c_str();
    }
    rendered.name = statement.name.empty() ? nullptr : statement.name.c_str();
    auto at = first_value;
    for (const auto& parameter : statement.parameters) {
        parameters_[at].clear();
        plan::render(parameter, user_.memory, user_.generators, parameters_[at]);
        values_[at] = parameters_[at].c_str();
        ++at;
    }
    rendered.values = std::span(values_).subspan(first_value, statement.parameters.size());
    return rendered;
}

wire::Flow<> PostgresPerformer::perform_statements(const plan::Step& step, StepTimes times, StepResult& result)
{
    const auto& action = action_of(step);
    drivers::PostgresRequest request;
    request.database = database_;
    render_statements(action);
    request.statements = statements_;
    std::optional<RenderedRows> rows;
    if (action.copy) {
        request.rows = &rows.emplace(*action.copy, user_);
    }
    request.statement_timeout = action.statement_timeout;
    request.start = times.begin;
    request.deadline = times.begin + step.timeout;
    drivers::PostgresClient* client = &client_;
    if (action.connection.kind != scenario::ConnectionUse::Kind::of_user) {
        client = co_await client_for(action, request.deadline);
        request.start = user_.surroundings.clock.now();
    }
    PostgresExchange exchange;
    if (client == nullptr) {
        exchange.ended = request.start;
        exchange.error = closing_ ? ErrorKind::cancelled : ErrorKind::timeout;
        exchange.error_text = "no shared connection became free";
        exchange.censored = true;
    } else {
        co_await client->perform(request, exchange);
    }
    exchange.phases.blocked = request.start - times.begin;
    write_postgres_sample(step, times, exchange, result);
    if (exchange.error == ErrorKind::none) {
        judge(step, *client, exchange, result);
    }
    if (client != nullptr) {
        client->forget_answer();
    }
    if (client != &client_) {
        put_back();
    }
}

void PostgresPerformer::judge(const plan::Step& step, const drivers::PostgresClient& client,
                              const PostgresExchange& exchange, StepResult& result)
{
    const auto& rows = step.checks.rows;
    if (rows && exchange.rows != static_cast<std::uint64_t>(*rows)) {
        result.sample.error = ErrorKind::body;
        result.error_text = fmt::format("expected {} rows, got {}", *rows, exchange.rows);
        return;
    }
    for (const auto& save : step.saves) {
        const auto value = client.value(save.argument);
        if (!value) {
            result.sample.error = ErrorKind::save;
            result.error_text = fmt::format("the answer has no value in the column \"{}\"", save.argument);
            return;
        }
        user_.memory.assign(save.slot, *value);
    }
}

// ---- notifications -------------------------------------------------------------------------------------------------

wire::Flow<> PostgresPerformer::listen(const plan::Step& step, StepTimes times, StepResult& result)
{
    const auto& wanted = *action_of(step).listen;
    channel_.clear();
    plan::render(wanted.channel, user_.memory, user_.generators, channel_);
    payload_.clear();
    if (wanted.payload) {
        plan::render(*wanted.payload, user_.memory, user_.generators, payload_);
    }
    const drivers::PostgresListen listen{channel_, payload_, wanted.notifications};
    drivers::PostgresRequest request;
    request.database = database_;
    request.listen = &listen;
    request.start = times.begin;
    request.deadline = times.begin + step.timeout;
    PostgresExchange exchange;
    co_await client_.perform(request, exchange);
    write_postgres_sample(step, times, exchange, result);
    if (exchange.error == ErrorKind::none) {
        AnswerView answer;
        answer.body = client_.payload();
        auto verdict = judge_answer(step, answer, user_.memory);
        result.sample.error = verdict.kind;
        result.error_text = std::move(verdict.text);
    }
    client_.forget_answer();
}

} // namespace squall::engine
