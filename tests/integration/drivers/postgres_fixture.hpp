// A PostgresClient with all that it needs, and what the tests ask of it.
#pragma once

#include "drivers/postgres_client.hpp"

#include "integration/servers.hpp"

#include <string>
#include <utility>
#include <vector>

namespace squall::drivers {

struct Ask {
    const char* sql = nullptr;
    const char* name = nullptr;
    std::vector<const char*> values = {};
    std::size_t copies = 1; // each with its part of the values
    std::optional<Duration> statement_timeout = {};
    Duration timeout = std::chrono::seconds(10);
    CopyRows* rows = nullptr;
};

/// "1\n2\n…" for a COPY.
class Numbers final : public CopyRows {
public:
    explicit Numbers(int rows) : rows_(rows) {}
    bool append_next(std::string& out) override
    {
        if (next_ == rows_) {
            return false;
        }
        out += std::to_string(++next_) + "\n";
        return true;
    }

private:
    int rows_;
    int next_ = 0;
};

class PostgresFixture {
public:
    PostgresFixture()
        : events(io.get_executor(), clock),
          context(events, clock, [](std::string_view host) { return host == "127.0.0.1" || host == "localhost"; }),
          client(context)
    {}

    PostgresExchange perform(PostgresClient& on, const std::string& database, const Ask& ask)
    {
        std::vector<PostgresStatement> statements;
        const auto each = ask.values.size() / ask.copies;
        for (std::size_t copy = 0; ask.sql != nullptr && copy < ask.copies; ++copy) {
            statements.push_back({ask.sql, ask.name, std::span(ask.values).subspan(copy * each, each)});
        }
        PostgresRequest request;
        request.statements = statements;
        request.statement_timeout = ask.statement_timeout;
        request.rows = ask.rows;
        return perform_request(on, database, request, ask.timeout);
    }
    PostgresExchange perform_request(PostgresClient& on, const std::string& database, PostgresRequest request,
                                     Duration timeout = std::chrono::seconds(10))
    {
        request.database = database;
        request.start = clock.now();
        request.deadline = request.start + timeout;
        PostgresExchange exchange;
        bool done = false;
        wire::start(on.perform(request, exchange), [&done](std::exception_ptr thrown) {
            if (thrown) {
                std::rethrow_exception(thrown);
            }
            done = true;
        });
        io.restart();
        while (!done) {
            io.run_one();
        }
        return exchange;
    }
    PostgresExchange listen(const std::string& database, std::string_view channel, std::uint64_t notifications,
                            std::string_view payload = {}, Duration timeout = std::chrono::seconds(10))
    {
        const PostgresListen wanted{channel, payload, notifications};
        PostgresRequest request;
        request.listen = &wanted;
        return perform_request(client, database, request, timeout);
    }
    PostgresExchange perform(const std::string& database, const Ask& ask) { return perform(client, database, ask); }

    SteadyClock clock;
    asio::io_context io{1};
    wire::ThreadEvents events;
    PostgresContext context;
    PostgresClient client;
};

inline std::string database_at(std::uint16_t port, const std::string& settings = "")
{
    return fmt::format("postgresql://postgres:hush@127.0.0.1:{}/postgres?{}", port, settings);
}

} // namespace squall::drivers
