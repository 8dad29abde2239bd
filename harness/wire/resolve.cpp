#include "wire/resolve.hpp"

#include <memory>
#include <optional>

namespace squall::wire {
namespace {

using asio::ip::tcp;

// Outlives the coroutine when the lookup is slower than the deadline.
struct Lookup {
    explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), done(executor) {}

    tcp::resolver resolver;
    asio::steady_timer done; // cancelled when the answer is there
    std::optional<boost::system::result<Endpoints>> answer;
};

// Ends the wait for a lookup that nobody waits for any more.
struct CancelOnExit {
    std::shared_ptr<Lookup> lookup;
    ~CancelOnExit() { lookup->resolver.cancel(); }
};

void finish(Lookup& lookup, error_code error, const tcp::resolver::results_type& results)
{
    if (error) {
        lookup.answer = error;
    } else {
        Endpoints endpoints;
        for (const auto& entry : results) {
            endpoints.push_back(entry.endpoint());
        }
        lookup.answer = std::move(endpoints);
    }
    lookup.done.cancel();
}

} // namespace

std::optional<tcp::endpoint> literal_endpoint(const std::string& host, std::uint16_t port)
{
    error_code not_literal;
    const auto address = asio::ip::make_address(host, not_literal);
    return not_literal ? std::nullopt : std::optional(tcp::endpoint(address, port));
}

Task<boost::system::result<Endpoints>> resolve(std::string host, std::uint16_t port, Instant deadline)
{
    if (const auto literal = literal_endpoint(host, port)) {
        co_return Endpoints{*literal};
    }
    if (deadline <= asio::steady_timer::clock_type::now()) {
        co_return error_code(asio::error::timed_out); // the system's lookup could not be stopped any more
    }
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto lookup = std::make_shared<Lookup>(executor);
    const CancelOnExit cancel{lookup};
    lookup->done.expires_at(deadline);
    lookup->resolver.async_resolve(
        host, std::to_string(port), tcp::resolver::numeric_service,
        [lookup](error_code error, const tcp::resolver::results_type& results) { finish(*lookup, error, results); });
    const auto [woken] = co_await lookup->done.async_wait(use_result);
    if (lookup->answer) {
        co_return *lookup->answer;
    }
    co_return woken ? error_code(woken) : error_code(asio::error::timed_out);
}

} // namespace squall::wire
