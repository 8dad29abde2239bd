#include "probes/redis.hpp"

#include "base/text.hpp"
#include "probes/gauge_name.hpp"
#include "wire/redis_connection.hpp"

#include <array>
#include <utility>

namespace squall::probes {
namespace {

constexpr std::array<const char*, 6> plain{"blocked_clients", "used_memory",          "used_memory_rss",
                                           "evicted_keys",    "rejected_connections", "total_connections_received"};

double number(std::string_view text)
{
    return take_number(text).value_or(0);
}

class RedisProbe final : public Probe {
public:
    RedisProbe(std::string name, std::string url)
        : name_(std::move(name)),
          url_(std::move(url)),
          by_name_(name_ + ".clients", "name")
    {}

    const std::string& name() const override { return name_; }

    Task<ProbeReading> read(Instant deadline) override
    {
        const std::vector<std::string> info_command{"INFO"};
        const std::vector<std::string> list_command{"CLIENT", "LIST"};
        const auto info = co_await ask(info_command, deadline);
        if (!info) {
            co_return failed_reading(info.error().message);
        }
        const auto clients = co_await ask(list_command, deadline);
        if (!clients) {
            co_return failed_reading(clients.error().message);
        }
        co_return count(*info, *clients);
    }

private:
    /// The text of the answer; connects first where needed.
    Task<Result<std::string>> ask(std::vector<std::string> words, Instant deadline)
    {
        if (!connection_) {
            connection_.emplace(co_await asio::this_coro::executor);
        }
        if (!connection_->is_open()) {
            const auto connected = co_await connection_->connect(url_, probe_client_name, deadline);
            if (!connected) {
                co_return connected.error();
            }
        }
        const auto what = words.front();
        const auto reply = co_await connection_->command(std::move(words), deadline);
        if (!reply) {
            co_return reply.error();
        }
        if (reply->type == wire::RedisReply::Type::error) {
            co_return fail("{} was refused: {}", what, reply->text);
        }
        co_return reply->text;
    }

    ProbeReading count(const std::string& info_text, const std::string& client_text)
    {
        double probes = 0;
        for (const auto& client : parse_client_names(client_text)) {
            if (client == probe_client_name) {
                ++probes;
            } else {
                by_name_.add(client);
            }
        }
        const auto info = parse_redis_info(info_text);
        const auto value = [&info](std::string_view key) {
            const auto found = info.find(key);
            return found == info.end() ? std::string() : found->second;
        };
        ProbeReading reading;
        const double connected = number(value("connected_clients")) - probes;
        reading.gauges.push_back({name_ + ".connected_clients", connected < 0 ? 0 : connected});
        for (const char* key : plain) {
            reading.gauges.push_back({fmt::format("{}.{}", name_, key), number(value(key))});
        }
        reading.gauges.push_back({name_ + ".keys", parse_key_count(value("db0"))});
        by_name_.take(reading.gauges);
        return reading;
    }

    std::string name_;
    std::string url_;
    Breakdown by_name_;
    std::optional<wire::RedisConnection> connection_;
};

} // namespace

std::map<std::string, std::string, std::less<>> parse_redis_info(std::string_view text)
{
    std::map<std::string, std::string, std::less<>> info;
    for (const auto& line : split(text, '\n')) {
        const auto clean = trim(line);
        const auto colon = clean.find(':');
        if (!clean.starts_with('#') && colon != std::string_view::npos) {
            info.emplace(clean.substr(0, colon), clean.substr(colon + 1));
        }
    }
    return info;
}

std::vector<std::string> parse_client_names(std::string_view text)
{
    std::vector<std::string> names;
    for (const auto& line : split(text, '\n')) {
        if (trim(line).empty()) {
            continue;
        }
        std::string name;
        for (const auto& field : split(line, ' ')) {
            if (field.starts_with("name=")) {
                name = field.substr(5);
            }
        }
        names.push_back(name);
    }
    return names;
}

double parse_key_count(std::string_view keyspace)
{
    for (const auto& field : split(keyspace, ',')) {
        if (field.starts_with("keys=")) {
            return number(std::string_view(field).substr(5));
        }
    }
    return 0;
}

std::unique_ptr<Probe> make_redis_probe(std::string name, std::string url)
{
    return std::make_unique<RedisProbe>(std::move(name), std::move(url));
}

} // namespace squall::probes
