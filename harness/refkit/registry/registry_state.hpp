// Who is in which room, and who has to go. Pure: events and instants in, decisions out; no Asio, no clock of its own.
#pragma once

#include "base/random.hpp"
#include "refkit/registry/registry_params.hpp"
#include "refkit/rejection.hpp"

#include <list>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace squall::refkit {

/// One stay in one room. Never used again.
enum class MemberId : std::uint64_t {};

/// One thread. Instants never go back. Every event but close() and members_of() costs no more with more members than a
/// look into a sorted tree does; a sweep costs as much as it finds.
class RegistryState {
public:
    /// Throws std::invalid_argument when check(params) finds something broken. `random` spreads the ends of life.
    RegistryState(RegistryParams params, Random random);

    /// Or registry_full, room_full, registry_closed. Members that were told to go count until they leave.
    [[nodiscard]] Admission<MemberId> enter(const std::string& room, Instant now);
    /// A sign of life. Unknown members, and those that were told to go, are ignored.
    void seen(MemberId member, Instant now);
    /// A room without members is none any more. Unknown members are ignored.
    void leave(MemberId member);
    /// The member has to go; false when it was told before, or is unknown.
    bool drop(MemberId member, DropReason reason);
    /// Everybody has to go, and nobody may enter any more: those that were not told before.
    [[nodiscard]] std::vector<MemberId> close();

    struct Dropped {
        MemberId member;
        DropReason reason;
        bool operator==(const Dropped&) const = default;
    };
    /// Who is to be pinged now, each once a silence, and who is to be told to go, each once.
    struct Sweep {
        std::vector<MemberId> ping;
        std::vector<Dropped> drop;
    };
    [[nodiscard]] Sweep sweep(Instant now);

    /// In the order in which they came, without those that were told to go.
    [[nodiscard]] std::vector<MemberId> members_of(const std::string& room) const;
    [[nodiscard]] RegistryStats stats() const;
    [[nodiscard]] const RegistryParams& params() const { return params_; }

private:
    struct Room {
        std::size_t members = 0;
        std::set<MemberId> staying;
    };
    using Rooms = std::map<std::string, Room>;
    enum class Standing { lively, pinged, leaving };
    struct Entry {
        Rooms::iterator room;
        Instant last_sign;
        Instant end_of_life;
        Standing standing = Standing::lively;
        std::list<MemberId>::iterator place; // in lively_ or pinged_
    };
    using Entries = std::unordered_map<MemberId, Entry>;

    [[nodiscard]] Rejection refuse(Errc error, std::uint64_t& count);
    [[nodiscard]] Instant end_of_life(Instant now);
    void tell_to_go(MemberId member, Entry& entry, DropReason reason);
    void drop_silent(const std::list<MemberId>& silent, Instant now, Sweep& sweep);
    void drop_aged(Instant now, Sweep& sweep);
    void ping_silent(Instant now, Sweep& sweep);

    RegistryParams params_;
    Random random_;
    bool closed_ = false;
    std::uint64_t next_id_ = 1;
    Entries entries_;
    Rooms rooms_;
    std::list<MemberId> lively_; // the longest silent in front; so in pinged_
    std::list<MemberId> pinged_;
    std::set<std::pair<Instant, MemberId>> ends_of_life_; // when there is a max_age
    RegistryStats totals_;
};

} // namespace squall::refkit
