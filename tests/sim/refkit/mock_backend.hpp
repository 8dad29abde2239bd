// A server that exists only in the simulation, and the adapter by which a pool speaks to it. It refuses, keeps silent,
// breaks off in the middle of an answer, answers late, and takes its time over resets and farewells.
#pragma once

#include "refkit/pool/connection_pool.hpp"
#include "sim/sim_timer.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace squall::sim {

/// How often the server does what it should not, each in [0, 1], and how long its answers take.
struct Manners {
    double refuses = 0;
    double black_holes = 0; // says nothing more, to a dial, a question or a farewell
    double breaks_off = 0;  // ends the connection where an answer is due
    double late = 0;        // takes fifty times as long
    Duration answer_in = std::chrono::microseconds(200);
};

struct SessionAnswer {
    std::uint64_t question; // its number
    bool cancelled;         // by a request
};

/// The server's end of one connection.
struct Session {
    std::uint64_t number = 0;
    bool broken = false; // the server has ended it
    bool closed = false; // the client has
    bool in_transaction = false;
    Instant accepted_at;
    std::uint64_t loans = 0;
    int holders = 0;                 // callers that think it is theirs
    bool reset_since = true;         // since its last user, as discard_all and custom demand
    std::uint64_t running = 0;       // the question that is being answered, 0 for none
    std::uint64_t next_request = 1;  // what the client asks next
    std::uint64_t unread = 0;        // questions without their answer
    std::deque<SessionAnswer> inbox; // answers under way to the client
    SimTimer* reader = nullptr;      // woken by an answer
};

class MockServer {
public:
    MockServer(SimContext& context, Random random) : context_(context), random_(random) {}

    Manners manners; // may change while it serves

    /// Sessions that the server has and the client has not closed; those taken out of the pool do not count.
    [[nodiscard]] std::size_t open() const { return open_.size(); }
    /// Client objects that exist, whether connected or not; those taken out of the pool do not count.
    std::size_t clients = 0;
    std::size_t most_open = 0;

    enum class Answer { good, refusal, silence };
    struct Reaction {
        Answer answer;
        Duration after;
    };
    [[nodiscard]] Reaction react();
    std::shared_ptr<Session> accept();
    /// Will answer, sooner or later or never.
    void ask(const std::shared_ptr<Session>& session);
    /// Asks the server to cancel what the session runs, over a connection of its own; told(bool) when that is closed,
    /// which is once the request has hit whatever runs then, or never.
    void cancel(const std::shared_ptr<Session>& session, std::function<void()> told);
    void close(Session& session);
    /// The session's question has its answer.
    static void answer(Session& session, bool cancelled);
    /// Of the youngest session.
    [[nodiscard]] std::uint64_t last_number() const { return next_number_ - 1; }
    /// The pool is not answerable for it any more.
    void give_away(Session& session) { open_.erase(session.number); }

    [[nodiscard]] SimContext& context() const { return context_; }

private:
    SimContext& context_;
    Random random_;
    std::uint64_t next_number_ = 1;
    std::set<std::uint64_t> open_;
};

/// The client's end; movable, as adapters demand.
class MockConnection {
public:
    explicit MockConnection(MockServer& server) : server_(&server) { ++server.clients; }
    ~MockConnection();
    MockConnection(MockConnection&& other) noexcept;
    MockConnection& operator=(MockConnection&&) = delete;

    Task<bool> connect(Instant deadline);
    /// One question and its answer; false when none came by the deadline, or somebody else's did.
    Task<bool> query(Instant deadline);
    /// As wire::PostgresConnection has them.
    Task<bool> request_cancel(Instant deadline);
    Task<bool> read_abandoned(Instant deadline);
    void close();
    /// Leaves the pool's accounts.
    void give_away();

    [[nodiscard]] const std::shared_ptr<Session>& session() const { return session_; }
    [[nodiscard]] MockServer& server() const { return *server_; }
    [[nodiscard]] bool is_open() const { return session_ && !session_->closed && !session_->broken; }

    Instant made{};                 // by the pool's wish to dial
    std::string complaint;          // what must never happen and did
    bool answers_to_others = false; // it read the answer to a question that was not its own
    bool hit_by_others = false;     // its question was cancelled by somebody else's request

private:
    MockServer* server_;
    std::shared_ptr<Session> session_;
    bool given_away_ = false;
};

struct MockAdapter {
    using Connection = MockConnection;
    MockServer* server;
    refkit::PoolParams params;
    std::string* complaint; // the first broken promise that the adapter sees
    bool cancels = false;   // what still runs is cancelled; otherwise its connection is broken, as with Redis

    [[nodiscard]] Connection make(const asio::any_io_executor&) const;
    Task<Result<void>> dial(Connection& connection, Instant deadline) const;
    Task<bool> validate(Connection& connection, Instant deadline) const;
    Task<bool> reset(Connection& connection, Instant deadline) const;
    Task<void> take_leave(Connection& connection, Instant deadline) const;
    [[nodiscard]] refkit::ReturnedAs condition(const Connection& connection) const;
    void close(Connection& connection) const { connection.close(); }
    friend bool operator==(const MockAdapter&, const MockAdapter&) = default;

private:
    /// Nothing that the pool does may last longer.
    void expect_within(Instant deadline, Duration limit) const;
};

} // namespace squall::sim
