#include "plan/data_cursor.hpp"

#include "base/assert.hpp"

namespace squall::plan {

DataCursor::DataCursor(std::shared_ptr<const DataTable> table) : table_(std::move(table))
{
    SQUALL_ASSERT(table_ && !table_->rows.empty());
}

std::optional<std::size_t> DataCursor::next(Random& random)
{
    const std::size_t rows = table_->rows.size();
    if (table_->order == scenario::DataOrder::random) {
        return static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(rows) - 1));
    }
    const std::uint64_t taken = taken_.fetch_add(1, std::memory_order_relaxed);
    if (table_->order == scenario::DataOrder::unique && taken >= rows) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(taken % rows);
}

bool DataCursor::load_next(Random& random, UserMemory& memory)
{
    const auto row = next(random);
    if (!row) {
        return false;
    }
    const auto& values = table_->rows[*row];
    for (std::size_t column = 0; column < values.size(); ++column) {
        memory.assign(table_->column_slots[column], values[column]);
    }
    return true;
}

} // namespace squall::plan
