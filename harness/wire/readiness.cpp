#include "wire/readiness.hpp"

#include "base/assert.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace squall::wire {
namespace {

constexpr std::size_t events_a_call = 256;
constexpr int most_looks = 4;
constexpr std::size_t worth_a_look = 8;
constexpr std::uint32_t ends = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr std::uint32_t for_reading = EPOLLIN | ends;
constexpr std::uint32_t for_writing = EPOLLOUT | EPOLLHUP | EPOLLERR;

bool would_block()
{
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

error_code system_error(int number)
{
    return {number, boost::system::system_category()};
}

int make_epoll()
{
    const int descriptor = ::epoll_create1(EPOLL_CLOEXEC);
    if (descriptor < 0) {
        throw boost::system::system_error(system_error(errno), "epoll_create1");
    }
    return descriptor;
}

epoll_event interest_of(std::uint64_t ticket)
{
    epoll_event interest{};
    interest.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    interest.data.u64 = ticket;
    return interest;
}

} // namespace

Readiness::Readiness(asio::any_io_executor executor, WakeList& wakes)
    : executor_(std::move(executor)),
      wakes_(wakes),
      epoll_(executor_, make_epoll())
{}

std::uint64_t Readiness::enter(Watched& watched)
{
    leave(watched);
    if (free_places_.empty()) {
        free_places_.push_back(static_cast<std::uint32_t>(places_.size()));
        places_.emplace_back();
    }
    watched.place_ = free_places_.back();
    free_places_.pop_back();
    auto& place = places_[watched.place_];
    place.watched = &watched;
    return (std::uint64_t{place.generation} << 32U) | watched.place_;
}

void Readiness::leave(Watched& watched)
{
    if (watched.place_ == Watched::no_place) {
        return;
    }
    auto& place = places_[watched.place_];
    place.watched = nullptr;
    ++place.generation;
    free_places_.push_back(std::exchange(watched.place_, Watched::no_place));
}

Watched* Readiness::watched_as(std::uint64_t ticket) const
{
    const auto& place = places_[static_cast<std::uint32_t>(ticket)];
    return place.generation == ticket >> 32U ? place.watched : nullptr;
}

void Readiness::begin_wait()
{
    ++waiting_;
    if (!armed_ && !collecting_) {
        arm();
    }
}

void Readiness::end_wait()
{
    if (--waiting_ == 0 && armed_) {
        epoll_.cancel(); // otherwise the io_context would never run out of work
    }
}

void Readiness::arm()
{
    armed_ = true;
    epoll_.async_wait(asio::posix::stream_descriptor::wait_read, [this](error_code error) {
        if (error != asio::error::operation_aborted) {
            collect();
            return;
        }
        armed_ = false;
        if (waiting_ > 0) {
            arm(); // somebody began to wait after the cancellation
        }
    });
}

void Readiness::collect()
{
    armed_ = false;
    collecting_ = true;
    // While many are ready at each look, looking again is cheaper than asking Asio to wait; not for ever, since Asio
    // has other work.
    std::size_t found = events_a_call;
    for (int look = 0; look < most_looks && found >= worth_a_look; ++look) {
        found = collect_some();
        resume_all(ready_);
    }
    collecting_ = false;
    if (found == events_a_call || waiting_ > 0) {
        arm();
    }
}

std::size_t Readiness::collect_some()
{
    std::array<epoll_event, events_a_call> events; // NOLINT(cppcoreguidelines-pro-type-member-init): written below
    const int count = ::epoll_wait(epoll_.native_handle(), events.data(), events.size(), 0);
    // No flow runs in this loop, so that every pointer in it is alive.
    for (int at = 0; at < count; ++at) {
        const auto& event = events[static_cast<std::size_t>(at)];
        auto* found = watched_as(event.data.u64);
        if (found == nullptr) {
            continue;
        }
        auto& watched = *found;
        watched.ready_ |= event.events;
        if ((watched.ready_ & watched.wanted_) != 0) {
            watched.wanted_ = 0;
            --waiting_;
            ready_.push_back(watched);
        }
    }
    return static_cast<std::size_t>(std::max(count, 0));
}

void Watched::abort_wait()
{
    if (wanted_ != 0) {
        wanted_ = 0;
        aborted_ = true;
        readiness_->end_wait();
        readiness_->wakes_.wake(*this);
    } else if (is_linked()) {
        aborted_ = true; // its events have been seen, its flow comes next
    }
}

error_code Watch::follow(int descriptor)
{
    const int epoll = readiness_->epoll_.native_handle();
    auto interest = interest_of(readiness_->enter(*this));
    aborted_ = false;
    ready_ = 0;
    const bool known = descriptor == descriptor_ && ::epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &interest) == 0;
    descriptor_ = descriptor;
    if (!known && ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &interest) != 0) {
        const auto error = system_error(errno);
        descriptor_ = -1;
        readiness_->leave(*this);
        return error;
    }
    return {};
}

