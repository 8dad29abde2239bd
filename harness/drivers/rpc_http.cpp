#include "drivers/rpc_http.hpp"

#include "drivers/event_stream.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <utility>

namespace squall::drivers {
namespace {

using measure::ErrorKind;
using Heard = RpcConversation::Heard;

constexpr std::string_view session_header = "mcp-session-id";
constexpr std::size_t longest_session = 1024;

bool is_success(int status)
{
    return status >= 200 && status < 300;
}

} // namespace

wire::Flow<> RpcHttp::call(const wire::Url& url, Headers headers, const RpcRequest& request, RpcTimes times,
                           RpcExchange& exchange)
{
    body_.clear();
    const bool initializes = request.method == "initialize";
    if (initializes) {
        session_.clear(); // a new one is asked for
        version_.clear();
    }
    if (request.notification) {
        append_message(std::nullopt, request.method, request.params, body_);
    } else {
        conversation_.call(request.method, request.params, body_);
    }
    HttpExchange http;
    co_await perform("POST", url, headers, times, http);
    take_answer(http, !request.notification, exchange);
    if (!exchange.failure) {
        remember_session(http, initializes);
    }
    conversation_.give_up();
    client_.forget_answer();
}

wire::Flow<> RpcHttp::stop(const wire::Url& url, Headers headers, RpcTimes times, RpcExchange& exchange)
{
    exchange.started = exchange.ended = times.start;
    if (session_.empty()) {
        co_return;
    }
    body_.clear();
    HttpExchange http;
    co_await perform("DELETE", url, headers, times, http);
    take_answer(http, false, exchange);
    session_.clear();
    version_.clear();
    client_.forget_answer();
}

wire::Flow<> RpcHttp::perform(std::string_view method, const wire::Url& url, Headers headers, RpcTimes times,
                              HttpExchange& http)
{
    headers_.assign(headers.begin(), headers.end());
    if (!body_.empty()) {
        headers_.emplace_back("content-type", "application/json");
        headers_.emplace_back("accept", "application/json, text/event-stream");
    }
    if (!session_.empty()) {
        headers_.emplace_back(session_header, session_);
    }
    if (!version_.empty()) {
        headers_.emplace_back("mcp-protocol-version", version_);
    }
    HttpRequest request;
    request.method = method;
    request.url = &url;
    request.headers = headers_;
    if (!body_.empty()) {
        request.body = body_;
    }
    request.keep_body = true;
    co_await client_.perform(request, {times.start, times.deadline}, http);
}

void RpcHttp::take_answer(const HttpExchange& http, bool wanted, RpcExchange& exchange)
{
    exchange.started = http.started;
    exchange.ended = http.ended;
    exchange.phases = http.phases;
    exchange.bytes_sent = http.bytes_sent;
    exchange.bytes_received = http.bytes_received;
    exchange.new_connection = http.new_connection;
    exchange.status = http.status;
    if (http.error != ErrorKind::none) {
        exchange.failure = {http.error, http.error_text};
        return;
    }
    if (http.body.size() > rpc_message_limit) {
        exchange.failure = {ErrorKind::response_too_large, "the answer is larger than 16 MiB"};
        return;
    }
    const auto type = http.header("content-type").value_or("");
    const Failure unheard =
        wanted ? hear(http.body, type.starts_with("text/event-stream")) : Failure{ErrorKind::rpc_protocol, ""};
    if (unheard && !is_success(http.status)) {
        exchange.failure = {ErrorKind::status, fmt::format("status {}, expected 2xx", http.status)};
        return;
    }
    if (unheard || !wanted) {
        exchange.failure = wanted ? unheard : Failure{};
        return;
    }
    exchange.answer = &conversation_.answer();
    exchange.answer_text = conversation_.answer_text();
    if (auto error = conversation_.error_of_answer()) {
        exchange.failure = {ErrorKind::rpc_error, std::move(*error)};
    }
}

Failure RpcHttp::hear(std::string_view body, bool events)
{
    std::string unsent;
    Heard heard = Heard::nothing;
    if (!events) {
        heard = conversation_.hear(body, unsent);
    } else {
        EventStream stream(body);
        for (auto data = stream.next(); data && heard == Heard::nothing; data = stream.next()) {
            heard = conversation_.hear(*data, unsent);
        }
    }
    if (heard == Heard::broken) {
        return {ErrorKind::rpc_protocol, conversation_.problem()};
    }
    return heard == Heard::answer ? Failure{}
                                  : Failure{ErrorKind::rpc_protocol, "the body holds no answer to the call"};
}

void RpcHttp::remember_session(const HttpExchange& http, bool initializes)
{
    if (const auto session = http.header(session_header); session && session->size() <= longest_session) {
        session_.assign(*session);
    }
    boost::system::error_code missing;
    const auto* version =
        initializes ? conversation_.answer().find_pointer("/result/protocolVersion", missing) : nullptr;
    if (version != nullptr && version->is_string() && version->get_string().size() <= longest_session) {
        version_ = std::string_view(version->get_string());
    }
}

void RpcHttp::close()
{
    client_.close();
    session_.clear();
    version_.clear();
}

void RpcHttp::forget_answer()
{
    conversation_.forget_answer();
}

} // namespace squall::drivers
