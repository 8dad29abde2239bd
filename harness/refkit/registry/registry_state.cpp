#include "refkit/registry/registry_state.hpp"

namespace squall::refkit {

std::variant<RegistryState::Member, RegistryState::Refusal> RegistryState::enter(const std::string& room, Instant now)
{
    if (entries_.size() >= params_.most_in_all) {
        return Refusal::registry_full;
    }
    if (const auto found = rooms_.find(room); found != rooms_.end() && found->second.size() >= params_.most_in_room) {
        return Refusal::room_full;
    }
    const auto member = next_++;
    entries_.emplace(member, Entry{room, now});
    rooms_[room].insert(member);
    return member;
}

void RegistryState::seen(Member member, Instant now)
{
    if (const auto found = entries_.find(member); found != entries_.end()) {
        found->second.last_sign = now;
        found->second.pinged = false;
    }
}

void RegistryState::leave(Member member)
{
    const auto found = entries_.find(member);
    if (found == entries_.end()) {
        return;
    }
    const auto room = rooms_.find(found->second.room);
    room->second.erase(member);
    if (room->second.empty()) {
        rooms_.erase(room);
    }
    entries_.erase(found);
}

RegistryState::Sweep RegistryState::sweep(Instant now)
{
    Sweep sweep;
    for (auto& [member, entry] : entries_) {
        const auto silent = now - entry.last_sign;
        if (silent >= params_.drop_after) {
            sweep.drop.push_back(member);
        } else if (silent >= params_.ping_after && !entry.pinged) {
            entry.pinged = true;
            sweep.ping.push_back(member);
        }
    }
    return sweep;
}

std::vector<RegistryState::Member> RegistryState::members_of(const std::string& room) const
{
    const auto found = rooms_.find(room);
    return found == rooms_.end() ? std::vector<Member>()
                                 : std::vector<Member>(found->second.begin(), found->second.end());
}

} // namespace squall::refkit
