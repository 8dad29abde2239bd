// What happens between a client's perform() and its answer: connections, attempts, redirects, deadline.
#pragma once

#include "drivers/answer_parser.hpp"
#include "drivers/cookie_jar.hpp"
#include "drivers/failure.hpp"
#include "drivers/http_client.hpp"
#include "drivers/request_writer.hpp"
#include "drivers/stream.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace squall::drivers {

/// Shared with a perform() that is still under way when the client is destroyed. Its time is the request's deadline.
struct HttpClient::State final : private wire::TimedAction {
    State(HttpContext& context, bool cookies);

    /// Owns the state by its own frame, so that it outlives the client when it must.
    static wire::Flow<> perform(std::shared_ptr<State> self, const HttpRequest& request, ExchangeTimes times,
                                HttpExchange& exchange);
    void close();
    void forget_answer();

    std::optional<CookieJar> cookies;

private:
    enum class Abort { none, deadline, closed };
    /// How far an attempt has come; decides what a passed deadline is called.
    enum class Stage { resolving, connecting, handshaking, exchanging };

    /// What the answer of one attempt is needed for.
    struct Wanted {
        AnswerKind kind;
        ScanWants scan;
        bool headers = false;
    };

    void begin(const HttpRequest& request, ExchangeTimes times, HttpExchange& exchange);
    /// After an answer: true when it is a redirect to be followed, with all that it changes.
    bool follow(const HttpRequest& request, Hop& hop, std::unique_ptr<wire::Url>& redirected, HttpExchange& exchange);
    wire::Flow<Failure> attempt(Stream& connection, const Hop& hop, Wanted wanted, HttpExchange& exchange);
    wire::Flow<Failure> open(Stream& connection, HttpExchange& exchange);
    wire::Flow<Failure> connect(Stream& connection);
    wire::Flow<Failure> look_up(Stream& connection);
    [[nodiscard]] std::string_view bytes_of(const Hop& hop);
    /// Whether the connection is open from an earlier request, and still whole as far as can be seen.
    bool is_kept(Stream& connection, HttpExchange& exchange);
    /// A phase of the exchange is over.
    void pass(HttpExchange& exchange, Duration& phase) const;
    /// Why an attempt ended before any byte of an answer.
    Failure broken(Stream& connection, const error_code& error);
    /// Where the first piece of an answer, `received`, is not all of it or not plain.
    wire::Flow<Failure> parse_answer(Stream& connection, AnswerKind kind, std::string_view received,
                                     HttpExchange& exchange);
    /// True when the bytes are a whole answer of the plain kind.
    bool take_plain(std::string_view received, const Wanted& wanted, Stream& connection, HttpExchange& exchange);
    AnswerSpace& answer_space();
    static Failure end_of_answer(AnswerParser& parser, const error_code& error);
    /// Gives the parser what has come; what it cannot use yet is left pending.
    Failure feed(std::optional<AnswerParser>& parser, AnswerKind kind, std::string_view data);

    [[nodiscard]] Stream& connection_for(const Hop& hop);
    void store_cookies(const wire::Url& url);
    /// The next hop's URL, or why it may not be followed; nothing when the answer is no redirect.
    [[nodiscard]] std::optional<Result<wire::Url>> next_url(const wire::Url& from, int status) const;
    void finish_body(HttpExchange& exchange);

    /// The failure of an await that ended early on purpose, else nothing.
    [[nodiscard]] Failure abort_failure() const;
    void abort(Abort reason);
    void arm_deadline(Instant deadline);
    void on_time() override;

    HttpContext& context_;
    std::vector<std::unique_ptr<Stream>> connections_;
    std::unique_ptr<AnswerSpace> answer_; // null: nothing is kept of an answer

    asio::cancellation_signal lookup_cancel_;
    Instant deadline_;
    Instant timer_at_; // while the timer runs
    bool performing_ = false;
    Abort abort_ = Abort::none;
    Stage stage_ = Stage::exchanging;
    bool stale_ = false; // the attempt failed as a kept connection does that the server had closed
};

} // namespace squall::drivers
