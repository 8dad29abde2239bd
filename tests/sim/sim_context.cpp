#include "sim/sim_context.hpp"

#include <algorithm>

namespace squall::sim {
namespace {

class SimClock final : public Clock {
public:
    explicit SimClock(const SimContext& context) : context_(context) {}
    [[nodiscard]] Instant now() const override { return context_.now(); }

private:
    const SimContext& context_;
};

} // namespace

SimContext::SimContext(Random random, double hurry)
    : random_(random),
      hurry_(hurry),
      clock_(std::make_shared<SimClock>(*this))
{}

SimContext::~SimContext()
{
    destroy_everything();
    shutdown();
    destroy();
}

bool SimContext::step()
{
    if (ready_.empty() || hurries()) {
        if (next_timer() == Instant::max()) {
            return false;
        }
        jump();
        return true;
    }
    ++steps_;
    const auto work = pick();
    enter([&work] { work->run(); });
    return true;
}

bool SimContext::hurries()
{
    if (hurry_ == 0 || next_timer() == Instant::max() || random_.uniform() >= hurry_) {
        return false;
    }
    last_hurry_ = next_timer();
    return true;
}

std::unique_ptr<Work> SimContext::pick()
{
    const auto index = static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(ready_.size()) - 1));
    std::swap(ready_[index], ready_.back());
    auto work = std::move(ready_.back());
    ready_.pop_back();
    return work;
}

void SimContext::jump()
{
    now_ = std::max(now_, next_timer());
    for (auto each = waits_.begin(); each != waits_.end();) {
        if (each->second.at > now_) {
            ++each;
        } else {
            ready_.push_back(std::move(each->second.work));
            each = waits_.erase(each);
        }
    }
}

void SimContext::destroy_everything()
{
    // One at a time, and looked up anew: what is destroyed may post, cancel timers or wait again.
    while (!ready_.empty() || !waits_.empty()) {
        if (!ready_.empty()) {
            pick().reset();
            continue;
        }
        auto chosen = waits_.begin();
        std::advance(chosen, random_.between(0, static_cast<std::int64_t>(waits_.size()) - 1));
        const auto work = std::move(chosen->second.work);
        waits_.erase(chosen);
    }
}

void SimContext::post(std::unique_ptr<Work> work)
{
    ready_.push_back(std::move(work));
}

SimContext::TimerId SimContext::wait_until(Instant at, std::unique_ptr<Work> work)
{
    const auto timer = next_timer_id_++;
    waits_.emplace(timer, Wait{at, std::move(work)});
    return timer;
}

std::unique_ptr<Work> SimContext::forget_wait(TimerId timer)
{
    const auto found = waits_.find(timer);
    if (found == waits_.end()) {
        return nullptr;
    }
    auto work = std::move(found->second.work);
    waits_.erase(found);
    return work;
}

Instant SimContext::next_timer() const
{
    auto next = Instant::max();
    for (const auto& [timer, wait] : waits_) {
        next = std::min(next, wait.at);
    }
    return next;
}

} // namespace squall::sim
