#include "stack/stack.hpp"

#include "stack/keeper_client.hpp"

namespace squall::stack {

RunningStack::RunningStack(std::shared_ptr<KeeperClient> keeper, std::vector<ServiceInfo> services,
                           std::map<std::string, std::string> variables)
    : keeper_(std::move(keeper)),
      services_(std::move(services)),
      variables_(std::move(variables))
{}

RunningStack::~RunningStack()
{
    if (keeper_) {
        keeper_->on_death({});
        keeper_->abandon();
    }
}

RunningStack::RunningStack(RunningStack&&) noexcept = default;

RunningStack& RunningStack::operator=(RunningStack&& other) noexcept
{
    RunningStack(std::move(other)).swap(*this);
    return *this;
}

void RunningStack::swap(RunningStack& other) noexcept
{
    std::swap(keeper_, other.keeper_);
    std::swap(services_, other.services_);
    std::swap(variables_, other.variables_);
}

void RunningStack::on_death(std::function<void(const ServiceDeath&)> callback)
{
    keeper_->on_death(std::move(callback));
}

Task<Result<void>> RunningStack::stop()
{
    return keeper_->stop();
}

Task<Result<void>> RunningStack::detach()
{
    return keeper_->detach();
}

pid_t RunningStack::keeper_pid() const
{
    return keeper_->pid();
}

const std::vector<std::string>& RunningStack::private_folders() const
{
    return keeper_->folders();
}

} // namespace squall::stack
