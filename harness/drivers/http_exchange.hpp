// What happens between a client's perform() and its answer: connections, attempts, redirects, deadline.
#pragma once

#include "drivers/answer_parser.hpp"
#include "drivers/cookie_jar.hpp"
#include "drivers/failure.hpp"
#include "drivers/http_client.hpp"
#include "drivers/http_connection.hpp"
#include "drivers/request_writer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace squall::drivers {

/// Shared with the timer's handler and with a perform() that is still under way when the client is destroyed.
struct HttpClient::State : std::enable_shared_from_this<HttpClient::State> {
    State(asio::any_io_executor executor, HttpContext& context, bool cookies);

    /// Owns the state by its own frame, so that it outlives the client when it must.
    static Task<HttpExchange> perform(std::shared_ptr<State> self, HttpRequest request);
    void close();

    std::optional<CookieJar> cookies;

private:
    enum class Abort { none, deadline, closed };
    /// How far an attempt has come; decides what a passed deadline is called.
    enum class Stage { resolving, connecting, handshaking, exchanging };

    Task<void> follow(HttpRequest request, HttpExchange& exchange);
    Task<Failure> attempt_with_retry(Hop hop, bool keep_body, HttpExchange& exchange);
    Task<Failure> attempt(HttpConnection& connection, Hop hop, bool keep_body, HttpExchange& exchange);
    Task<Failure> open(HttpConnection& connection, HttpExchange& exchange);
    Task<Failure> connect(HttpConnection& connection);
    Task<Failure> look_up(HttpConnection& connection);
    Task<error_code> send(HttpConnection& connection, Hop hop, HttpExchange& exchange);
    Task<Failure> read_answer(HttpConnection& connection, AnswerKind kind, Instant sent, HttpExchange& exchange);
    static Failure end_of_answer(AnswerParser& parser, const error_code& error, bool begun);
    /// Gives the parser what has come; what it cannot use yet is left in pending_.
    Failure feed(std::optional<AnswerParser>& parser, AnswerKind kind, std::string_view data);

    [[nodiscard]] HttpConnection& connection_for(const wire::Url& url);
    void store_cookies(const wire::Url& url);
    /// The next hop's URL, or why it may not be followed; nothing when the answer is no redirect.
    [[nodiscard]] std::optional<Result<wire::Url>> next_url(const wire::Url& from) const;
    void finish_body(HttpExchange& exchange);

    /// The failure of an await that ended early on purpose, else nothing.
    [[nodiscard]] Failure abort_failure() const;
    void abort(Abort reason);
    void arm_deadline(Instant deadline);
    void start_timer();

    asio::any_io_executor executor_;
    HttpContext& context_;
    std::vector<std::unique_ptr<HttpConnection>> connections_;
    AnswerMemory answer_;
    std::string pending_; // bytes of an answer that the parser could not use yet
    std::string decoded_;
    std::string cookie_value_;

    asio::steady_timer timer_;
    asio::cancellation_signal lookup_cancel_;
    Instant deadline_;
    std::uint64_t timer_generation_ = 0;
    bool timer_running_ = false;
    bool performing_ = false;
    Abort abort_ = Abort::none;
    Stage stage_ = Stage::exchanging;
    bool stale_ = false; // the attempt failed as a kept connection does that the server had closed
};

} // namespace squall::drivers
