#include "engine/run_once.hpp"

#include "engine/virtual_user.hpp"
#include "plan/hosts.hpp"
#include "wire/flow_bridge.hpp"

namespace squall::engine {
namespace {

wire::Flow<> walk(VirtualUser& user, VirtualUser::Iteration& end)
{
    end = co_await user.iterate(std::nullopt);
    user.rest();
}

Error failure_of(const plan::Population& population, ErrorExamples& examples, const Interruption& interruption)
{
    const auto failed = examples.take();
    if (failed.empty() || interruption.asked()) {
        return fail("{} was interrupted", population.name);
    }
    const auto& last = failed.back();
    return fail("{}: the step \"{}\" failed ({}): {}; the users cannot begin without it", population.name,
                population.steps.at(last.step).name, measure::to_string(last.kind), last.text);
}

} // namespace

Task<Result<void>> run_once(OnceSurroundings surroundings, const plan::Population& population, plan::UserMemory& memory)
{
    wire::ThreadEvents events(surroundings.executor, surroundings.clock);
    drivers::HttpContext http(
        events, surroundings.clock, surroundings.tls,
        [&plan = surroundings.plan](std::string_view host) { return plan::is_allowed_host(host, plan.allow_hosts); });
    drivers::PostgresContext postgres(events, surroundings.clock, [&plan = surroundings.plan](std::string_view host) {
        return plan::is_allowed_host(host, plan.allow_hosts);
    });
    drivers::WebSocketContext websockets(http, surroundings.plan.seed);
    measure::Recorder unused(population.steps.size());
    ErrorExamples examples;
    std::string scratch;
    RedisShard redis(http);
    RpcShard rpc(events, surroundings.clock, surroundings.plan);
    const UserSurroundings users{events,
                                 surroundings.plan,
                                 memory,
                                 http,
                                 surroundings.sequence,
                                 unused,
                                 examples,
                                 surroundings.clock,
                                 scratch,
                                 postgres,
                                 redis,
                                 websockets,
                                 rpc};
    const FixedRequests none(population.steps.size());
    VirtualUser user(users, population, none, nullptr, 0);
    surroundings.interruption.on_signal([&user](int) { user.abort(); });
    auto end = VirtualUser::Iteration::failed;
    co_await wire::as_task(walk(user, end));
    redis.close();
    postgres.close_shared();
    surroundings.interruption.on_signal([](int) {});
    if (end != VirtualUser::Iteration::completed) {
        co_return failure_of(population, examples, surroundings.interruption);
    }
    memory = user.memory();
    co_return Result<void>();
}

} // namespace squall::engine
