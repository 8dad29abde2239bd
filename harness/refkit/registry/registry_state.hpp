// Who is in which room. Pure: events and instants in, decisions out; no Asio, no clock of its own.
#pragma once

#include "refkit/registry/registry_params.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace squall::refkit {

/// Members are numbers that the registry gives out and never uses again. Single-threaded.
class RegistryState {
public:
    using Member = std::uint64_t;
    enum class Refusal { room_full, registry_full };

    explicit RegistryState(RegistryParams params) : params_(params) {}

    [[nodiscard]] std::variant<Member, Refusal> enter(const std::string& room, Instant now);
    /// A sign of life. Unknown members are ignored, as by leave().
    void seen(Member member, Instant now);
    /// A room without members is none any more.
    void leave(Member member);

    /// Those who are to be pinged now (each once a silence) and those who are to be dropped, who stay until they leave.
    struct Sweep {
        std::vector<Member> ping;
        std::vector<Member> drop;
    };
    [[nodiscard]] Sweep sweep(Instant now);

    [[nodiscard]] std::vector<Member> members_of(const std::string& room) const;
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] std::size_t room_count() const { return rooms_.size(); }

private:
    struct Entry {
        std::string room;
        Instant last_sign;
        bool pinged = false;
    };

    RegistryParams params_;
    Member next_ = 1;
    std::map<Member, Entry> entries_;
    std::map<std::string, std::set<Member>> rooms_;
};

} // namespace squall::refkit
