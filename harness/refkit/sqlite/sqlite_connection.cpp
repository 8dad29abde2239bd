#include "refkit/sqlite/sqlite_connection.hpp"

#include "refkit/sqlite/sqlite_threads.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace squall::refkit {
namespace {

using Work = std::function<SqliteResult<void>(SqliteDatabase&)>;

Instant now()
{
    return std::chrono::steady_clock::now();
}

Instant later(Instant instant, Duration by)
{
    return instant > Instant::max() - by ? Instant::max() : instant + by;
}

SqliteError closed()
{
    return {SqliteError::Kind::broken, 0, "the connection is closed"};
}

/// A job whose caller leaves early, also by an exception or with its frame, is given up.
class Asking {
public:
    Asking(std::shared_ptr<SqliteWorker> worker, std::shared_ptr<SqliteJob> job)
        : worker_(std::move(worker)),
          job_(std::move(job))
    {
        worker_->submit(job_);
    }
    ~Asking()
    {
        if (!job_->done) {
            worker_->give_up(*job_);
        }
    }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;

private:
    std::shared_ptr<SqliteWorker> worker_;
    std::shared_ptr<SqliteJob> job_;
};

SqliteResult<void> verdict(const SqliteJob& job, bool closed_meanwhile, bool cancelled)
{
    if (job.done && job.result) {
        return {};
    }
    if (closed_meanwhile) {
        return closed();
    }
    if (!job.done && cancelled) {
        return SqliteError{SqliteError::Kind::cancelled, 0, "cancelled"};
    }
    if (!job.done) {
        return SqliteError{SqliteError::Kind::timeout, 0, "not done in time"};
    }
    auto error = job.result.error();
    using Kind = SqliteError::Kind;
    if ((error.kind == Kind::busy || error.kind == Kind::cancelled) && !cancelled && now() >= job.deadline) {
        error.kind = Kind::timeout;
        error.message = "not done in time: " + error.message;
    }
    return error;
}

} // namespace

struct SqliteConnection::State : std::enable_shared_from_this<State> {
    explicit State(const asio::any_io_executor& on) : executor(on), timer(on) {}

    asio::any_io_executor executor;
    asio::steady_timer timer;             // of whoever waits; cancelled when there may be news
    std::shared_ptr<SqliteWorker> worker; // null before open()
    std::optional<Duration> statement_timeout{};
    bool closed = false;
    bool joined = false;

    void close()
    {
        closed = true;
        if (worker) {
            worker->stop();
        }
        timer.cancel();
    }

    SqliteResult<void> start()
    {
        if (worker || closed) {
            return SqliteError{SqliteError::Kind::refused, 0, "a connection is opened once"};
        }
        auto fresh = std::make_shared<SqliteWorker>();
        try {
            SqliteThreads::of(executor).start(fresh, executor, [weak = weak_from_this()] {
                if (const auto state = weak.lock()) {
                    state->joined = true;
                    state->timer.cancel();
                }
            });
        } catch (const std::system_error& error) {
            return SqliteError{SqliteError::Kind::refused, 0, fmt::format("no thread for it: {}", error.what())};
        }
        worker = std::move(fresh);
        return {};
    }

    std::shared_ptr<SqliteJob> job(Work work, Instant deadline)
    {
        auto made = std::make_shared<SqliteJob>();
        made->work = std::move(work);
        made->deadline = deadline;
        made->ended = [on = executor, weak = weak_from_this()] {
            asio::post(on, [weak] {
                if (const auto state = weak.lock()) {
                    state->timer.cancel();
                }
            });
        };
        return made;
    }

    /// Until over(), `until`, or the coroutine is cancelled; true for the last.
    template <typename Over>
    static Task<bool> wait(std::shared_ptr<State> state, Instant until, Over over)
    {
        bool cancelled = false;
        while (!over() && !cancelled && now() < until) {
            state->timer.expires_at(until);
            co_await state->timer.async_wait(use_result);
            const auto cancellation = co_await asio::this_coro::cancellation_state;
            cancelled = cancellation.cancelled() != asio::cancellation_type::none;
        }
        co_return cancelled;
    }

