// An HTTP client as a service fears it: it writes slowly, reads slowly, or stops in the middle and says nothing more.
#pragma once

#include "drivers/failure.hpp"
#include "drivers/http_client.hpp"
#include "drivers/stream.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace squall::drivers {

/// How the request of HttpRequest is sent, or its answer read.
struct SlowPace {
    enum class Kind {
        write,     // the request, `bytes` every `every` (slowloris)
        read,      // the answer, `bytes` every `every`, through a receive buffer as small as the system gives
        half_open, // the header and `bytes` of the body, then nothing; the connection is never closed
    };
    Kind kind = Kind::write;
    std::size_t bytes = 1;
    Duration every{};
    Duration length{}; // after it the client gives up
};

/// One user's. Plain TCP only. The exchange's time is how long the service let the client hold it: to the end of the
/// answer, the service's close or `length`. That a service closes is no error. status: 0 without an answer.
class SlowHttpClient final : private wire::TimedAction {
public:
    /// `stopping`: its user shall come to an end; outlives it.
    SlowHttpClient(HttpContext& context, const bool& stopping);
    ~SlowHttpClient() override;

    /// Until `times.deadline` it must be connected. `request` and `exchange` live until the flow has ended.
    wire::Flow<> perform(const HttpRequest& request, SlowPace pace, ExchangeTimes times, HttpExchange& exchange);
    /// `stopping` has become true: what is held ends soon, without an error, and the exchange says that it was cut
    /// short.
    void stop() { pause_.cancel(); }
    /// What is under way ends as `cancelled`. Half-open connections are the context's: see VanishedSockets.
    void close();

private:
    enum class Turn { more, over };

    wire::Flow<Failure> connect(const HttpRequest& request, Instant deadline);
    wire::Flow<> hold(const HttpRequest& request, SlowPace pace, HttpExchange& exchange);
    void write_some(SlowPace pace, std::size_t header_bytes, HttpExchange& exchange);
    Turn read_some(SlowPace pace, HttpExchange& exchange);
    void on_time() override;

    HttpContext& context_;
    std::unique_ptr<Stream> stream_;
    const bool& stopping_;
    wire::Pause pause_;
    std::string unsent_;
    std::string answer_; // its first bytes
    std::vector<char> buffer_;
    std::size_t answer_bytes_ = 0;
    bool closed_ = false;
    bool late_ = false;
};

} // namespace squall::drivers
