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

HttpClient::State::State(HttpContext& context, bool with_cookies) : context_(context)
{
    if (with_cookies) {
        cookies.emplace();
    }
}

wire::Flow<> HttpClient::State::perform(std::shared_ptr<State> self, const HttpRequest& request, ExchangeTimes times,
                                        HttpExchange& exchange)
{
    self->begin(request, times, exchange);
    Hop hop{request.method, request.url, request.headers, request.body, request.prepared};
    std::unique_ptr<wire::Url> redirected;
    for (bool onwards = exchange.error == ErrorKind::none; onwards;) {
        const ScanWants scan{request.keep_body, self->cookies.has_value(),
                             exchange.redirects < request.follow_redirects};
        const Wanted wanted{{request.keep_body, hop.method == "HEAD"}, scan, request.keep_headers};
        Stream& connection = self->connection_for(hop);
        Failure failure = co_await self->attempt(connection, hop, wanted, exchange);
        if (failure && self->stale_ && is_idempotent(hop.method) && self->abort_ == Abort::none) {
            exchange.retried = true;
            failure = co_await self->attempt(connection, hop, wanted, exchange);
        }
        onwards = !failure && self->follow(request, hop, redirected, exchange);
        if (failure) {
            exchange.error = failure.kind;
            exchange.error_text = std::move(failure.text);
        }
    }
    self->performing_ = false;
    if (exchange.error == ErrorKind::none && request.keep_body) {
        self->finish_body(exchange);
    }
}

void HttpClient::State::begin(const HttpRequest& request, ExchangeTimes times, HttpExchange& exchange)
{
    SQUALL_ASSERT(!performing_ && request.url != nullptr);
    performing_ = true;
    abort_ = Abort::none;
    exchange.started = times.start;
    exchange.ended = times.start;
    arm_deadline(times.deadline);
    const auto bad = request.prepared == nullptr ? unsendable_header(request) : std::nullopt;
    if (bad) {
        exchange.error = ErrorKind::internal;
        exchange.error_text = fmt::format("the header {} holds a line break or NUL and was not sent", *bad);
    }
}

bool HttpClient::State::follow(const HttpRequest& request, Hop& hop, std::unique_ptr<wire::Url>& redirected,
                               HttpExchange& exchange)
{
    store_cookies(*hop.url);
    if (exchange.redirects >= request.follow_redirects) {
        return false;
    }
    const auto next = next_url(*hop.url, exchange.status);
    if (!next) {
        return false;
    }
    if (!next->has_value()) {
        exchange.error = ErrorKind::header;
        exchange.error_text = next->error().message;
        return false;
    }
    hop.prepared = nullptr;
    hop.left_origin = hop.left_origin || !same_origin(*hop.url, next->value());
    if (becomes_get(exchange.status, hop.method)) {
        hop.method = "GET";
        hop.body.reset();
        hop.dropped_body = true;
    }
    redirected = std::make_unique<wire::Url>(next->value());
    hop.url = redirected.get();
    ++exchange.redirects;
    return true;
}

Stream& HttpClient::State::connection_for(const Hop& hop)
{
    const auto found = std::find_if(connections_.begin(), connections_.end(), [&hop](const auto& connection) {
        return connection->serves(*hop.url, hop.prepared);
    });
    if (found != connections_.end()) {
        return **found;
    }
    if (connections_.size() == most_connections) {
        connections_.erase(connections_.begin());
    }
    return *connections_.emplace_back(std::make_unique<Stream>(context_.events, *hop.url));
}

void HttpClient::State::store_cookies(const wire::Url& url)
{
    if (!cookies || !answer_) {
        return;
    }
    const auto& headers = answer_->message.headers;
    for (std::size_t index = 0; index < headers.size(); ++index) {
        if (same_name(headers.name(index), "set-cookie")) {
            cookies->store(headers.value(index), url, std::chrono::system_clock::now());
        }
    }
}

std::optional<Result<wire::Url>> HttpClient::State::next_url(const wire::Url& from, int status) const
{
    const auto location = answer_ ? answer_->message.headers.find("location") : std::nullopt;
    if (!is_redirect(status) || !location) {
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
    if (!answer_) {
        return;
    }
    auto& [message, pending, decoded] = *answer_;
    exchange.body = message.body;
    const auto coding = message.headers.find("content-encoding");
    if (!coding || !is_inflatable(*coding) || message.body.empty()) {
        return;
    }
    decoded.clear();
    switch (inflate_body(message.body, body_limit, decoded)) {
    case InflateOutcome::done:
        exchange.body = decoded;
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
    decoded = {};
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

AnswerSpace& HttpClient::State::answer_space()
{
    if (!answer_) {
        auto& idle = context_.idle_spaces;
        answer_ = idle.empty() ? std::make_unique<AnswerSpace>() : std::move(idle.back());
        if (!idle.empty()) {
            idle.pop_back();
        }
    }
    return *answer_;
}

void HttpClient::State::forget_answer()
{
    if (answer_) {
        answer_->clear();
        context_.idle_spaces.push_back(std::move(answer_));
    }
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
    context_.events.timers.cancel(*this);
}

// The timer is left running when a request ends in time: setting it anew for each would cost more.
void HttpClient::State::arm_deadline(Instant deadline)
{
    deadline_ = deadline;
    if (!is_running() || deadline < timer_at_) {
        timer_at_ = deadline;
        context_.events.timers.set(*this, deadline);
    }
}

void HttpClient::State::on_time()
{
    if (!performing_) {
        return;
    }
    if (deadline_ > timer_at_) {
        arm_deadline(deadline_);
    } else if (abort_ == Abort::none) {
        abort(Abort::deadline);
    }
}

} // namespace squall::drivers
