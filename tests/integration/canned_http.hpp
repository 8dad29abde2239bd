// An HTTP server that answers every connection with the same bytes, on the test's own io_context.
#pragma once

#include "wire/task.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>

namespace squall::testing {

class CannedHttp {
public:
    CannedHttp(asio::io_context& io, std::string answer) : state_(std::make_shared<State>(io, std::move(answer)))
    {
        accept(state_);
    }
    ~CannedHttp() { state_->acceptor.close(); }
    CannedHttp(const CannedHttp&) = delete;
    CannedHttp& operator=(const CannedHttp&) = delete;

    [[nodiscard]] std::string url(const std::string& path = "/") const
    {
        return fmt::format("http://127.0.0.1:{}{}", state_->acceptor.local_endpoint().port(), path);
    }
    void answer(std::string text) { state_->answer = std::move(text); }
    /// The last request as it came.
    [[nodiscard]] const std::string& request() const { return state_->request; }

    static std::string ok(const std::string& body, const std::string& type = "application/json")
    {
        return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", type, body.size(),
                           body);
    }

private:
    using tcp = asio::ip::tcp;

    struct State {
        State(asio::io_context& io, std::string text)
            : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
              answer(std::move(text))
        {}
        tcp::acceptor acceptor;
        std::string answer;
        std::string request;
    };
    struct Session {
        explicit Session(tcp::socket accepted) : socket(std::move(accepted)) {}
        tcp::socket socket;
        std::string request;
        std::string answer;
    };

    static void accept(const std::shared_ptr<State>& state)
    {
        state->acceptor.async_accept([state](error_code error, tcp::socket socket) {
            if (error) {
                return;
            }
            serve(state, std::make_shared<Session>(std::move(socket)));
            accept(state);
        });
    }

    static void serve(const std::shared_ptr<State>& state, const std::shared_ptr<Session>& session)
    {
        asio::async_read_until(session->socket, asio::dynamic_buffer(session->request), "\r\n\r\n",
                               [state, session](error_code error, std::size_t) {
                                   if (error) {
                                       return;
                                   }
                                   state->request = session->request;
                                   session->answer = state->answer;
                                   asio::async_write(session->socket, asio::buffer(session->answer),
                                                     [session](error_code, std::size_t) {});
                               });
    }

    std::shared_ptr<State> state_;
};

} // namespace squall::testing