void Watch::reading()
{
    ready_ &= ~static_cast<std::uint32_t>(EPOLLIN);
}

void Watch::blocked_in_writing()
{
    ready_ &= ~static_cast<std::uint32_t>(EPOLLOUT);
}

void Watch::forget()
{
    if (descriptor_ >= 0) {
        epoll_event unused{};
        ::epoll_ctl(readiness_->epoll_.native_handle(), EPOLL_CTL_DEL, descriptor_, &unused);
        descriptor_ = -1;
    }
    readiness_->leave(*this);
    abort_wait();
}

error_code Socket::begin_connect(const asio::ip::tcp::endpoint& address)
{
    close();
    aborted_ = false;
    ready_ = 0;
    descriptor_ = ::socket(address.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (descriptor_ < 0) {
        return system_error(errno);
    }
    const int yes = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (::connect(descriptor_, address.data(), static_cast<socklen_t>(address.size())) != 0 && errno != EINPROGRESS) {
        const auto error = system_error(errno);
        close();
        return error;
    }
    auto interest = interest_of(readiness_->enter(*this));
    if (::epoll_ctl(readiness_->epoll_.native_handle(), EPOLL_CTL_ADD, descriptor_, &interest) != 0) {
        const auto error = system_error(errno);
        close();
        return error;
    }
    return {};
}

error_code Socket::connected() const
{
    if ((ready_ & (EPOLLERR | EPOLLHUP)) == 0) {
        return {};
    }
    int number = 0;
    socklen_t size = sizeof number;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &number, &size);
    return system_error(number != 0 ? number : ECONNRESET);
}

int Socket::release()
{
    epoll_event unused{};
    ::epoll_ctl(readiness_->epoll_.native_handle(), EPOLL_CTL_DEL, descriptor_, &unused);
    readiness_->leave(*this);
    return std::exchange(descriptor_, -1);
}

void Socket::close()
{
    if (descriptor_ >= 0) {
        ::close(std::exchange(descriptor_, -1)); // which also ends its registration, but see Readiness::enter()
    }
    readiness_->leave(*this);
    abort_wait();
}

Socket::Done Socket::send(const char* bytes, std::size_t size, std::size_t& sent)
{
    sent = 0;
    const auto count = ::send(descriptor_, bytes, size, MSG_NOSIGNAL);
    if (count >= 0) {
        sent = static_cast<std::size_t>(count);
        if (sent < size) {
            ready_ &= ~static_cast<std::uint32_t>(EPOLLOUT);
        }
        return Done::yes;
    }
    if (would_block()) {
        ready_ &= ~static_cast<std::uint32_t>(EPOLLOUT);
        return Done::would_block;
    }
    error_ = errno;
    return Done::failed;
}

Socket::Done Socket::receive(char* buffer, std::size_t size, std::size_t& received)
{
    received = 0;
    if ((ready_ & for_reading) == 0) {
        return Done::would_block;
    }
    const auto count = ::recv(descriptor_, buffer, size, 0);
    if (count < 0) {
        ready_ &= ~static_cast<std::uint32_t>(EPOLLIN);
        if (would_block()) {
            return Done::would_block;
        }
        error_ = errno;
        return Done::failed;
    }
    received = static_cast<std::size_t>(count);
    if (received < size) {
        // epoll(7): a read that fills less than its buffer has emptied the socket; the next bytes are a new edge.
        ready_ &= ~static_cast<std::uint32_t>(EPOLLIN);
    }
    return Done::yes;
}

void Socket::look_again()
{
    ready_ |= EPOLLIN;
}

error_code Socket::error() const
{
    return system_error(error_);
}

Watched::Wait Watched::readable()
{
    return {*this, for_reading};
}

Watched::Wait Watched::writable()
{
    return {*this, for_writing};
}

Watched::Wait Watched::readable_or_writable()
{
    return {*this, for_reading | for_writing};
}

void Watched::also_when_writable()
{
    // What blocked a moment ago is no event that has been seen: the next edge brings it.
    wanted_ = wanted_ == 0 ? 0 : wanted_ | for_writing;
}

void Watched::wait_for(std::uint32_t wanted, std::coroutine_handle<> waiting)
{
    SQUALL_ASSERT(wanted_ == 0 && !is_linked() && descriptor_ >= 0);
    flow = waiting;
    wanted_ = wanted;
    readiness_->begin_wait();
}

error_code Watched::end_of_wait()
{
    return std::exchange(aborted_, false) ? error_code(asio::error::operation_aborted) : error_code();
}

} // namespace squall::wire
