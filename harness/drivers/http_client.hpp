// The HTTP/1.1 client of one virtual user: keep-alive connections, cookies, redirects, phases apart.
#pragma once

#include "base/time.hpp"
#include "drivers/answer_scanner.hpp"
#include "drivers/exchange.hpp"
#include "drivers/header_list.hpp"
#include "drivers/tls_context.hpp"
#include "drivers/vanished_sockets.hpp"
#include "measure/sample.hpp"
#include "wire/flow.hpp"
#include "wire/thread_events.hpp"
#include "wire/url.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::drivers {

struct AnswerSpace;

/// What the clients of one engine thread share. Not thread-safe: one a thread; must outlive its clients.
struct HttpContext {
    HttpContext(wire::ThreadEvents& thread_events, const Clock& run_clock, TlsContext tls_context,
                std::function<bool(std::string_view host)> host_allowed);
    ~HttpContext();
    HttpContext(const HttpContext&) = delete;
    HttpContext& operator=(const HttpContext&) = delete;

    wire::ThreadEvents& events;
    const Clock& clock;
    TlsContext tls;
    /// Asked before a redirect to another host is followed: DESIGN.md 9 (loopback or allow_hosts).
    std::function<bool(std::string_view host)> may_contact;

    // Scratch of the clients, used only between two awaits: an idle user holds no buffer of its own.
    std::string request_bytes;
    std::string cookie_value;
    std::vector<char> read_buffer;
    AnswerScanner scanner;
    /// Where answers are put together; a client has one only from the first byte of an answer to its forget_answer().
    std::vector<std::unique_ptr<AnswerSpace>> idle_spaces;
    VanishedSockets vanished; // of half-open requests and of WebSockets
};

/// The bytes of a request that is sent again and again; made by prepare_request() (request_writer.hpp).
struct PreparedRequest {
    std::string bytes;
    std::size_t header_end = 0; // where a Cookie line may be put in
    bool has_cookie = false;    // the caller's own
};

/// Borrowed values: all must stay as they are until perform() has returned.
struct HttpRequest {
    std::string_view method = "GET"; // upper case
    const wire::Url* url = nullptr;
    /// Sent as given; host, content-length, accept-encoding, user-agent and cookie are added where missing.
    std::span<const std::pair<std::string_view, std::string_view>> headers;
    std::optional<std::string_view> body;
    const PreparedRequest* prepared = nullptr; // all the above, written once
    Instant start;                             // now
    Instant deadline;                          // of the whole exchange: connecting, redirects and the retry included
    bool keep_body = false;
    bool keep_headers = true; // false: nobody looks at HttpExchange::headers
    int follow_redirects = 0; // at most so many; the answer that is left over is given as it is
};

struct ExchangeTimes {
    Instant start;    // now
    Instant deadline; // of the whole exchange: connecting, redirects and the retry included
};

/// One request and its answer. `body` and the headers live until the client's next perform() or forget_answer(), or
/// its destruction.
/// `phases` are sums over redirects and the retry. connecting includes the lookup of the name (once a client and host);
/// waiting is the time to the first byte; blocked is 0: a user's requests do not queue. Bytes received count as on the
/// wire, before decoding.
struct HttpExchange : Exchange {
    measure::ErrorKind error = measure::ErrorKind::none;
    std::string error_text;              // empty without an error
    int status = 0;                      // 0: no answer; set also when the body failed
    std::string_view body;               // decoded; empty unless keep_body
    const HeaderList* headers = nullptr; // null: none were kept

    bool retried = false; // see HttpClient
    int redirects = 0;
    bool cut_short = false; // it would have lasted longer: its owner came to an end

    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// One user's client: one keep-alive connection an origin, one request at a time, always on its context's thread.
///
/// Stale connections: a kept connection that the server has closed meanwhile is noticed before sending when it was idle
/// for 100 ms or more, and replaced. Where the close is noticed only after sending and no byte of an answer came, GET,
/// HEAD, OPTIONS, PUT and DELETE are sent once more on a new connection, as RFC 9110 section 9.2.2 permits; the time
/// of both attempts is counted. Anything else ends as connection_closed or connection_reset.
///
/// Limits: 64 KiB of headers, 64 MiB of body (also after decoding): response_too_large.
class HttpClient {
public:
    HttpClient(HttpContext& context, bool cookies);
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) = delete;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Never throws for what the world does: HttpExchange::error says it. `exchange` must be new; it and
    /// the request must live until the flow has ended.
    wire::Flow<> perform(const HttpRequest& request, ExchangeTimes times, HttpExchange& exchange);

    /// Closes all connections; a perform() under way ends as `cancelled`. The client can be used again afterwards.
    void close();

    /// Ends the life of the last answer's body and headers: an idle user holds no buffer.
    void forget_answer();

    /// Forgets the cookies: a new visitor.
    void clear_cookies();

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace squall::drivers
