// Expands bound texts with a user's values.
#pragma once

#include "base/random.hpp"
#include "plan/plan.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace squall::plan {

/// The values of one user, by slot; "" where nothing was set yet. Not thread-safe: one a user.
class UserMemory {
public:
    explicit UserMemory(std::size_t slots) : values_(slots) {}

    [[nodiscard]] std::string_view get(Slot slot) const { return values_.at(slot); }
    void set(Slot slot, std::string value) { values_.at(slot) = std::move(value); }
    /// Reuses the memory of the value before.
    void assign(Slot slot, std::string_view value) { values_.at(slot).assign(value); }
    [[nodiscard]] std::size_t size() const { return values_.size(); }

private:
    std::vector<std::string> values_;
};

/// What ${uuid}, ${seq} and ${random.int(a,b)} draw from. `random` is the user's own; `sequence` counts for the whole
/// run and may be shared by threads.
struct GeneratorState {
    Random random;
    std::atomic<std::uint64_t>* sequence = nullptr;
};

/// Appends the text to `out`; allocates nothing when `out` has room. Segments inside a JSON string are escaped as one
/// (RFC 8259 section 7).
void render(const BoundText& text, const UserMemory& memory, GeneratorState& generators, std::string& out);

/// `text` as the inside of a JSON string.
void append_json_escaped(std::string_view text, std::string& out);

} // namespace squall::plan
