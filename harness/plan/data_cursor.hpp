// Which row of a data file an iteration gets.
#pragma once

#include "base/random.hpp"
#include "plan/plan.hpp"
#include "plan/render.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

namespace squall::plan {

/// Hands out the rows of one DataTable to all users of a population. Thread-safe without locks; share one among the
/// engine threads.
class DataCursor {
public:
    explicit DataCursor(std::shared_ptr<const DataTable> table);

    /// The row's index. sequential: in the order of the file, over and over. random: drawn from the user's `random`, so
    /// that a user's rows depend on the seed alone and not on the other threads. unique: every row once, then nothing.
    [[nodiscard]] std::optional<std::size_t> next(Random& random);

    /// Writes the next row into the columns' slots; false when unique rows are used up.
    [[nodiscard]] bool load_next(Random& random, UserMemory& memory);

private:
    std::shared_ptr<const DataTable> table_;
    std::atomic<std::uint64_t> taken_{0};
};

} // namespace squall::plan
