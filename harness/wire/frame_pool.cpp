#include "wire/frame_pool.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

namespace squall::wire {
namespace {

// A user holds half a dozen frames as long as it waits: classes lie as close as the heap's own blocks, whose sizes are
// 8 above a multiple of 16 with glibc, so that next to nothing is lost to rounding.
constexpr std::size_t granule = 16;
constexpr std::size_t offset = 8;
constexpr std::size_t classes = 256; // frames above 4 KiB come from the heap

struct FreeFrame {
    FreeFrame* next;
};

// Plain memory, so that reaching it costs nothing; GiveBack empties it.
constinit thread_local std::array<FreeFrame*, classes> free_frames{};

struct GiveBack {
    ~GiveBack()
    {
        for (auto*& frame : free_frames) {
            while (frame != nullptr) {
                ::operator delete(std::exchange(frame, frame->next));
            }
        }
    }
    void at_the_end_of_this_thread() {}
};
thread_local GiveBack give_back;

constexpr std::size_t class_of(std::size_t bytes)
{
    return bytes <= offset ? 0 : (bytes - offset + granule - 1) / granule;
}

} // namespace

void* FramePool::allocate(std::size_t bytes)
{
    const auto size_class = class_of(bytes);
    if (!recycles || size_class >= classes) {
        return ::operator new(bytes);
    }
    const auto most = std::min(size_class + size_class / 4 + 1, classes);
    for (auto from = size_class; from < most; ++from) {
        auto*& head = free_frames[from];
        if (head != nullptr) {
            return std::exchange(head, head->next); // a larger one serves this class from now on
        }
    }
    give_back.at_the_end_of_this_thread();
    return ::operator new(size_class* granule + offset);
}

void FramePool::release(void* frame, std::size_t bytes) noexcept
{
    const auto size_class = class_of(bytes);
    if (!recycles || size_class >= classes) {
        ::operator delete(frame);
        return;
    }
    auto*& head = free_frames[size_class];
    head = ::new (frame) FreeFrame{head};
}

} // namespace squall::wire
