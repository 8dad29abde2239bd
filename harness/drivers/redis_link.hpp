// One connection to Redis: commands go out, replies come back, phases apart. RESP2 and RESP3, TCP and TLS.
#pragma once

#include "drivers/exchange.hpp"
#include "drivers/resp_scanner.hpp"
#include "drivers/timed_stream.hpp"
#include "measure/sample.hpp"
#include "wire/redis_address.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace squall::drivers {

/// What the connections of one engine thread share; outlives them. Not thread-safe.
struct RedisContext {
    RedisContext(wire::ThreadEvents& thread_events, const Clock& run_clock, TlsContext tls_context);

    wire::ThreadEvents& events;
    const Clock& clock;
    TlsContext tls;

    std::vector<char> read_buffer; // used between two awaits
    /// Where replies that come in pieces are put together while somebody wants to look at them.
    std::vector<std::string> idle_buffers;
};

/// Whom to speak to, and how.
struct RedisServer {
    wire::RedisAddress address;
    int resp = 2; // or 3, by HELLO
};

/// Borrowed values, unchanged until perform() has ended.
struct RedisRequest {
    const RedisServer* server = nullptr;
    std::string_view bytes; // whole commands, see append_command()
    std::size_t replies = 1;
    bool messages = false;     // pushes of RESP3 are replies: after SUBSCRIBE
    bool keep_replies = false; // RedisExchange::replies is wanted
};

struct RedisTimes {
    Instant start;    // now
    Instant deadline; // of everything, connecting included
};

/// tls_handshaking holds what AUTH, HELLO and SELECT took besides TLS; waiting ends with the first byte of a reply.
struct RedisExchange : Exchange {
    measure::ErrorKind error = measure::ErrorKind::none;
    std::string error_text;   // empty without an error
    std::string_view replies; // their bytes, for take_reply(); until the link's next operation or the next await
};

/// Opens its connection when it is needed, and again after it was lost; one operation at a time, on its context's
/// thread. A kept connection that the server closed while it was idle for 100 ms or more is replaced before anything is
/// sent; commands are never sent twice.
///
/// Errors: `redis_error` for an error reply (the connection stays), `authentication` where the server refuses the
/// password or wants one, `malformed_response` for what is not Redis's protocol or more replies than commands,
/// `response_too_large` for a reply above 64 MiB or of more than a million values, and those of every connection.
class RedisLink {
public:
    explicit RedisLink(RedisContext& context) : context_(context), stream_(context.events, context.clock) {}
    ~RedisLink();
    RedisLink(const RedisLink&) = delete;
    RedisLink& operator=(const RedisLink&) = delete;

    /// The link and what is given must live until the flow has ended; `exchange` must be new.
    wire::Flow<> perform(const RedisRequest& request, RedisTimes times, RedisExchange& exchange);
    /// Ends the connection; a perform() under way ends as `cancelled`. The link can be used again afterwards.
    void close() { stream_.close(); }
    /// Ends the life of the last replies: an idle link holds no buffer.
    void forget_replies();
    [[nodiscard]] bool is_open() const { return stream_.is_open(); }

private:
    void aim(const RedisServer& server);
    wire::Flow<Failure> open(RedisExchange& exchange);
    wire::Flow<Failure> converse(const RedisRequest& request, RedisExchange& exchange);
    Failure take(std::string_view received, const RedisRequest& request, bool& done, RedisExchange& exchange);
    Failure keep(std::string_view bytes, bool done, RedisExchange& exchange);
    [[nodiscard]] Failure refused() const;
    void pass(Duration& phase, RedisExchange& exchange) const;

    RedisContext& context_;
    TimedStream stream_;
    RespScanner scanner_;
    RedisServer connected_to_;
    bool aimed_ = false;
    std::string kept_;  // replies in pieces; of the context's idle buffers
    std::string ahead_; // what came behind the last reply that was waited for
    Instant last_used_;
};

} // namespace squall::drivers
