#include "drivers/slow_http.hpp"

#include "base/text.hpp"
#include "drivers/header_list.hpp"
#include "drivers/request_writer.hpp"
#include "wire/flow_bridge.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace squall::drivers {
namespace {

using measure::ErrorKind;

constexpr std::size_t most_of_answer = std::size_t{16} * 1024; // looked at for its status and length
constexpr Duration look_every = std::chrono::milliseconds(100);

/// "HTTP/1.1 200 OK\r\n…" → 200; 0 while it is not known.
int status_of(std::string_view answer)
{
    constexpr std::size_t at = 9;
    int status = 0;
    if (answer.size() >= at + 3 && answer.starts_with("HTTP/1.")) {
        std::from_chars(answer.data() + at, answer.data() + at + 3, status);
    }
    return status;
}

/// Bytes of the whole answer where its header says them; else without end.
std::size_t length_of(std::string_view answer)
{
    constexpr auto unknown = std::numeric_limits<std::size_t>::max();
    const auto end = answer.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return unknown;
    }
    for (auto rest = answer.substr(0, end + 2); !rest.empty();) {
        const auto line = rest.substr(0, rest.find("\r\n"));
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && same_name(line.substr(0, colon), "content-length")) {
            const auto value = trim(line.substr(colon + 1));
            std::size_t body = 0;
            const auto read = std::from_chars(value.data(), value.data() + value.size(), body);
            return read.ec == std::errc() ? end + 4 + body : unknown;
        }
        rest.remove_prefix(line.size() + 2);
    }
    return unknown;
}

} // namespace

SlowHttpClient::SlowHttpClient(HttpContext& context, const bool& stopping)
    : context_(context),
      stopping_(stopping),
      pause_(context.events.timers)
{}

SlowHttpClient::~SlowHttpClient()
{
    context_.events.timers.cancel(*this);
}

wire::Flow<> SlowHttpClient::perform(const HttpRequest& request, SlowPace pace, ExchangeTimes times,
                                     HttpExchange& exchange)
{
    closed_ = late_ = false;
    exchange.started = times.start;
    exchange.new_connection = true;
    Failure failure = co_await connect(request, times.deadline);
    const auto connected = context_.clock.now();
    exchange.phases.connecting = connected - times.start;
    if (!failure) {
        co_await hold(request, pace, exchange);
        failure = closed_ ? Failure{ErrorKind::cancelled, "the request was given up by its user"} : Failure{};
    }
    exchange.ended = context_.clock.now();
    exchange.phases.waiting = exchange.ended - connected;
    exchange.error = failure.kind;
    exchange.error_text = std::move(failure.text);
    if (pace.kind == SlowPace::Kind::half_open && stream_ && stream_->is_open()) {
        if (const auto descriptor = stream_->abandon()) {
            context_.vanished.keep(*descriptor);
        }
    }
    stream_.reset();
    answer_ = {};
    unsent_ = {};
    buffer_ = {};
}

wire::Flow<Failure> SlowHttpClient::connect(const HttpRequest& request, Instant deadline)
{
    const auto& url = *request.url;
    if (url.secure()) {
        co_return Failure{ErrorKind::internal, "a slow or half-open request goes over plain TCP; expected http://"};
    }
    stream_ = std::make_unique<Stream>(context_.events, url);
    if (const auto literal = wire::literal_endpoint(url.host, url.port)) {
        stream_->addresses.assign(1, *literal);
    } else {
        auto found = co_await wire::TaskInFlow(context_.events.executor(), wire::resolve(url.host, url.port, deadline));
        if (found.has_error()) {
            co_return lookup_failure(found.error(), url.host);
        }
        stream_->addresses = found.value();
    }
    context_.events.timers.set(*this, deadline);
    const error_code error = co_await stream_->connect();
    context_.events.timers.cancel(*this);
    const auto peer = fmt::format("{}:{}", url.host, url.port);
    if (late_) {
        co_return Failure{ErrorKind::connect_timeout, fmt::format("cannot connect to {} in time", peer)};
    }
    if (closed_) {
        co_return Failure{ErrorKind::cancelled, "the request was given up by its user"};
    }
    if (error) {
        co_return connect_failure(error, peer);
    }
    stream_->established();
    co_return Failure{};
}

wire::Flow<> SlowHttpClient::hold(const HttpRequest& request, SlowPace pace, HttpExchange& exchange)
{
    const Hop hop{request.method, request.url, request.headers, request.body, nullptr, false, false};
    write_request(hop, "", unsent_);
    const auto header_bytes = unsent_.size() - (request.body ? request.body->size() : 0);
    answer_.clear();
    answer_bytes_ = 0;
    if (pace.kind == SlowPace::Kind::read) {
        stream_->read_little();
    }
    const auto end = context_.clock.now() + pace.length;
    auto next_turn = context_.clock.now();
    while (!closed_ && !exchange.cut_short && context_.clock.now() < end) {
        if (context_.clock.now() >= next_turn) {
            next_turn += pace.every > Duration::zero() ? pace.every : pace.length;
            write_some(pace, header_bytes, exchange);
        }
        if (read_some(pace, exchange) == Turn::over) {
            break;
        }
        // Between two turns it looks whether the service has answered or closed; a slow reader only reads in its turn.
        const auto look = pace.kind == SlowPace::Kind::read ? next_turn : context_.clock.now() + look_every;
        const auto wake = std::min(std::min(look, next_turn), end);
        exchange.cut_short = stopping_;
        if (!stopping_) {
            co_await pause_.until(wake);
        }
    }
    exchange.status = status_of(answer_);
}

void SlowHttpClient::write_some(SlowPace pace, std::size_t header_bytes, HttpExchange& exchange)
{
    auto size = unsent_.size();
    if (pace.kind == SlowPace::Kind::write) {
        size = std::min(size, pace.bytes);
    } else if (pace.kind == SlowPace::Kind::half_open && exchange.bytes_sent == 0) {
        size = std::min(size, header_bytes + pace.bytes);
    } else if (pace.kind == SlowPace::Kind::half_open) {
        return;
    }
    std::string_view bytes(unsent_.data(), size);
    if (!bytes.empty() && stream_->send_now(bytes) != Stream::Done::failed) {
        exchange.bytes_sent += size - bytes.size();
        unsent_.erase(0, size - bytes.size());
    }
}

SlowHttpClient::Turn SlowHttpClient::read_some(SlowPace pace, HttpExchange& exchange)
{
    const auto most = pace.kind == SlowPace::Kind::read ? pace.bytes : most_of_answer;
    buffer_.resize(std::min(most, most_of_answer));
    std::string_view received;
    stream_->look_again();
    const auto done = stream_->receive_now(buffer_, received);
    if (done == Stream::Done::yes) {
        exchange.bytes_received += received.size();
        answer_bytes_ += received.size();
        answer_.append(received.substr(0, most_of_answer - std::min(most_of_answer, answer_.size())));
    }
    if (done == Stream::Done::failed) {
        stream_->close(); // the service has closed it
        return Turn::over;
    }
    return answer_bytes_ > 0 && answer_bytes_ >= length_of(answer_) ? Turn::over : Turn::more;
}

void SlowHttpClient::on_time()
{
    late_ = true;
    stream_->close();
}

void SlowHttpClient::close()
{
    closed_ = true;
    pause_.cancel();
    if (stream_) {
        stream_->close();
    }
}

} // namespace squall::drivers
