#include "engine/redis_shard.hpp"

#include "drivers/redis_command.hpp"

namespace squall::engine {

void write_fixed(const plan::RedisAction& action, std::string& out)
{
    out.clear();
    std::vector<std::string_view> words;
    for (const auto& command : action.commands) {
        words.clear();
        for (const auto& word : command) {
            words.emplace_back(*word.constant);
        }
        drivers::append_command(words, out);
    }
    const std::string once = out;
    for (int round = 1; round < action.repeat; ++round) {
        out.append(once);
    }
}

std::string_view RedisShard::fixed(const plan::Step& step)
{
    if (fixed_.size() <= step.id) {
        fixed_.resize(step.id + 1);
    }
    auto& bytes = fixed_[step.id];
    if (bytes.empty()) {
        write_fixed(std::get<plan::RedisAction>(step.action), bytes);
    }
    return bytes;
}

drivers::RedisPool& RedisShard::pool(const plan::Step& step)
{
    const auto& action = std::get<plan::RedisAction>(step.action);
    const auto size = static_cast<std::size_t>(action.connection.shared);
    return pools_.try_emplace(step.id, context_, size).first->second;
}

void RedisShard::close()
{
    for (auto& [step, pool] : pools_) {
        pool.close();
    }
}

} // namespace squall::engine
