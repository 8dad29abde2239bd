// A place in a room that is given back exactly once, whatever becomes of its holder.
#pragma once

#include "refkit/registry/registry_state.hpp"

#include <memory>
#include <utility>

namespace squall::refkit {

/// The registry, as its memberships see it.
class MembershipOwner {
public:
    virtual ~MembershipOwner() = default;
    virtual void seen(MemberId member) = 0;
    virtual bool drop(MemberId member, DropReason reason) = 0;
    virtual void leave(MemberId member) = 0;
};

/// Move-only. May outlive its registry, and then does nothing. Used on the registry's thread.
class Membership {
public:
    Membership() = default;
    Membership(std::weak_ptr<MembershipOwner> owner, MemberId member) : owner_(std::move(owner)), member_(member) {}
    ~Membership() { leave(); }
    Membership(Membership&& other) noexcept
        : owner_(std::exchange(other.owner_, {})),
          member_(std::exchange(other.member_, {}))
    {}
    Membership& operator=(Membership&& other) noexcept
    {
        if (this != &other) {
            leave();
            owner_ = std::exchange(other.owner_, {});
            member_ = std::exchange(other.member_, {});
        }
        return *this;
    }

    /// False once left or moved from.
    [[nodiscard]] bool valid() const { return member_ != MemberId{}; }
    [[nodiscard]] MemberId id() const { return member_; }

    /// A sign of life: whatever the far end sent.
    void seen() const
    {
        if (const auto owner = owner_.lock()) {
            owner->seen(member_);
        }
    }
    /// Counts it, and calls the session's drop(reason), unless that was called before; then false.
    bool drop(DropReason reason) const
    {
        const auto owner = owner_.lock();
        return owner && owner->drop(member_, reason);
    }
    /// The place is free again.
    void leave()
    {
        const auto member = std::exchange(member_, {});
        if (const auto owner = std::exchange(owner_, {}).lock()) {
            owner->leave(member); // the end of the session, and of this, where that owns it
        }
    }

private:
    std::weak_ptr<MembershipOwner> owner_;
    MemberId member_{};
};

} // namespace squall::refkit
