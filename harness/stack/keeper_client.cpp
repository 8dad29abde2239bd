#include "stack/keeper_client.hpp"

#include "stack/keeper_launch.hpp"
#include "stack/log_tail.hpp"
#include "stack/process_table.hpp"
#include "wire/deadline.hpp"

#include <sys/wait.h>

#include <array>
#include <exception>

namespace squall::stack {

namespace {

using Socket = asio::local::stream_protocol::socket;

constexpr Duration answer_time = std::chrono::seconds(10);
constexpr Duration stop_margin = std::chrono::seconds(3);
constexpr Duration hurry_time = std::chrono::seconds(4);
constexpr Duration collect_time = std::chrono::seconds(1);
constexpr Duration clean_up_time = std::chrono::seconds(7); // collecting and clear_remains
constexpr Duration look_again = std::chrono::milliseconds(10);

} // namespace

Task<bool> is_cancelled()
{
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() != asio::cancellation_type::none;
}

KeeperClient::KeeperClient(Socket socket, pid_t pid, std::shared_ptr<const Clock> clock)
    : socket_(std::move(socket)),
      changed_(socket_.get_executor()),
      keeper_{pid, process_stat(pid).value_or(ProcessStat{}).start},
      clock_(std::move(clock))
{}

Task<Result<std::shared_ptr<KeeperClient>>> KeeperClient::launch(std::vector<std::string> command, std::string log,
                                                                 std::shared_ptr<const Clock> clock)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto process = launch_keeper(command, log);
    if (!process) {
        co_return process.error();
    }
    Socket socket(executor);
    error_code error;
    socket.assign(asio::local::stream_protocol(), process->socket, error);
    if (error) {
        co_return fail("cannot use the keeper's socket: {}", error.message());
    }
    auto client = std::make_shared<KeeperClient>(std::move(socket), process->pid, clock);
    asio::co_spawn(executor, listen(client), [client](std::exception_ptr problem) {
        client->finished_ = true;
        client->notify();
        if (problem) {
            std::rethrow_exception(problem);
        }
    });
    const Instant until = clock->now() + answer_time;
    bool cancelled = false;
    while (!client->greeted_ && client->connected_ && !cancelled && clock->now() < until) {
        co_await client->wait_for_change(until);
        cancelled = co_await is_cancelled();
    }
    if (client->greeted_ || cancelled) {
        co_return client; // the caller looks at the cancellation itself
    }
    client->abandon();
    co_return fail("the keeper process of the stack did not start; {}", describe_log_end(log));
}

Task<void> KeeperClient::listen(std::shared_ptr<KeeperClient> self)
{
    std::array<char, 4096> bytes{};
    while (true) {
        const auto [error, count] = co_await self->socket_.async_read_some(asio::buffer(bytes), use_result);
        if (error) {
            break;
        }
        for (const std::string& line : self->lines_.feed({bytes.data(), count})) {
            if (const auto notice = parse_notice(line)) {
                self->take(*notice);
            }
        }
        self->notify();
    }
    self->connected_ = false;
    self->notify();
    if (!self->detached_ && !self->abandoned_) {
        co_await self->clean_up();
    }
}

void KeeperClient::take(const Notice& notice)
{
    if (std::holds_alternative<Hello>(notice)) {
        greeted_ = true;
    } else if (std::holds_alternative<Detached>(notice)) {
        detached_ = true;
    } else if (const auto* spawned = std::get_if<Spawned>(&notice)) {
        answers_[spawned->name] = *spawned;
    } else if (const auto* ended = std::get_if<Ended>(&notice)) {
        ended_[ended->name] = *ended;
        if (!jobs_.contains(ended->name)) {
            announce(ServiceDeath{ended->name, ended->pid, describe(*ended)});
        }
    }
}

void KeeperClient::announce(ServiceDeath death)
{
    if (stopping_) {
        return;
    }
    if (on_death_) {
        on_death_(death);
    } else {
        untold_.push_back(std::move(death));
    }
}

void KeeperClient::on_death(std::function<void(const ServiceDeath&)> callback)
{
    on_death_ = std::move(callback);
    if (!on_death_) {
        return;
    }
    for (const ServiceDeath& death : std::exchange(untold_, {})) {
        on_death_(death);
    }
}

