#include "wire/postgres_parameters.hpp"

#include "base/text.hpp"
#include "wire/resolve.hpp"

#include <libpq-fe.h>

#include <charconv>
#include <memory>

namespace squall::wire {
namespace {

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::uint16_t port_number(const std::string& text)
{
    std::uint16_t port = 0;
    std::from_chars(text.data(), text.data() + text.size(), port);
    return port;
}

/// libpq's rule: one port for all hosts, or one a host.
std::string port_of(const std::vector<std::string>& ports, std::size_t index)
{
    return ports.size() == 1 ? ports.front() : index < ports.size() ? ports[index] : std::string();
}

struct HostLists {
    std::vector<std::string> hosts;
    std::vector<std::string> addresses;
    std::vector<std::string> ports;

    void add(std::string host, std::string address, std::string port)
    {
        hosts.push_back(std::move(host));
        addresses.push_back(std::move(address));
        ports.push_back(std::move(port));
    }
};

PostgresError lookup_failed(const std::string& host, const error_code& error)
{
    PostgresError failed;
    const bool late = error == asio::error::timed_out;
    failed.kind = late ? PostgresError::Kind::timeout : PostgresError::Kind::refused;
    failed.message = fmt::format("cannot look up the host \"{}\": {}", host, error.message());
    return failed;
}

} // namespace

Result<PostgresParameters> parse_conninfo(const std::string& conninfo)
{
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(conninfo.c_str(), &message));
    if (!options) {
        const auto text = redact(message == nullptr ? "out of memory" : message);
        PQfreemem(message);
        return fail("\"{}\" is not a PostgreSQL connection string: {}", redact(conninfo), trim(text));
    }
    PostgresParameters parameters;
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) {
            parameters[option->keyword] = option->val;
        }
    }
    return parameters;
}

std::string to_conninfo(const PostgresParameters& parameters)
{
    std::vector<std::string> settings;
    for (const auto& [keyword, value] : parameters) {
        std::string quoted;
        for (const char letter : value) {
            if (letter == '\\' || letter == '\'') {
                quoted += '\\';
            }
            quoted += letter;
        }
        settings.push_back(fmt::format("{}='{}'", keyword, quoted));
    }
    return join(settings, " ");
}

Task<PostgresResult<PostgresParameters>> with_addresses(PostgresParameters parameters, Instant deadline)
{
    const auto host_text = parameters["host"];
    if (host_text.empty() || !parameters["hostaddr"].empty()) {
        co_return parameters;
    }
    const auto hosts = split(host_text, ',');
    const auto ports = split(parameters["port"], ',');
    HostLists lists;
    for (std::size_t index = 0; index < hosts.size(); ++index) {
        const auto& host = hosts[index];
        const auto port = port_of(ports, index);
        if (host.empty() || host.front() == '/' || host.front() == '@') {
            lists.add(host, "", port); // a socket's folder
            continue;
        }
        const auto endpoints = co_await resolve(host, port_number(port), deadline);
        if (!endpoints) {
            co_return lookup_failed(host, endpoints.error());
        }
        for (const auto& endpoint : *endpoints) {
            lists.add(host, endpoint.address().to_string(), port);
        }
    }
    parameters["host"] = join(lists.hosts, ",");
    parameters["hostaddr"] = join(lists.addresses, ",");
    parameters["port"] = join(lists.ports, ",");
    co_return parameters;
}

} // namespace squall::wire
