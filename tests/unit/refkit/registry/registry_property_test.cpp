// Random days in the life of a registry, beside a model of it that looks at everybody every time.
#include "refkit/registry/registry_state.hpp"
#include "unit/refkit/seeds.hpp"

#include <algorithm>
#include <map>
#include <optional>

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

RegistryParams some_params(Random& random)
{
    RegistryParams params;
    params.most_in_room = static_cast<std::size_t>(random.between(1, 5));
    params.most_in_all = static_cast<std::size_t>(random.between(1, 12));
    params.ping_after = std::chrono::milliseconds(random.between(1, 2000));
    params.drop_after = params.ping_after + std::chrono::milliseconds(random.between(1, 2000));
    if (random.uniform() < 0.7) {
        params.max_age = std::chrono::milliseconds(random.between(1, 10'000));
    }
    return params;
}

class World {
public:
    explicit World(std::uint64_t seed)
        : random_(seed),
          params_(some_params(random_)),
          registry_(params_, random_.stream("registry"))
    {}

    void step()
    {
        const auto choice = random_.between(0, 999);
        if (choice < 300) {
            enter();
        } else if (choice < 500) {
            see();
        } else if (choice < 600) {
            leave();
        } else if (choice < 640) {
            drop();
        } else if (choice < 800) {
            sweep();
        } else if (choice < 997) {
            now_ += std::chrono::milliseconds(random_.between(0, 800));
        } else {
            close();
        }
        compare();
    }

private:
    struct Member {
        std::string room;
        Instant entered;
        Instant last_sign;
        bool pinged = false;
        bool told = false;
    };

    [[nodiscard]] std::size_t in_room(const std::string& room) const
    {
        return static_cast<std::size_t>(
            std::ranges::count_if(members_, [&](const auto& member) { return member.second.room == room; }));
    }
    std::string some_room() { return std::string(1, static_cast<char>('a' + random_.between(0, 3))); }
    /// Also one that has left, now and then.
    MemberId somebody() { return MemberId{static_cast<std::uint64_t>(random_.between(1, last_))}; }

    void enter()
    {
        const auto room = some_room();
        std::optional<Errc> expected;
        if (closed_) {
            expected = Errc::registry_closed;
        } else if (members_.size() >= params_.most_in_all) {
            expected = Errc::registry_full;
        } else if (in_room(room) >= params_.most_in_room) {
            expected = Errc::room_full;
        }
        const auto member = registry_.enter(room, now_);
        SCHEDULE_REQUIRE(member.has_value() != expected.has_value());
        if (expected) {
            SCHEDULE_REQUIRE(member.error().error == *expected);
            ++refused_;
            return;
        }
        SCHEDULE_REQUIRE(static_cast<std::int64_t>(*member) > last_);
        last_ = static_cast<std::int64_t>(*member);
        members_.emplace(*member, Member{room, now_, now_});
    }
    void see()
    {
        const auto member = somebody();
        registry_.seen(member, now_);
        if (const auto found = members_.find(member); found != members_.end() && !found->second.told) {
            found->second.last_sign = now_;
            found->second.pinged = false;
        }
    }
    void leave()
    {
        const auto member = somebody();
        registry_.leave(member);
        left_ += members_.erase(member);
    }
    void drop()
    {
        const auto member = somebody();
        const auto found = members_.find(member);
        const bool first = found != members_.end() && !found->second.told;
        SCHEDULE_REQUIRE(registry_.drop(member, DropReason::slow) == first);
        if (first) {
            tell(found->second);
        }
    }
    void tell(Member& member)
    {
        member.told = true;
        ++told_;
    }
    void close()
    {
        closed_ = true;
        for (const auto member : registry_.close()) {
            SCHEDULE_REQUIRE(!members_.at(member).told);
            tell(members_.at(member));
        }
        SCHEDULE_REQUIRE(std::ranges::all_of(members_, [](const auto& member) { return member.second.told; }));
    }

    void sweep()
    {
        const auto swept = registry_.sweep(now_);
        for (const auto& [id, reason] : swept.drop) {
            auto& member = members_.at(id);
            SCHEDULE_REQUIRE(!member.told);
            const bool silent = now_ - member.last_sign >= params_.drop_after;
            const bool may_be_aged = params_.max_age && now_ - member.entered >= *params_.max_age * 3 / 4;
            SCHEDULE_REQUIRE(reason == (silent ? DropReason::silent : DropReason::aged));
            SCHEDULE_REQUIRE(silent || may_be_aged);
            tell(member);
        }
        for (const auto id : swept.ping) {
            auto& member = members_.at(id);
            SCHEDULE_REQUIRE(!member.told && !member.pinged && now_ - member.last_sign >= params_.ping_after);
            member.pinged = true;
        }
        for (const auto& [id, member] : members_) {
            const auto silent = now_ - member.last_sign;
            SCHEDULE_REQUIRE(member.told || silent < params_.drop_after);
            SCHEDULE_REQUIRE(member.told || member.pinged || silent < params_.ping_after);
            SCHEDULE_REQUIRE(member.told || !params_.max_age || now_ - member.entered < *params_.max_age);
        }
    }

    void compare() const
    {
        const auto stats = registry_.stats();
        SCHEDULE_REQUIRE(stats.members == members_.size());
        SCHEDULE_REQUIRE(stats.members <= params_.most_in_all);
        SCHEDULE_REQUIRE(stats.entered == stats.left + stats.members);
        SCHEDULE_REQUIRE(stats.left == left_);
        SCHEDULE_REQUIRE(stats.dropped_silent + stats.dropped_aged + stats.dropped_slow + stats.dropped_closing ==
                         told_);
        SCHEDULE_REQUIRE(stats.refused_room_full + stats.refused_registry_full + stats.refused_closed == refused_);
        std::size_t rooms = 0;
        std::size_t leaving = 0;
        for (const std::string room : {"a", "b", "c", "d"}) {
            rooms += in_room(room) > 0 ? 1U : 0U;
            SCHEDULE_REQUIRE(in_room(room) <= params_.most_in_room);
            std::vector<MemberId> staying;
            for (const auto& [id, member] : members_) {
                if (member.room == room && !member.told) {
                    staying.push_back(id);
                }
                leaving += member.room == room && member.told ? 1U : 0U;
            }
            SCHEDULE_REQUIRE(registry_.members_of(room) == staying);
        }
        SCHEDULE_REQUIRE(stats.rooms == rooms);
        SCHEDULE_REQUIRE(stats.leaving == leaving);
    }

    Random random_;
    RegistryParams params_;
    RegistryState registry_;
    Instant now_{};
    std::map<MemberId, Member> members_;
    std::int64_t last_ = 1;
    bool closed_ = false;
    std::uint64_t left_ = 0;
    std::uint64_t told_ = 0;
    std::uint64_t refused_ = 0;
};

} // namespace

TEST_CASE("a registry keeps its limits and misses nobody, whatever happens in whatever order")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        World world(seed);
        for (int step = 0; step < 200; ++step) {
            world.step();
        }
    });
}

} // namespace squall::refkit