/// The keeper's socket closed. After a stop there is nothing left to do but to collect it; after its death its children
/// are dying of their death signals, and those that got none are found by its session.
Task<void> KeeperClient::clean_up()
{
    announce(ServiceDeath{"keeper", keeper_.pid, "ended, and every service with it"});
    const Instant give_up_at = clock_->now() + collect_time;
    while (::waitpid(keeper_.pid, nullptr, WNOHANG) == 0 && clock_->now() < give_up_at) {
        co_await wire::sleep_until(clock_->now() + look_again);
    }
    const auto cleared = co_await clear_remains(keeper_, folders_, clock_);
    leftovers_ = cleared ? "" : cleared.error().message;
}

void KeeperClient::notify()
{
    changed_.cancel();
}

Task<void> KeeperClient::wait_for_change(Instant until)
{
    changed_.expires_at(until);
    co_await changed_.async_wait(use_result);
}

/// By reference: GCC 12 destroys aggregates made inside an awaited call twice. The caller's request outlives the await.
Task<Result<void>> KeeperClient::send(const Request& request)
{
    const std::string line = encode(request) + "\n";
    const auto [error, count] = co_await asio::async_write(socket_, asio::buffer(line), use_result);
    if (error) {
        co_return fail("the keeper of the stack does not listen any more: {}", error.message());
    }
    co_return Result<void>();
}

Task<Result<pid_t>> KeeperClient::spawn(SpawnRequest request, Purpose purpose)
{
    const std::string name = request.name;
    if (purpose == Purpose::job) {
        jobs_.insert(name);
    }
    graces_[name] = request.grace;
    const Request wanted = std::move(request);
    const auto sent = co_await send(wanted);
    if (!sent) {
        co_return sent.error();
    }
    const Instant until = clock_->now() + answer_time;
    bool cancelled = false;
    while (!answers_.contains(name) && connected_ && !cancelled && clock_->now() < until) {
        co_await wait_for_change(until);
        cancelled = co_await is_cancelled();
    }
    const auto answer = answers_.find(name);
    if (answer == answers_.end()) {
        co_return fail("{}: the keeper of the stack did not answer", name);
    }
    if (!answer->second.error.empty()) {
        co_return Error::saying(answer->second.error);
    }
    co_return answer->second.pid;
}

Task<Result<void>> KeeperClient::remove_at_end(std::string folder)
{
    folders_.push_back(folder);
    const Request wanted = RemoveAtEnd{std::move(folder)};
    co_return co_await send(wanted);
}

Task<Result<void>> KeeperClient::detach()
{
    const Request wanted = Detach{};
    const auto sent = co_await send(wanted);
    if (!sent) {
        co_return sent.error();
    }
    const Instant until = clock_->now() + answer_time;
    while (!detached_ && connected_ && clock_->now() < until) {
        co_await wait_for_change(until);
    }
    if (!detached_) {
        co_return fail("the keeper of the stack did not detach");
    }
    abandon();
    co_return Result<void>();
}

Task<Result<void>> KeeperClient::stop()
{
    const auto throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (!stopping_ && connected_) {
        stopping_ = true;
        const Request wanted = StopAll{};
        const auto asked = co_await send(wanted);
        if (asked) {
            co_await wait_until_finished(clock_->now() + total_grace() + stop_margin);
        }
    }
    if (connected_) {
        // The keeper takes the end of file for our death, and hurries.
        error_code ignored;
        socket_.shutdown(Socket::shutdown_send, ignored);
        co_await wait_until_finished(clock_->now() + hurry_time);
    }
    if (connected_) {
        ::kill(keeper_.pid, SIGKILL);
    }
    co_await wait_until_finished(clock_->now() + clean_up_time);
    co_await asio::this_coro::reset_cancellation_state();
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (!finished_) {
        co_return fail("the keeper of the stack (pid {}) does not end", keeper_.pid);
    }
    if (!leftovers_.empty()) {
        co_return Error::saying(leftovers_);
    }
    co_return Result<void>();
}

Task<void> KeeperClient::wait_until_finished(Instant until)
{
    while (!finished_ && clock_->now() < until) {
        co_await wait_for_change(until);
    }
}

void KeeperClient::abandon()
{
    abandoned_ = true;
    error_code ignored;
    socket_.close(ignored);
}

std::optional<Ended> KeeperClient::ended(const std::string& name) const
{
    const auto found = ended_.find(name);
    return found == ended_.end() ? std::nullopt : std::optional(found->second);
}

Duration KeeperClient::total_grace() const
{
    Duration total{};
    for (const auto& [name, grace] : graces_) {
        total += ended_.contains(name) ? Duration::zero() : Duration(grace);
    }
    return total;
}

} // namespace squall::stack
