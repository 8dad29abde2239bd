// Sockets without Asio's cost at each wait: one epoll descriptor a thread holds them all, edge-triggered and registered
// once, and Asio waits for that one descriptor alone.
#pragma once

#include "wire/wake_list.hpp"

#include <cstdint>
#include <vector>

struct epoll_event;

namespace squall::wire {

class Watched;

/// One a thread; outlives what it watches, and goes when its io_context runs no more. That runs out of work when no
/// flow waits for a socket.
class Readiness {
public:
    /// Throws boost::system::system_error when the process may open no more descriptors: at start-up.
    Readiness(asio::any_io_executor executor, WakeList& wakes);

    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

private:
    friend class Watched;
    friend class Watch;
    friend class Socket;
    /// What stands for the watched one in epoll. Not its address: where another thread forks, a closed descriptor stays
    /// in epoll until that child executes its program, and tells of whom nobody watches any more.
    [[nodiscard]] std::uint64_t enter(Watched& watched);
    void leave(Watched& watched);
    [[nodiscard]] Watched* watched_as(std::uint64_t ticket) const;
    void begin_wait();
    void end_wait();
    void arm();
    void collect();
    /// How many events there were; a full call may have left some.
    std::size_t collect_some();

    asio::any_io_executor executor_;
    WakeList& wakes_;
    asio::posix::stream_descriptor epoll_;
    struct Place {
        Watched* watched = nullptr;   // null: free
        std::uint32_t generation = 0; // how many have left it
    };
    std::vector<Place> places_;
    std::vector<std::uint32_t> free_places_;
    Waiters ready_;
    std::size_t waiting_ = 0;
    bool armed_ = false;
    bool collecting_ = false;
};

/// A descriptor in the epoll: at most one flow waits for it at a time.
class Watched : protected Waiter {
public:
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

    class Wait {
    public:
        [[nodiscard]] bool await_ready() const noexcept { return (watched_.ready_ & wanted_) != 0; }
        void await_suspend(std::coroutine_handle<> waiting) { watched_.wait_for(wanted_, waiting); }
        /// operation_aborted: closed meanwhile.
        [[nodiscard]] error_code await_resume() const { return watched_.end_of_wait(); }

    private:
        friend class Watched;
        Wait(Watched& watched, std::uint32_t wanted) : watched_(watched), wanted_(wanted) {}
        Watched& watched_;
        std::uint32_t wanted_;
    };
    [[nodiscard]] Wait readable();
    [[nodiscard]] Wait writable();
    /// Whichever comes first.
    [[nodiscard]] Wait readable_or_writable();
    /// The flow that waits, if any, goes on when the socket takes bytes, too.
    void also_when_writable();

protected:
    explicit Watched(Readiness& readiness) : readiness_(&readiness) {}
    ~Watched() = default;
    /// A flow that waits goes on soon with operation_aborted.
    void abort_wait();

    Readiness* readiness_;
    int descriptor_ = -1;
    std::uint32_t ready_ = 0; // events seen and not used up

private:
    friend class Readiness;
    static constexpr std::uint32_t no_place = ~0U;
    std::uint32_t place_ = no_place; // of the Readiness
    void wait_for(std::uint32_t wanted, std::coroutine_handle<> waiting);
    error_code end_of_wait();

    std::uint32_t wanted_ = 0; // events for which a flow waits

protected:
    bool aborted_ = false;
};

/// Watches a descriptor that somebody else owns, reads and closes, such as libpq's.
class Watch : public Watched {
public:
    explicit Watch(Readiness& readiness) : Watched(readiness) {}
    ~Watch() { forget(); }

    /// Watches `descriptor` from now on; called again, also where the owner may have closed it and opened another of
    /// the same number, it starts afresh: what is ready then is told anew.
    [[nodiscard]] error_code follow(int descriptor);
    /// The owner is about to read, or has found nothing to read: the next bytes are a new edge.
    void reading();
    /// The owner could not write all that it has.
    void blocked_in_writing();
    /// Watches nothing any more: before, or right after, the owner closes it.
    void forget();
};

/// A non-blocking stream socket whose flow sends and receives at once and awaits readable() or writable() only where
/// the system said that it would block.
class Socket : public Watched {
public:
    explicit Socket(Readiness& readiness) : Watched(readiness) {}
    ~Socket() { close(); }

    /// Opens a TCP socket (no delay) and begins to connect; success means that writable() tells when it is decided.
    [[nodiscard]] error_code begin_connect(const asio::ip::tcp::endpoint& address);
    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    [[nodiscard]] int native_handle() const { return descriptor_; }
    /// How it was decided, once writable.
    [[nodiscard]] error_code connected() const;
    /// Gives the descriptor away, registered no more.
    [[nodiscard]] int release();
    /// Ends the connection; a flow that waits goes on soon with operation_aborted. Safe to call twice.
    void close();

    enum class Done { yes, would_block, failed };
    /// One system call, or none where it is known that it would block. Failures are told by error().
    Done send(const char* bytes, std::size_t size, std::size_t& sent);
    /// `received` 0: the peer has closed in order.
    Done receive(char* buffer, std::size_t size, std::size_t& received);
    /// The next receive() asks the system also where it is known that it would block: for a flow that does not wait.
    void look_again();
    /// Why the last call failed.
    [[nodiscard]] error_code error() const;

private:
    int error_ = 0;
};

} // namespace squall::wire
