// What a bounded cache decides: which values it holds, which one goes for another, and that a value that many want at
// once is loaded once. Pure: events and instants in, decisions out.
#pragma once

#include "base/random.hpp"
#include "refkit/cache/cache_params.hpp"
#include "refkit/mutants.hpp"
#include "refkit/rejection.hpp"

#include <list>
#include <unordered_map>
#include <utility>
#include <variant>

namespace squall::refkit {

/// One load of one key. Never used again.
enum class FlightId : std::uint64_t {};

/// One thread. Key and Value are copied in and out.
template <typename Key, typename Value, typename Hash = std::hash<Key>>
class CacheState {
public:
    /// Throws std::invalid_argument when check(params) finds something broken. `random` spreads the times to live.
    CacheState(CacheParams params, Random random) : params_((require_valid(check(params)), params)), random_(random) {}

    /// The load that will bring the value; `begin`: it is for the caller to start it, and to tell how it ended.
    struct Flight {
        FlightId id;
        bool begin;
    };
    /// The value, good until the next call of a member; or its load. A found value becomes the last to be evicted.
    [[nodiscard]] std::variant<const Value*, Flight> find(const Key& key, Instant now)
    {
        if (const auto found = entries_.find(key); found != entries_.end()) {
            if (is_fresh(*found->second, now)) {
                recent_.splice(recent_.begin(), recent_, found->second);
                ++totals_.hits;
                return &found->second->value;
            }
            ++totals_.expired;
            recent_.erase(found->second);
            entries_.erase(found);
        }
        if (const auto flying = flying_.find(key); flying != flying_.end() && !SQUALL_MUTANT(flights_not_shared)) {
            ++totals_.joined;
            return Flight{flying->second, false};
        }
        ++totals_.misses;
        const FlightId id{next_id_++};
        flying_.emplace(key, id);
        flights_.emplace(id, key);
        return Flight{id, true};
    }

    /// Kept, unless the key was invalidated meanwhile. Loads that ended are ignored, as by failed().
    void loaded(FlightId flight, Value value, Instant now)
    {
        const auto found = flights_.find(flight);
        if (found == flights_.end()) {
            return;
        }
        const auto key = found->second;
        if (end(flight) || SQUALL_MUTANT(invalidated_is_kept)) {
            keep(key, std::move(value), now);
        }
    }
    /// Nothing is kept of it: the next who asks loads anew.
    void failed(FlightId flight)
    {
        if (flights_.contains(flight)) {
            ++totals_.failed_loads;
            end(flight);
        }
    }

    /// The value is out of date. A load under way still answers those who wait for it, is not kept, and not joined by
    /// those who ask from now on.
    void invalidate(const Key& key)
    {
        flying_.erase(key);
        if (const auto found = entries_.find(key); found != entries_.end()) {
            recent_.erase(found->second);
            entries_.erase(found);
        }
    }
    void clear()
    {
        flying_.clear();
        entries_.clear();
        recent_.clear();
    }

    [[nodiscard]] CacheStats stats() const
    {
        auto stats = totals_;
        stats.entries = entries_.size();
        stats.loading = flights_.size();
        return stats;
    }
    [[nodiscard]] const CacheParams& params() const { return params_; }

private:
    struct Entry {
        Key key;
        Value value;
        Instant since;
        Instant until;
    };

    /// What lies in the future was kept before the clock jumped back.
    static bool is_fresh(const Entry& entry, Instant now) { return entry.since <= now && now < entry.until; }

    /// Whether its key was not invalidated.
    bool end(FlightId flight)
    {
        const auto found = flights_.find(flight);
        const auto flying = flying_.find(found->second);
        const bool wanted = flying != flying_.end() && flying->second == flight;
        if (wanted) {
            flying_.erase(flying);
        }
        flights_.erase(found);
        return wanted;
    }

    void keep(const Key& key, Value value, Instant now)
    {
        if (entries_.size() >= params_.max_entries) {
            ++totals_.evicted;
            entries_.erase(recent_.back().key);
            recent_.pop_back();
        }
        const auto shorter = to_seconds(params_.time_to_live) * params_.jitter.value() * random_.uniform();
        const auto until = saturating_add(now, params_.time_to_live - from_seconds(shorter));
        recent_.push_front({key, std::move(value), now, until});
        entries_.emplace(key, recent_.begin());
    }

    CacheParams params_;
    Random random_;
    std::list<Entry> recent_; // the last used in front
    std::unordered_map<Key, typename std::list<Entry>::iterator, Hash> entries_;
    std::unordered_map<Key, FlightId, Hash> flying_; // those to be joined and kept
    std::unordered_map<FlightId, Key> flights_;      // all
    std::uint64_t next_id_ = 1;
    CacheStats totals_;
};

} // namespace squall::refkit
