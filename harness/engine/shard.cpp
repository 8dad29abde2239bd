#include "engine/shard.hpp"

#include "plan/hosts.hpp"
#include "wire/flow_bridge.hpp"

#include <tuple>

namespace squall::engine {

Shard::Shard(std::shared_ptr<const plan::Plan> plan, const plan::UserMemory& endpoints,
             std::vector<plan::DataCursor*> data, std::atomic<std::uint64_t>& sequence, drivers::TlsContext tls,
             Share share, const Clock& clock, const RpcSurroundings& children)
    : plan_(std::move(plan)),
      endpoints_(endpoints),
      work_(context_.get_executor()),
      events_(context_.get_executor(), clock),
      http_(events_, clock, std::move(tls),
            [plan = plan_](std::string_view host) { return plan::is_allowed_host(host, plan->allow_hosts); }),
      websockets_(http_, Random(plan_->seed).stream("websockets", share.index)()),
      postgres_(events_, clock,
                [plan = plan_](std::string_view host) { return plan::is_allowed_host(host, plan->allow_hosts); }),
      recorder_(plan_->step_names.size()),
      redis_(http_),
      rpc_(events_, clock, *plan_, children),
      surroundings_{events_, *plan_,   endpoints_, http_,  sequence,    recorder_, examples_,
                    clock,   scratch_, postgres_,  redis_, websockets_, rpc_}
{
    for (std::size_t at = 0; at < plan_->populations.size(); ++at) {
        loads_.push_back(std::make_unique<PopulationLoad>(surroundings_, plan_->populations[at], data[at], share));
    }
    thread_ = std::thread([this] {
        context_.run();
        ended_.set_value();
    });
}

Shard::~Shard()
{
    std::ignore = end(Duration::zero());
}

bool Shard::end(Duration limit)
{
    if (!thread_.joinable()) {
        return true;
    }
    work_.reset();
    const bool soon = ended_.get_future().wait_for(limit) == std::future_status::ready;
    thread_.join();
    return soon;
}

Task<void> Shard::run_phase(LoadOrder order)
{
    co_await asio::co_spawn(context_, run_populations(order), asio::use_awaitable);
}

Task<void> Shard::run_populations(LoadOrder order)
{
    surroundings_.cycle = order.cycle;
    const auto* mix = order.cycle ? &plan_->phases.cycles.at(*order.cycle).mix : nullptr;
    TaskGroup group(context_.get_executor());
    for (std::size_t at = 0; at < loads_.size(); ++at) {
        auto own = order;
        own.scale *= mix == nullptr || mix->empty() ? 1 : mix->at(at);
        group.spawn(loads_[at]->run(own));
    }
    co_await group.join();
    redis_.close();
    postgres_.close_shared();
    co_await wire::as_task(rpc_.end());
}

Task<ShardReport> Shard::harvest()
{
    co_return co_await asio::co_spawn(context_, take_report(), asio::use_awaitable);
}

Task<ShardReport> Shard::take_report()
{
    ShardReport report;
    report.window = recorder_.take();
    report.examples = examples_.take();
    report.use = use_of_this_thread(surroundings_.clock.now());
    for (const auto& load : loads_) {
        report.users += load->users();
        report.in_flight += load->in_flight();
    }
    co_return report;
}

void Shard::stop(bool terminal)
{
    asio::post(context_, [this, terminal] {
        for (auto& load : loads_) {
            terminal ? load->abort() : load->stop();
        }
        if (terminal) {
            rpc_.hurry();
        }
    });
}

} // namespace squall::engine
