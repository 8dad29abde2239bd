// A permission that is given back exactly once, whatever becomes of its holder.
#pragma once

#include "refkit/mutants.hpp"

#include <utility>

namespace squall::refkit {

/// How a guarded call ended.
enum class Verdict {
    success,
    failure, // an error for a breaker, a drop for a limiter
    ignored, // says nothing about the guarded: cancelled, destroyed, our own mistake
};

/// For owners that a permit's header need not know.
template <typename Ticket>
class PermitOwner {
public:
    virtual ~PermitOwner() = default;
    virtual void settle(const Ticket& ticket, Verdict verdict) = 0;
};

/// Move-only. `Owner` points to what has `void settle(const Ticket&, Verdict)`, which is called once: by the first
/// settle() here, else by the destructor with `ignored`. Derived permits give the calls the names of their field.
template <typename Owner, typename Ticket>
class Permit {
public:
    Permit(Owner owner, Ticket ticket) : owner_(std::move(owner)), ticket_(ticket) {}
    ~Permit()
    {
        if (!SQUALL_MUTANT(permit_lost)) {
            settle(Verdict::ignored);
        }
    }
    Permit(Permit&& other) noexcept
        : owner_(SQUALL_MUTANT(permit_settled_twice) ? other.owner_ : std::exchange(other.owner_, nullptr)),
          ticket_(other.ticket_)
    {}
    Permit& operator=(Permit&& other) noexcept
    {
        if (this != &other) {
            settle(Verdict::ignored);
            owner_ = std::exchange(other.owner_, nullptr);
            ticket_ = other.ticket_;
        }
        return *this;
    }

    /// False once settled or moved from.
    [[nodiscard]] bool valid() const { return owner_ != nullptr; }

protected:
    void settle(Verdict verdict)
    {
        if (auto owner = std::exchange(owner_, nullptr)) {
            owner->settle(ticket_, verdict);
        }
    }

private:
    Owner owner_;
    Ticket ticket_;
};

} // namespace squall::refkit
