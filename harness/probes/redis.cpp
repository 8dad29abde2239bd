#include "probes/redis.hpp"

#include "base/text.hpp"
#include "probes/gauge_name.hpp"
#include "wire/redis_connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace squall::probes {
namespace {

struct PlainGauge {
    const char* key; // of INFO
    const char* gauge;
};
constexpr std::array<PlainGauge, 16> plain{{{"blocked_clients", "blocked_clients"},
                                            {"tracking_clients", "tracking_clients"},
                                            {"used_memory", "used_memory"},
                                            {"used_memory_rss", "used_memory_rss"},
                                            {"used_memory_dataset", "used_memory_dataset"},
                                            {"mem_clients_normal", "client_memory"},
                                            {"maxmemory", "maxmemory"},
                                            {"mem_fragmentation_ratio", "fragmentation_ratio"},
                                            {"pubsub_channels", "pubsub_channels"},
                                            {"pubsub_patterns", "pubsub_patterns"},
                                            {"evicted_keys", "evicted_keys"},
                                            {"expired_keys", "expired_keys"},
                                            {"rejected_connections", "rejected_connections"},
                                            {"total_connections_received", "total_connections_received"},
                                            {"number_of_cached_scripts", "cached_scripts"},
                                            {"connected_slaves", "replicas"}}};

std::optional<double> number(std::string_view text)
{
    return take_number(text);
}

class RedisProbe final : public Probe {
public:
    RedisProbe(std::string name, std::string url)
        : name_(std::move(name)),
          url_(std::move(url)),
          by_name_(name_ + ".clients", "name"),
          by_user_(name_ + ".clients", "user"),
          by_host_(name_ + ".clients", "host"),
          by_database_(name_ + ".keys", "db")
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
        for (const auto& client : parse_clients(client_text)) {
            if (client.name == probe_client_name) {
                ++probes;
            } else {
                by_name_.add(client.name);
                by_user_.add(client.user);
                by_host_.add(client.host);
            }
        }
        const auto info = parse_redis_info(info_text);
        ProbeReading reading;
        if (const auto connected = value_of(info, "connected_clients")) {
            reading.gauges.push_back({name_ + ".connected_clients", std::max(0.0, *connected - probes)});
        }
        for (const auto& [key, gauge] : plain) {
            if (const auto value = value_of(info, key)) {
                reading.gauges.push_back({fmt::format("{}.{}", name_, gauge), *value});
            }
        }
        const auto used = value_of(info, "used_memory");
        const auto most = value_of(info, "maxmemory");
        if (used && most && *most > 0) {
            reading.gauges.push_back({name_ + ".memory_ratio", *used / *most});
        }
        add_keys(info, reading.gauges);
        by_name_.take(reading.gauges);
        by_user_.take(reading.gauges);
        by_host_.take(reading.gauges);
        return reading;
    }

    static std::optional<double> value_of(const RedisInfo& info, std::string_view key)
    {
        const auto found = info.find(key);
        return found == info.end() ? std::nullopt : number(found->second);
    }

    /// A database without keys has no line.
    void add_keys(const RedisInfo& info, std::vector<GaugeReading>& gauges)
    {
        double keys = 0;
        double expiring = 0;
        for (const auto& [key, keyspace] : info) {
            if (key.size() > 2 && key.starts_with("db") && key[2] >= '0' && key[2] <= '9') {
                const auto counts = parse_keyspace(keyspace);
                keys += counts.keys;
                expiring += counts.expiring;
                by_database_.add(std::string_view(key).substr(2), counts.keys);
            }
        }
        gauges.push_back({name_ + ".keys", keys});
        gauges.push_back({name_ + ".expiring_keys", expiring});
        by_database_.take(gauges);
    }

    std::string name_;
    std::string url_;
    Breakdown by_name_;
    Breakdown by_user_;
    Breakdown by_host_;
    Breakdown by_database_;
    std::optional<wire::RedisConnection> connection_;
};

} // namespace

RedisInfo parse_redis_info(std::string_view text)
{
    RedisInfo info;
    for (const auto& line : split(text, '\n')) {
        const auto clean = trim(line);
        const auto colon = clean.find(':');
        if (!clean.starts_with('#') && colon != std::string_view::npos) {
            info.emplace(clean.substr(0, colon), clean.substr(colon + 1));
        }
    }
    return info;
}

std::vector<RedisClient> parse_clients(std::string_view text)
{
    std::vector<RedisClient> clients;
    for (const auto& line : split(text, '\n')) {
        if (trim(line).empty()) {
            continue;
        }
        RedisClient client;
        for (const auto& field : split(trim(line), ' ')) {
            const auto equals = std::min(field.find('='), field.size());
            const auto key = std::string_view(field).substr(0, equals);
            const auto value = std::string_view(field).substr(std::min(equals + 1, field.size()));
            if (key == "name") {
                client.name = value;
            } else if (key == "user") {
                client.user = value;
            } else if (key == "addr") {
                client.host = value.substr(0, value.rfind(':'));
            }
        }
        clients.push_back(std::move(client));
    }
    return clients;
}

Keyspace parse_keyspace(std::string_view text)
{
    Keyspace counts;
    for (const auto& field : split(text, ',')) {
        if (field.starts_with("keys=")) {
            counts.keys = number(std::string_view(field).substr(5)).value_or(0);
        } else if (field.starts_with("expires=")) {
            counts.expiring = number(std::string_view(field).substr(8)).value_or(0);
        }
    }
    return counts;
}

std::vector<std::string> redis_gauge_names()
{
    std::vector<std::string> names{"connected_clients", "clients", "keys", "expiring_keys", "memory_ratio"};
    for (const auto& [key, gauge] : plain) {
        names.emplace_back(gauge);
    }
    return names;
}

std::unique_ptr<Probe> make_redis_probe(std::string name, std::string url)
{
    return std::make_unique<RedisProbe>(std::move(name), std::move(url));
}

} // namespace squall::probes
