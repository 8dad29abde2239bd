// Which timers are due: a hierarchical timing wheel (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987,
// scheme 7). Adding, removing and firing cost O(1) however many are running. Pure: time is what the caller says.
#pragma once

#include <boost/intrusive/list.hpp>

#include <array>
#include <cstdint>
#include <optional>

namespace squall::wire {

class TimerWheel;

/// One timer; belongs to whom it wakes. Destroying it removes it.
class WheelEntry : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    WheelEntry() = default;
    ~WheelEntry();
    WheelEntry(const WheelEntry&) = delete;
    WheelEntry& operator=(const WheelEntry&) = delete;

    /// In the wheel, or due and not taken off the list of those that are.
    [[nodiscard]] bool is_running() const { return is_linked(); }
    [[nodiscard]] std::uint64_t due() const { return due_; }

private:
    friend class TimerWheel;
    TimerWheel* wheel_ = nullptr; // null: not in a wheel
    std::uint64_t due_ = 0;
    std::uint16_t slot_ = 0;
};
using WheelEntries = boost::intrusive::list<WheelEntry, boost::intrusive::constant_time_size<false>>;

/// Counts ticks from 0, up to 2^42. A level has 64 slots; a slot of level k holds the entries of 64^k ticks and is
/// spread over the level below when its time comes.
class TimerWheel {
public:
    using Tick = std::uint64_t;
    static constexpr unsigned levels = 7;
    static constexpr Tick last_tick = (Tick{1} << (6U * levels)) - 1;

    TimerWheel() = default;
    ~TimerWheel();
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    [[nodiscard]] Tick now() const { return now_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }

    /// A due that has passed falls on the next tick, one beyond last_tick on that. The entry must not be running.
    void add(WheelEntry& entry, Tick due);
    /// Safe for an entry that is not running.
    void remove(WheelEntry& entry);

    /// When advance() is worth calling next: no entry is due before, but possibly none then either. Nothing when empty.
    [[nodiscard]] std::optional<Tick> next() const;
    /// Moves to `to` ≥ now() and appends the entries due by then to `due`, in the order of their ticks.
    void advance(Tick to, WheelEntries& due);

private:
    static constexpr unsigned slot_bits = 6;
    static constexpr unsigned slots = 1U << slot_bits;

    void place(WheelEntry& entry);
    [[nodiscard]] unsigned lowest_level() const;

    std::array<WheelEntries, static_cast<std::size_t>(levels) * slots> lists_;
    std::array<std::uint64_t, levels> occupied_{}; // one bit a slot
    Tick now_ = 0;
    std::size_t count_ = 0;
};

} // namespace squall::wire
