#include "stack/readiness.hpp"

#include "base/text.hpp"
#include "wire/deadline.hpp"
#include "wire/http_get.hpp"
#include "wire/postgres_connection.hpp"
#include "wire/redis_connection.hpp"
#include "wire/url.hpp"

#include <charconv>

namespace squall::stack {

namespace {

Task<Result<void>> ask_postgres(PostgresAnswers wanted, Instant deadline)
{
    wire::PostgresConnection connection(co_await asio::this_coro::executor);
    const auto connected = co_await connection.connect(wanted.url, deadline);
    if (!connected) {
        co_return fail("{}", redact(connected.error().message));
    }
    const auto answer = co_await connection.query("select 1", {}, deadline);
    if (!answer) {
        co_return fail("{}", redact(answer.error().message));
    }
    co_return Result<void>();
}

Task<Result<void>> ask_redis(RedisAnswers wanted, Instant deadline)
{
    wire::RedisConnection connection(co_await asio::this_coro::executor);
    const auto connected = co_await connection.connect(wanted.url, "", deadline);
    if (!connected) {
        co_return connected.error();
    }
    std::vector<std::string> ping{"PING"};
    const auto reply = co_await connection.command(std::move(ping), deadline);
    if (!reply) {
        co_return reply.error();
    }
    if (reply->type == wire::RedisReply::Type::error && !reply->text.starts_with("NOAUTH")) {
        co_return fail("PING was answered: {}", reply->text);
    }
    co_return Result<void>();
}

Task<Result<void>> ask_http(HttpAnswers wanted, Instant deadline)
{
    // A local service's certificate is its own business; the users verify it.
    const auto answer = co_await wire::http_get(wanted.url, deadline, false);
    if (!answer) {
        co_return answer.error();
    }
    const bool good = wanted.status ? answer->status == *wanted.status : answer->status < 500;
    if (!good) {
        co_return fail("status {}: {}", answer->status, redact(answer->body.substr(0, 200)));
    }
    co_return Result<void>();
}

Task<Result<void>> ask_port(PortAccepts wanted, Instant deadline)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    error_code bad_address;
    const auto address = asio::ip::make_address(wanted.host == "localhost" ? "127.0.0.1" : wanted.host, bad_address);
    if (bad_address) {
        co_return fail("\"{}\" is not an address", wanted.host);
    }
    asio::ip::tcp::socket socket(executor);
    const wire::DeadlineGuard guard(executor, deadline, [&socket] {
        error_code ignored;
        socket.close(ignored);
    });
    const asio::ip::tcp::endpoint endpoint(address, static_cast<std::uint16_t>(wanted.port));
    const auto [error] = co_await socket.async_connect(endpoint, use_result);
    if (error) {
        co_return fail("{}:{}: {}", wanted.host, wanted.port, guard.expired() ? "no answer in time" : error.message());
    }
    co_return Result<void>();
}

} // namespace

Result<Readiness> parse_readiness(std::string_view text, int port)
{
    if (text.empty()) {
        return Readiness(PortAccepts{"127.0.0.1", port});
    }
    if (text.starts_with("http://") || text.starts_with("https://")) {
        const auto url = wire::parse_url(text);
        if (!url) {
            return url.error();
        }
        return Readiness(HttpAnswers{std::string(text), std::nullopt});
    }
    constexpr std::string_view tcp = "tcp://";
    const std::size_t colon = text.rfind(':');
    if (text.starts_with(tcp) && colon > tcp.size()) {
        const std::string_view digits = text.substr(colon + 1);
        int number = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error == std::errc() && end == digits.data() + digits.size() && number > 0 && number < 65'536) {
            return Readiness(PortAccepts{std::string(text.substr(tcp.size(), colon - tcp.size())), number});
        }
    }
    return fail("ready = \"{}\" is not understood; expected http://host:port/path, https://…, tcp://host:port, or "
                "nothing (the port accepts connections)",
                redact(text));
}

std::string describe(const Readiness& readiness)
{
    struct Teller {
        std::string operator()(const PostgresAnswers& wanted) const
        {
            return fmt::format("\"select 1\" at {}", redact(wanted.url));
        }
        std::string operator()(const RedisAnswers& wanted) const
        {
            return fmt::format("PING at {}", redact(wanted.url));
        }
        std::string operator()(const HttpAnswers& wanted) const
        {
            return fmt::format("GET {}, waiting for {}", redact(wanted.url),
                               wanted.status ? fmt::format("status {}", *wanted.status) : "a status below 500");
        }
        std::string operator()(const PortAccepts& wanted) const
        {
            return fmt::format("a TCP connection to {}:{}", wanted.host, wanted.port);
        }
    };
    return std::visit(Teller{}, readiness);
}

Task<Result<void>> ask(Readiness readiness, Instant deadline)
{
    if (auto* postgres = std::get_if<PostgresAnswers>(&readiness)) {
        co_return co_await ask_postgres(std::move(*postgres), deadline);
    }
    if (auto* redis = std::get_if<RedisAnswers>(&readiness)) {
        co_return co_await ask_redis(std::move(*redis), deadline);
    }
    if (auto* http = std::get_if<HttpAnswers>(&readiness)) {
        co_return co_await ask_http(std::move(*http), deadline);
    }
    co_return co_await ask_port(std::get<PortAccepts>(std::move(readiness)), deadline);
}

} // namespace squall::stack