    static Task<SqliteResult<void>> ask(std::shared_ptr<State> state, Work work, Instant deadline)
    {
        if (!state->worker || state->closed) {
            co_return refkit::closed();
        }
        const auto job = state->job(std::move(work), deadline);
        const Asking asking(state->worker, job);
        const auto over = [state, job] { return job->done || state->closed; };
        bool cancelled = co_await wait(state, deadline, over);
        if (!over() && !cancelled) {
            state->worker->give_up(*job);
            cancelled = co_await wait(state, later(deadline, grace_for_word), over);
        }
        co_return verdict(*job, state->closed, cancelled);
    }

    static Task<SqliteResult<void>> open(std::shared_ptr<State> state, SqliteOpening opening, Instant deadline)
    {
        const auto started = state->start();
        if (!started) {
            co_return started.error();
        }
        state->statement_timeout = opening.statement_timeout;
        Work work = [opening](SqliteDatabase& database) { return database.open(opening); };
        auto opened = co_await ask(state, std::move(work), deadline);
        if (!opened) {
            state->close();
        }
        co_return opened;
    }

    /// `Answer` by `how`, a member of SqliteDatabase.
    template <typename Answer>
    using How = SqliteResult<Answer> (SqliteDatabase::*)(const std::string&, const std::vector<SqliteValue>&);
    template <typename Answer>
    static Task<SqliteResult<Answer>> run(std::shared_ptr<State> state, How<Answer> how, std::string sql,
                                          std::vector<SqliteValue> parameters, Instant deadline)
    {
        const auto answer = std::make_shared<Answer>();
        Work work = [how, sql = std::move(sql), parameters = std::move(parameters),
                     answer](SqliteDatabase& database) -> SqliteResult<void> {
            auto got = (database.*how)(sql, parameters);
            if (!got) {
                return got.error();
            }
            *answer = std::move(*got);
            return {};
        };
        const auto timeout = state->statement_timeout;
        const auto bound = timeout ? std::min(deadline, later(now(), *timeout)) : deadline;
        const auto done = co_await ask(state, std::move(work), bound);
        if (!done) {
            co_return done.error();
        }
        co_return std::move(*answer);
    }

    static Task<bool> close_gently(std::shared_ptr<State> state, Instant deadline)
    {
        state->close();
        const auto over = [state] { return state->joined || !state->worker; };
        co_await wait(state, deadline, over);
        co_return over();
    }
};

SqliteConnection::SqliteConnection(const asio::any_io_executor& executor) : state_(std::make_shared<State>(executor)) {}
SqliteConnection::SqliteConnection(SqliteConnection&&) noexcept = default;

SqliteConnection::~SqliteConnection()
{
    if (state_ && state_->worker) {
        state_->worker->stop(); // and nothing else: this may be any thread
    }
}

SqliteConnection& SqliteConnection::operator=(SqliteConnection&& other) noexcept
{
    SqliteConnection gone(std::move(*this));
    state_ = std::move(other.state_);
    return *this;
}

Task<SqliteResult<void>> SqliteConnection::open(SqliteOpening opening, Instant deadline)
{
    return State::open(state_, std::move(opening), deadline);
}

Task<SqliteResult<SqliteRows>> SqliteConnection::query(std::string sql, std::vector<SqliteValue> parameters,
                                                       Instant deadline)
{
    return State::run<SqliteRows>(state_, &SqliteDatabase::query, std::move(sql), std::move(parameters), deadline);
}

Task<SqliteResult<SqliteChange>> SqliteConnection::execute(std::string sql, std::vector<SqliteValue> parameters,
                                                           Instant deadline)
{
    return State::run<SqliteChange>(state_, &SqliteDatabase::execute, std::move(sql), std::move(parameters), deadline);
}

Task<SqliteResult<void>> SqliteConnection::roll_back(Instant deadline)
{
    return State::ask(
        state_, [](SqliteDatabase& database) { return database.roll_back(); }, deadline);
}

SqliteConnection::Condition SqliteConnection::condition() const
{
    const auto now = state_->worker ? state_->worker->condition() : SqliteWorker::Condition();
    return {now.open, now.working, now.in_transaction};
}

void SqliteConnection::close()
{
    state_->close();
}

Task<bool> SqliteConnection::close_gently(Instant deadline)
{
    return State::close_gently(state_, deadline);
}

} // namespace squall::refkit
