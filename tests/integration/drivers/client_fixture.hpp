// A client on an io_context of the test's own thread.
#pragma once

#include "drivers/http_client.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace squall::drivers {

struct Ask {
    std::string method = "GET";
    std::vector<std::pair<std::string_view, std::string_view>> headers = {};
    std::optional<std::string_view> body = {};
    Duration timeout = std::chrono::seconds(10);
    bool keep_body = true;
    int follow_redirects = 0;
};

class ClientFixture {
public:
    explicit ClientFixture(TlsSettings tls = {}, bool cookies = true)
        : context(clock, TlsContext::create(tls).value(), [](std::string_view host) { return host == "localhost"; }),
          client(io.get_executor(), context, cookies)
    {}

    HttpExchange perform(const std::string& url, const Ask& ask = {})
    {
        const auto parsed = wire::parse_url(url).value();
        HttpRequest request;
        request.method = ask.method;
        request.url = &parsed;
        request.headers = ask.headers;
        request.body = ask.body;
        request.deadline = clock.now() + ask.timeout;
        request.keep_body = ask.keep_body;
        request.follow_redirects = ask.follow_redirects;
        std::optional<HttpExchange> exchange;
        asio::co_spawn(io, client.perform(request), [&exchange](std::exception_ptr thrown, HttpExchange done) {
            if (thrown) {
                std::rethrow_exception(thrown);
            }
            exchange = std::move(done);
        });
        io.restart();
        while (!exchange) {
            io.run_one();
        }
        return std::move(*exchange);
    }

    SteadyClock clock;
    asio::io_context io{1};
    HttpContext context;
    HttpClient client;
};

} // namespace squall::drivers
