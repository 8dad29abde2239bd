#include "drivers/http_exchange.hpp"

#include "base/assert.hpp"
#include "drivers/inflate.hpp"
#include "drivers/redirect.hpp"

#include <algorithm>

namespace squall::drivers {
namespace {

using measure::ErrorKind;

constexpr std::size_t most_connections = 16;

} // namespace

HttpClient::State::State(asio::any_io_executor executor, HttpContext& context, bool with_cookies)
    : executor_(std::move(executor)),
      context_(context),
      timer_(executor_)
{
    if (with_cookies) {
        cookies.emplace();
    }
}

Task<HttpExchange> HttpClient::State::perform(std::shared_ptr<State> self, HttpRequest request)
{
    SQUALL_ASSERT(!self->performing_ && request.url != nullptr);
    HttpExchange exchange;
    exchange.headers = &self->answer_.headers;
    exchange.started = self->context_.clock.now();
    self->answer_.clear();
    self->performing_ = true;
    self->abort_ = Abort::none;
    self->arm_deadline(request.deadline);
    if (const auto bad = unsendable_header(request)) {
        exchange.error = ErrorKind::internal;
        exchange.error_text = fmt::format("the header {} holds a line break or NUL and was not sent", *bad);
    } else {
        co_await self->follow(request, exchange);
    }
    self->performing_ = false;
    exchange.ended = self->context_.clock.now();
    exchange.status = self->answer_.status;
    if (exchange.error == ErrorKind::none && request.keep_body) {
        self->finish_body(exchange);
    }
    co_return exchange;
}

Task<void> HttpClient::State::follow(HttpRequest request, HttpExchange& exchange)
{
    Hop hop{request.method, request.url, request.headers, request.body};
    wire::Url redirected;
    for (;;) {
        const Failure failure = co_await attempt_with_retry(hop, request.keep_body, exchange);
        if (failure) {
            exchange.error = failure.kind;
            exchange.error_text = failure.text;
            co_return;
        }
        store_cookies(*hop.url);
        if (exchange.redirects >= request.follow_redirects) {
            co_return;
        }
        const auto next = next_url(*hop.url);
        if (!next) {
            co_return;
        }
        if (!next->has_value()) {
            exchange.error = ErrorKind::header;
            exchange.error_text = next->error().message;
            co_return;
        }
        hop.left_origin = hop.left_origin || !same_origin(*hop.url, next->value());
        if (becomes_get(answer_.status, hop.method)) {
            hop.method = "GET";
            hop.body.reset();
            hop.dropped_body = true;
        }
        redirected = next->value();
        hop.url = &redirected;
        ++exchange.redirects;
    }
}

Task<Failure> HttpClient::State::attempt_with_retry(Hop hop, bool keep_body, HttpExchange& exchange)
{
    HttpConnection& connection = connection_for(*hop.url);
    Failure failure = co_await attempt(connection, hop, keep_body, exchange);
    if (failure && stale_ && is_idempotent(hop.method) && abort_ == Abort::none) {
        exchange.retried = true;
        failure = co_await attempt(connection, hop, keep_body, exchange);
    }
    co_return failure;
}

HttpConnection& HttpClient::State::connection_for(const wire::Url& url)
{
    const auto found = std::find_if(connections_.begin(), connections_.end(),
                                    [&url](const auto& connection) { return connection->serves(url); });
    if (found != connections_.end()) {
        return **found;
    }
    if (connections_.size() == most_connections) {
        connections_.erase(connections_.begin());
    }
    return *connections_.emplace_back(std::make_unique<HttpConnection>(executor_, url));
}

void HttpClient::State::store_cookies(const wire::Url& url)
{
    if (!cookies) {
        return;
    }
    for (std::size_t index = 0; index < answer_.headers.size(); ++index) {
        if (same_name(answer_.headers.name(index), "set-cookie")) {
            cookies->store(answer_.headers.value(index), url, std::chrono::system_clock::now());
        }
    }
}

std::optional<Result<wire::Url>> HttpClient::State::next_url(const wire::Url& from) const
{
    const auto location = answer_.headers.find("location");
    if (!is_redirect(answer_.status) || !location) {
        return std::nullopt;
    }
    auto next = redirect_target(from, *location);
    if (next && next->host != from.host && !context_.may_contact(next->host)) {
        next =
            fail("the redirect to the host {} was not followed: it is neither loopback nor in allow_hosts", next->host);
    }
    return next;
}

void HttpClient::State::finish_body(HttpExchange& exchange)
{
    exchange.body = answer_.body;
    const auto coding = answer_.headers.find("content-encoding");
    if (!coding || !is_inflatable(*coding) || answer_.body.empty()) {
        return;
    }
    decoded_.clear();
    switch (inflate_body(answer_.body, body_limit, decoded_)) {
    case InflateOutcome::done:
        exchange.body = decoded_;
        return;
    case InflateOutcome::too_large:
        exchange.error = ErrorKind::response_too_large;
        exchange.error_text = "the answer's body is larger than 64 MiB when decoded";
        break;
    case InflateOutcome::corrupt:
        exchange.error = ErrorKind::malformed_response;
        exchange.error_text = fmt::format("the answer's body is not {} as it says", *coding);
        break;
    }
    exchange.body = {};
    decoded_ = {};
}

Failure HttpClient::State::abort_failure() const
{
    if (abort_ == Abort::closed) {
        return {ErrorKind::cancelled, "the request was given up by its user"};
    }
    switch (stage_) {
    case Stage::resolving:
        return {ErrorKind::dns, "the name lookup took longer than the step's timeout"};
    case Stage::connecting:
        return {ErrorKind::connect_timeout, "connecting took longer than the step's timeout"};
    case Stage::handshaking:
        return {ErrorKind::timeout, "the TLS handshake took longer than the step's timeout"};
    case Stage::exchanging:
        break;
    }
    return {ErrorKind::timeout, "the answer took longer than the step's timeout"};
}

void HttpClient::State::abort(Abort reason)
{
    abort_ = reason;
    lookup_cancel_.emit(asio::cancellation_type::terminal);
    for (const auto& connection : connections_) {
        connection->close();
    }
}

void HttpClient::State::close()
{
    if (performing_ && abort_ == Abort::none) {
        abort(Abort::closed);
    }
    for (const auto& connection : connections_) {
        connection->close();
    }
    ++timer_generation_;
    timer_running_ = false;
    timer_.cancel();
}

// The timer is left running when a request ends in time: setting it anew for each would cost more than the request.
void HttpClient::State::arm_deadline(Instant deadline)
{
    deadline_ = deadline;
    if (!timer_running_ || deadline < timer_.expiry()) {
        start_timer();
    }
}

void HttpClient::State::start_timer()
{
    timer_running_ = true;
    timer_.expires_at(deadline_);
    timer_.async_wait([weak = weak_from_this(), generation = ++timer_generation_](error_code error) {
        const auto self = weak.lock();
        if (error || !self || generation != self->timer_generation_) {
            return;
        }
        self->timer_running_ = false;
        if (!self->performing_) {
            return;
        }
        if (self->deadline_ > self->timer_.expiry()) {
            self->start_timer();
        } else if (self->abort_ == Abort::none) {
            self->abort(Abort::deadline);
        }
    });
}

} // namespace squall::drivers
