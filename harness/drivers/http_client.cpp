#include "drivers/http_client.hpp"

#include "drivers/http_exchange.hpp"

namespace squall::drivers {
namespace {

constexpr std::size_t read_buffer_bytes = 64U * 1024U;

} // namespace

HttpContext::HttpContext(wire::ThreadEvents& thread_events, const Clock& run_clock, TlsContext tls_context,
                         std::function<bool(std::string_view host)> host_allowed)
    : events(thread_events),
      clock(run_clock),
      tls(std::move(tls_context)),
      may_contact(std::move(host_allowed)),
      read_buffer(read_buffer_bytes)
{}

HttpContext::~HttpContext() = default;

std::optional<std::string_view> HttpExchange::header(std::string_view name) const
{
    return headers == nullptr ? std::nullopt : headers->find(name);
}

HttpClient::HttpClient(HttpContext& context, bool cookies) : state_(std::make_shared<State>(context, cookies)) {}

HttpClient::~HttpClient()
{
    if (state_) {
        state_->close();
    }
}

HttpClient::HttpClient(HttpClient&&) noexcept = default;

wire::Flow<> HttpClient::perform(const HttpRequest& request, ExchangeTimes times, HttpExchange& exchange)
{
    return State::perform(state_, request, times, exchange);
}

void HttpClient::close()
{
    state_->close();
}

void HttpClient::forget_answer()
{
    state_->forget_answer();
}

void HttpClient::clear_cookies()
{
    if (state_->cookies) {
        state_->cookies->clear();
    }
}

} // namespace squall::drivers
