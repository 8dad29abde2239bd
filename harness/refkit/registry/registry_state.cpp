#include "refkit/registry/registry_state.hpp"

namespace squall::refkit {
namespace {

constexpr double earliest_end_of_life = 0.25; // this share of max_age before it

std::uint64_t& count_of(RegistryStats& stats, DropReason reason)
{
    switch (reason) {
    case DropReason::silent:
        return stats.dropped_silent;
    case DropReason::aged:
        return stats.dropped_aged;
    case DropReason::slow:
        return stats.dropped_slow;
    case DropReason::closing:
        break;
    }
    return stats.dropped_closing;
}

} // namespace

RegistryState::RegistryState(RegistryParams params, Random random)
    : params_((require_valid(check(params)), params)),
      random_(random)
{}

Admission<MemberId> RegistryState::enter(const std::string& room, Instant now)
{
    if (closed_) {
        return refuse(Errc::registry_closed, totals_.refused_closed);
    }
    if (entries_.size() >= params_.most_in_all) {
        return refuse(Errc::registry_full, totals_.refused_registry_full);
    }
    if (const auto found = rooms_.find(room); found != rooms_.end() && found->second.members >= params_.most_in_room) {
        return refuse(Errc::room_full, totals_.refused_room_full);
    }
    const MemberId member{next_id_++};
    const auto entered = rooms_.try_emplace(room).first;
    ++entered->second.members;
    entered->second.staying.insert(member);
    const auto end = end_of_life(now);
    entries_.emplace(member, Entry{entered, now, end, Standing::lively, lively_.insert(lively_.end(), member)});
    if (params_.max_age) {
        ends_of_life_.emplace(end, member);
    }
    ++totals_.entered;
    return member;
}

Rejection RegistryState::refuse(Errc error, std::uint64_t& count)
{
    ++count;
    return {error, std::nullopt};
}

Instant RegistryState::end_of_life(Instant now)
{
    if (!params_.max_age) {
        return Instant::max();
    }
    const auto earlier = from_seconds(to_seconds(*params_.max_age) * earliest_end_of_life * random_.uniform());
    return saturating_add(now, *params_.max_age - earlier);
}

void RegistryState::seen(MemberId member, Instant now)
{
    const auto found = entries_.find(member);
    if (found == entries_.end() || found->second.standing == Standing::leaving) {
        return;
    }
    auto& entry = found->second;
    lively_.splice(lively_.end(), entry.standing == Standing::pinged ? pinged_ : lively_, entry.place);
    entry.standing = Standing::lively;
    entry.last_sign = now;
}

void RegistryState::leave(MemberId member)
{
    const auto found = entries_.find(member);
    if (found == entries_.end()) {
        return;
    }
    auto& entry = found->second;
    if (entry.standing == Standing::leaving) {
        --totals_.leaving;
    } else {
        (entry.standing == Standing::pinged ? pinged_ : lively_).erase(entry.place);
        ends_of_life_.erase({entry.end_of_life, member});
        entry.room->second.staying.erase(member);
    }
    if (--entry.room->second.members == 0) {
        rooms_.erase(entry.room);
    }
    entries_.erase(found);
    ++totals_.left;
}

void RegistryState::tell_to_go(MemberId member, Entry& entry, DropReason reason)
{
    (entry.standing == Standing::pinged ? pinged_ : lively_).erase(entry.place);
    ends_of_life_.erase({entry.end_of_life, member});
    entry.room->second.staying.erase(member);
    entry.standing = Standing::leaving;
    ++totals_.leaving;
    ++count_of(totals_, reason);
}

bool RegistryState::drop(MemberId member, DropReason reason)
{
    const auto found = entries_.find(member);
    if (found == entries_.end() || found->second.standing == Standing::leaving) {
        return false;
    }
    tell_to_go(member, found->second, reason);
    return true;
}

std::vector<MemberId> RegistryState::close()
{
    closed_ = true;
    std::vector<MemberId> told;
    for (auto& [member, entry] : entries_) {
        if (entry.standing != Standing::leaving) {
            tell_to_go(member, entry, DropReason::closing);
            told.push_back(member);
        }
    }
    return told;
}

RegistryState::Sweep RegistryState::sweep(Instant now)
{
    Sweep sweep;
    drop_silent(pinged_, now, sweep);
    drop_silent(lively_, now, sweep); // the sweep came so late that there was no time for a ping
    drop_aged(now, sweep);
    ping_silent(now, sweep);
    return sweep;
}

void RegistryState::drop_silent(const std::list<MemberId>& silent, Instant now, Sweep& sweep)
{
    while (!silent.empty()) {
        const auto member = silent.front();
        auto& entry = entries_.at(member);
        if (now - entry.last_sign < params_.drop_after) {
            return;
        }
        tell_to_go(member, entry, DropReason::silent);
        sweep.drop.push_back({member, DropReason::silent});
    }
}

void RegistryState::drop_aged(Instant now, Sweep& sweep)
{
    while (!ends_of_life_.empty() && ends_of_life_.begin()->first <= now) {
        const auto member = ends_of_life_.begin()->second;
        tell_to_go(member, entries_.at(member), DropReason::aged);
        sweep.drop.push_back({member, DropReason::aged});
    }
}

void RegistryState::ping_silent(Instant now, Sweep& sweep)
{
    while (!lively_.empty()) {
        const auto member = lively_.front();
        auto& entry = entries_.at(member);
        if (now - entry.last_sign < params_.ping_after) {
            return;
        }
        pinged_.splice(pinged_.end(), lively_, entry.place);
        entry.standing = Standing::pinged;
        sweep.ping.push_back(member);
    }
}

std::vector<MemberId> RegistryState::members_of(const std::string& room) const
{
    const auto found = rooms_.find(room);
    return found == rooms_.end() ? std::vector<MemberId>()
                                 : std::vector<MemberId>(found->second.staying.begin(), found->second.staying.end());
}

RegistryStats RegistryState::stats() const
{
    auto stats = totals_;
    stats.members = entries_.size();
    stats.rooms = rooms_.size();
    return stats;
}

} // namespace squall::refkit
