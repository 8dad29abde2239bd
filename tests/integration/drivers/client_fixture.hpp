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
    bool keep_headers = true;
};

class ClientFixture {
public:
    explicit ClientFixture(TlsSettings tls = {}, bool cookies = true)
        : events(io.get_executor(), clock),
          context(events, clock, TlsContext::create(tls).value(),
                  [](std::string_view host) { return host == "localhost"; }),
          client(context, cookies)
    {}

    HttpExchange perform(const std::string& url, const Ask& ask = {})
    {
        const auto parsed = wire::parse_url(url).value();
        HttpRequest request;
        request.method = ask.method;
        request.url = &parsed;
        request.headers = ask.headers;
        request.body = ask.body;
        request.keep_body = ask.keep_body;
        request.keep_headers = ask.keep_headers;
        request.follow_redirects = ask.follow_redirects;
        const auto now = clock.now();
        HttpExchange exchange;
        bool done = false;
        wire::start(client.perform(request, {now, now + ask.timeout}, exchange), [&done](std::exception_ptr thrown) {
            if (thrown) {
                std::rethrow_exception(thrown);
            }
            done = true;
        });
        io.restart();
        while (!done) {
            io.run_one();
        }
        return exchange;
    }

    SteadyClock clock;
    asio::io_context io{1};
    wire::ThreadEvents events;
    HttpContext context;
    HttpClient client;
};

} // namespace squall::drivers
