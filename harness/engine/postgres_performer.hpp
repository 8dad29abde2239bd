// PostgreSQL steps of one user: its connection, and those that its patterns take.
#pragma once

#include "drivers/postgres_client.hpp"
#include "engine/performer.hpp"
#include "wire/timers.hpp"

#include <memory>
#include <string>
#include <vector>

namespace squall::engine {

class PostgresPerformer final : public Performer {
public:
    explicit PostgresPerformer(const UserParts& user);

    wire::Flow<> perform(const plan::Step& step, StepTimes times, StepResult& result) override;
    /// A transaction that is still open is rolled back by closing its connection.
    void end_iteration() override;
    void close() override;

private:
    /// The statement of the step, rendered and judged.
    wire::Flow<> perform_statement(const plan::Step& step, StepTimes times, StepResult& result);
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
    void render_parameters(const plan::PostgresAction& action);
    void judge(const plan::Step& step, const drivers::PostgresExchange& exchange, StepResult& result);

    const UserParts& user_;
    drivers::PostgresClient client_;
    std::vector<std::unique_ptr<drivers::PostgresClient>> more_; // those that patterns take
    wire::Pause pause_;
    bool closing_ = false;
    std::string database_;
    std::string sql_;
    std::string name_;
    std::vector<std::string> parameters_;
    std::vector<const char*> values_;
};

} // namespace squall::engine
