// A coroutine that waits until somebody resumes it, without a timer or an allocation of its own.
#pragma once

#include "wire/task.hpp"

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace squall::refkit {

/// Lives in the frame of the coroutine, which owns itself while it waits: whoever may resume it has to, also when it
/// ends itself. One wait; one thread, or strand: the coroutine's.
class Suspension {
public:
    Suspension() = default;
    Suspension(const Suspension&) = delete;
    Suspension& operator=(const Suspension&) = delete;

    /// To be awaited: until resume(), or for one turn of the executor when that was before. When the coroutine is
    /// cancelled meanwhile, or later, when nobody may be interested any more, `core.cancel_waiting(id)` is called,
    /// unless the core is gone by then; it is held by std::shared_ptr.
    template <typename Core, typename Id>
    auto wait(Core& core, Id id)
    {
        return asio::async_initiate<const asio::deferred_t, void()>(
            [this, &core, id](auto handler) {
                auto slot = asio::get_associated_cancellation_slot(handler);
                if (slot.is_connected()) {
                    slot.assign([weak = core.weak_from_this(), id](asio::cancellation_type type) {
                        const auto still = weak.lock();
                        if (still && type != asio::cancellation_type::none) {
                            still->cancel_waiting(id);
                        }
                    });
                }
                keep(std::move(handler));
                if (resumed_) {
                    post_kept();
                }
            },
            asio::deferred);
    }

    /// Once. The coroutine goes on in a turn of its own.
    void resume()
    {
        resumed_ = true;
        if (kept_ != nullptr) {
            post_kept();
        }
    }

private:
    /// How the coroutine goes on: of a type that Asio keeps to itself.
    class Kept {
    public:
        Kept() = default;
        Kept(const Kept&) = delete;
        Kept& operator=(const Kept&) = delete;
        /// Ends this object.
        virtual void post() = 0;

    protected:
        ~Kept() = default;
    };
    template <typename Handler>
    class KeptHandler final : public Kept {
    public:
        explicit KeptHandler(Handler handler) : handler_(std::move(handler)) {}
        void post() override
        {
            auto handler = std::move(handler_);
            std::destroy_at(this);
            const auto executor = asio::get_associated_executor(handler);
            // What asio::post() comes to, without its detours through any_io_executor.
            asio::require(executor, asio::execution::blocking.never).execute(std::move(handler));
        }

    private:
        Handler handler_;
    };

    template <typename Handler>
    void keep(Handler handler)
    {
        static_assert(sizeof(KeptHandler<Handler>) <= sizeof(room_));
        static_assert(alignof(KeptHandler<Handler>) <= alignof(std::max_align_t));
        kept_ = ::new (static_cast<void*>(room_)) KeptHandler<Handler>(std::move(handler));
    }
    void post_kept() { std::exchange(kept_, nullptr)->post(); }

    alignas(std::max_align_t) std::byte room_[4 * sizeof(void*)];
    Kept* kept_ = nullptr;
    bool resumed_ = false;
};

} // namespace squall::refkit
