// One client's connection: requests one after the other until either side has enough.
#pragma once

#include "target/http.hpp"
#include "target/service.hpp"
#include "wire/task.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>

namespace squall::target {

/// One thread.
class Session {
public:
    Session(asio::ip::tcp::socket socket, Service& service);

    Task<void> run();
    /// Ends at once when no request is under way, else after its answer.
    void finish();

private:
    using Parser = http::request_parser<http::string_body>;

    void limit_time();
    Task<bool> wait_for_bytes();
    Task<error_code> read(Parser& parser);
    /// Hands the connection over to a room when that is what the request is; then nothing is left to do here.
    Task<bool> enter_room(Request& request);
    Task<bool> answer(const Request& request);
    Task<bool> write(Response response, unsigned version, bool keep_alive);
    Task<void> refuse(error_code error);

    boost::beast::tcp_stream stream_;
    boost::beast::flat_buffer buffer_;
    Service& service_;
    bool busy_ = false;
    bool finishing_ = false;
};

} // namespace squall::target
