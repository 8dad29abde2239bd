// PostgreSQL steps of one user: its connection, those that it shares with others, and those that its patterns take.
#pragma once

#include "drivers/postgres_pool.hpp"
#include "engine/performer.hpp"
#include "wire/timers.hpp"

#include <memory>
#include <string>
#include <vector>

namespace squall::engine {

/// The sample of a step whose exchange is over.
void write_postgres_sample(const plan::Step& step, StepTimes times, drivers::PostgresExchange& exchange,
                           StepResult& result);

class PostgresPerformer final : public Performer {
public:
    explicit PostgresPerformer(const UserParts& user);

    wire::Flow<> perform(const plan::Step& step, StepTimes times, StepResult& result) override;
    /// A transaction that is still open is rolled back by closing its connection.
    void end_iteration() override;
    void close() override;

private:
    /// A shared connection that the user holds: while a step uses it, and until its transaction is over.
    struct Held {
        drivers::PostgresPool* pool;
        drivers::PostgresClient* client;
    };

    /// The statements of the step, rendered and judged.
    wire::Flow<> perform_statements(const plan::Step& step, StepTimes times, StepResult& result);
    wire::Flow<> listen(const plan::Step& step, StepTimes times, StepResult& result);
    /// Refused, the hoarder knocks again until the step's timeout: it takes what others free.
    /// The samples of patterns end when what they wanted is there; the time for which it is held is not counted.
    wire::Flow<> hoard(const plan::Step& step, StepTimes times, StepResult& result);
    wire::Flow<> idle_in_transaction(const plan::Step& step, StepTimes times, StepResult& result);
    wire::Flow<> nested_acquire(const plan::Step& step, StepTimes times, StepResult& result);
    wire::Flow<> storm(const plan::Step& step, StepTimes times, StepResult& result);

    /// A statement without parameters, or only a connection where `sql` is null; adds to what `total` holds.
    wire::Flow<> add(drivers::PostgresClient& client, const char* sql, Instant deadline,
                     drivers::PostgresExchange& total);
    wire::Flow<> hold(Duration length);
    /// Renders the database's address.
    void prepare_database(const plan::PostgresAction& action);
    void render_statements(const plan::PostgresAction& action);
    drivers::PostgresStatement render_statement(const plan::PostgresAction::Statement& statement,
                                                std::size_t first_value);
    void judge(const plan::Step& step, const drivers::PostgresClient& client, const drivers::PostgresExchange& exchange,
               StepResult& result);
    /// Of a step whose connection is not the user's own; null where none became free.
    wire::Flow<drivers::PostgresClient*> client_for(const plan::PostgresAction& action, Instant deadline);
    drivers::PostgresPool& shared_pool(std::size_t size);
    /// Closes the connection of one call, and gives shared ones back outside of transactions.
    void put_back();

    const UserParts& user_;
    drivers::PostgresClient client_;
    std::vector<std::unique_ptr<drivers::PostgresClient>> more_; // those that patterns take
    wire::Pause pause_;
    bool closing_ = false;
    std::string database_;
    std::unique_ptr<drivers::PostgresClient> brief_; // of one call
    drivers::PostgresPool::Turn turn_;
    std::vector<Held> held_;
    drivers::PostgresPool* pool_ = nullptr; // that of the last shared step
    std::size_t pool_size_ = 0;
    std::string pool_database_;
    // Of the step under way:
    std::vector<std::string> sqls_; // that vary
    std::vector<std::string> parameters_;
    std::vector<const char*> values_;
    std::vector<drivers::PostgresStatement> statements_;
    std::string channel_;
    std::string payload_;
};

} // namespace squall::engine
