// Tables whose ids lead straight to their place: no search, and no allocation once the table has its size.
#pragma once

#include "base/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace squall::refkit {

/// An id holds its place in the low bits and a number that never comes again in the high ones: what is gone is never
/// taken for what came after it. Later ids are greater. `Id` is an enum over std::uint64_t; 0 is nobody's.
template <typename Id>
struct SlotId {
    static constexpr unsigned index_bits = 24;
    static Id make(std::uint64_t number, std::size_t index) { return Id{number << index_bits | index}; }
    static std::size_t index(Id id) { return static_cast<std::uint64_t>(id) & ((std::uint64_t{1} << index_bits) - 1); }
};

/// Hands out ids. Pointers to values hold until the next add().
template <typename Id, typename Value>
class SlotTable {
public:
    Id add(Value value)
    {
        if (free_.empty()) {
            SQUALL_ASSERT(places_.size() < std::size_t{1} << SlotId<Id>::index_bits);
            free_.push_back(places_.size());
            places_.emplace_back();
        }
        const auto index = free_.back();
        free_.pop_back();
        auto& place = places_[index];
        place.id = SlotId<Id>::make(next_number_++, index);
        place.value = std::move(value);
        ++size_;
        return place.id;
    }
    void erase(Id id) { free_.push_back(vacate(id)); }
    /// The place is not used again before the second recycle(): somebody may still look beside it.
    void erase_slowly(Id id) { leaving_.push_back(vacate(id)); }
    void recycle()
    {
        for (; !left_.empty(); left_.pop_back()) {
            free_.push_back(left_.back());
        }
        left_.swap(leaving_);
    }
    [[nodiscard]] Value* find(Id id)
    {
        const auto index = SlotId<Id>::index(id);
        return index < places_.size() && places_[index].id == id && id != Id{} ? &places_[index].value : nullptr;
    }
    [[nodiscard]] const Value* find(Id id) const { return const_cast<SlotTable*>(this)->find(id); }
    [[nodiscard]] Value& at(Id id)
    {
        auto* found = find(id);
        SQUALL_ASSERT(found != nullptr);
        return *found;
    }
    [[nodiscard]] const Value& at(Id id) const { return const_cast<SlotTable*>(this)->at(id); }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }

    /// visit(id, value); it may not add or erase.
    template <typename Visit>
    void each(Visit visit)
    {
        for (auto& place : places_) {
            if (place.id != Id{}) {
                visit(place.id, place.value);
            }
        }
    }

private:
    std::size_t vacate(Id id)
    {
        SQUALL_ASSERT(find(id) != nullptr);
        const auto index = SlotId<Id>::index(id);
        places_[index].id = Id{};
        --size_;
        return index;
    }

    struct Place {
        Id id{};
        Value value{};
    };
    std::vector<Place> places_;
    std::vector<std::size_t> free_;
    std::vector<std::size_t> leaving_;
    std::vector<std::size_t> left_; // at the last recycle()
    std::size_t size_ = 0;
    std::uint64_t next_number_ = 1;
};

/// What somebody else keeps beside a SlotTable, under its ids.
template <typename Id, typename Value>
class SlotShadow {
public:
    void put(Id id, Value value)
    {
        const auto index = SlotId<Id>::index(id);
        if (index >= places_.size()) {
            places_.resize(index + 1);
        }
        places_[index] = {id, std::move(value)};
    }
    [[nodiscard]] bool has(Id id) const
    {
        const auto index = SlotId<Id>::index(id);
        return index < places_.size() && places_[index].first == id && id != Id{};
    }
    /// A Value{} when there is nothing under this id.
    [[nodiscard]] Value find(Id id) const
    {
        const auto* value = peek(id);
        return value == nullptr ? Value{} : *value;
    }
    /// The same in its place, until the next put() or erase(); null when there is nothing.
    [[nodiscard]] const Value* peek(Id id) const { return has(id) ? &places_[SlotId<Id>::index(id)].second : nullptr; }
    /// False when there was nothing.
    bool erase(Id id)
    {
        if (!has(id)) {
            return false;
        }
        places_[SlotId<Id>::index(id)] = {};
        return true;
    }

private:
    std::vector<std::pair<Id, Value>> places_;
};

} // namespace squall::refkit
