// A real squall-target over a real PostgreSQL, seen from outside only.
#pragma once

#include "catch.hpp"
#include "integration/servers.hpp"

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <libpq-fe.h>

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace squall::testing {

namespace http = boost::beast::http;

struct Answer {
    unsigned status = 0;
    std::string body;
    http::fields headers;

    [[nodiscard]] std::string header(const std::string& name) const { return std::string(headers[name]); }
    [[nodiscard]] boost::json::object json() const { return boost::json::parse(body).as_object(); }
};

/// A client with one connection that is kept alive. Every wait ends after 10 s.
class HttpClient {
public:
    explicit HttpClient(int port) : stream_(context_)
    {
        const auto loopback = boost::asio::ip::address_v4::loopback();
        stream_.connect({loopback, static_cast<std::uint16_t>(port)});
        // Blocking reads do not know Beast's timeouts; the socket's own do.
        const timeval patience{10, 0};
        setsockopt(stream_.socket().native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }

    Answer send(http::verb verb, const std::string& path, const std::string& body = {}, const std::string& token = {})
    {
        http::request<http::string_body> request(verb, path, 11);
        request.set(http::field::host, "127.0.0.1");
        if (!token.empty()) {
            request.set(http::field::authorization, "Bearer " + token);
        }
        request.body() = body;
        request.prepare_payload();
        http::write(stream_, request);
        return read();
    }
    /// Bytes that need not be HTTP.
    Answer send_raw(const std::string& bytes)
    {
        boost::asio::write(stream_.socket(), boost::asio::buffer(bytes));
        return read();
    }
    Answer login(const std::string& user, const std::string& password)
    {
        return send(http::verb::post, "/login",
                    boost::json::serialize(boost::json::object{{"user", user}, {"password", password}}));
    }
    Answer get(const std::string& path, const std::string& token = {})
    {
        return send(http::verb::get, path, {}, token);
    }

private:
    Answer read()
    {
        http::response<http::string_body> response;
        http::read(stream_, buffer_, response);
        return {response.result_int(), response.body(), response.base()};
    }

    boost::asio::io_context context_;
    boost::beast::tcp_stream stream_;
    boost::beast::flat_buffer buffer_;
};

/// The first value of a query's answer, over a connection of its own.
inline std::string ask_postgres(const PostgresServer& server, const std::string& sql)
{
    PGconn* connection = PQconnectdb(server.url().c_str());
    PGresult* result = PQexec(connection, sql.c_str());
    const std::string value = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : PQerrorMessage(connection);
    PQclear(result);
    PQfinish(connection);
    return value;
}

/// Server processes of connections whose application_name is `pattern` (as LIKE has it).
inline int backends(const PostgresServer& server, const std::string& pattern)
{
    return std::stoi(
        ask_postgres(server, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '" + pattern + "'"));
}

class TargetProcess {
public:
    /// Starts the target over `database`; waits until it answers.
    TargetProcess(const std::string& database, std::vector<std::string> options)
    {
        std::vector<std::string> arguments{SQUALL_BIN_DIR "/squall-target", "--port", std::to_string(port_),
                                           "--database", database};
        arguments.insert(arguments.end(), options.begin(), options.end());
        process_ = std::make_unique<ChildProcess>(std::move(arguments), log(), false);
        wait_until_ready([this] { return port_accepts(port_); }, log());
    }

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] HttpClient client() const { return HttpClient(port_); }
    [[nodiscard]] boost::json::object pool_status() const { return client().get("/debug/pool-status").json(); }
    /// On stdout and stderr.
    [[nodiscard]] std::string said() const
    {
        std::ifstream file(log());
        return {std::istreambuf_iterator<char>(file), {}};
    }
    int stop(int signal) { return process_->stop(signal); }

private:
    [[nodiscard]] files::path log() const { return folder_.path() / "log"; }

    ServerFolder folder_;
    int port_ = free_port();
    std::unique_ptr<ChildProcess> process_;
};

/// Runs the target until it ends by itself; its exit code and all it said.
struct EndedTarget {
    int code = -1;
    std::string output;
};
inline EndedTarget run_target(std::vector<std::string> options)
{
    const ServerFolder folder;
    const auto log = folder.path() / "log";
    options.insert(options.begin(), SQUALL_BIN_DIR "/squall-target");
    ChildProcess process(std::move(options), log, false);
    const int status = process.wait();
    std::ifstream file(log);
    std::stringstream text;
    text << file.rdbuf();
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text.str()};
}

} // namespace squall::testing
