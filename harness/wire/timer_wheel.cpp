#include "wire/timer_wheel.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace squall::wire {

WheelEntry::~WheelEntry()
{
    if (wheel_ != nullptr) {
        wheel_->remove(*this);
    }
}

TimerWheel::~TimerWheel()
{
    for (auto& list : lists_) {
        list.clear_and_dispose([](WheelEntry* entry) { entry->wheel_ = nullptr; });
    }
}

void TimerWheel::add(WheelEntry& entry, Tick due)
{
    SQUALL_ASSERT(!entry.is_running());
    entry.wheel_ = this;
    entry.due_ = std::clamp(due, now_ + 1, last_tick);
    ++count_;
    place(entry);
}

// The highest bit in which due and now differ says which level tells them apart; on that level, and on all below, the
// slots of what is still to come lie behind the current one, so that nothing ever wraps around.
void TimerWheel::place(WheelEntry& entry)
{
    const auto differing = (entry.due_ ^ now_) | (slots - 1);
    const auto level = (static_cast<unsigned>(std::bit_width(differing)) - 1) / slot_bits;
    const auto slot = static_cast<unsigned>(entry.due_ >> (level * slot_bits)) & (slots - 1);
    entry.slot_ = static_cast<std::uint16_t>(level * slots + slot);
    lists_[entry.slot_].push_back(entry);
    occupied_[level] |= std::uint64_t{1} << slot;
}

void TimerWheel::remove(WheelEntry& entry)
{
    if (entry.is_linked()) {
        entry.unlink();
    }
    if (std::exchange(entry.wheel_, nullptr) == nullptr) {
        return;
    }
    --count_;
    if (lists_[entry.slot_].empty()) {
        occupied_[entry.slot_ / slots] &= ~(std::uint64_t{1} << (entry.slot_ % slots));
    }
}

unsigned TimerWheel::lowest_level() const
{
    const auto* found = std::find_if(occupied_.begin(), occupied_.end(), [](auto bits) { return bits != 0; });
    return static_cast<unsigned>(found - occupied_.begin());
}

std::optional<TimerWheel::Tick> TimerWheel::next() const
{
    const auto level = lowest_level();
    if (level == levels) {
        return std::nullopt;
    }
    const auto slot = static_cast<Tick>(std::countr_zero(occupied_[level]));
    const auto shift = level * slot_bits;
    const auto block = (now_ >> shift) & ~Tick{slots - 1};
    return (block | slot) << shift;
}

void TimerWheel::advance(Tick to, WheelEntries& due)
{
    SQUALL_ASSERT(to >= now_);
    for (auto at = next(); at && *at <= to; at = next()) {
        now_ = *at;
        const auto level = lowest_level();
        const auto slot = static_cast<unsigned>(std::countr_zero(occupied_[level]));
        occupied_[level] &= ~(std::uint64_t{1} << slot);
        WheelEntries opened;
        opened.swap(lists_[static_cast<std::size_t>(level) * slots + slot]);
        while (!opened.empty()) {
            WheelEntry& entry = opened.front();
            opened.pop_front();
            if (entry.due_ <= now_) {
                entry.wheel_ = nullptr;
                --count_;
                due.push_back(entry);
            } else {
                place(entry);
            }
        }
    }
    now_ = to;
}

} // namespace squall::wire
