#include "plan/data_cursor.hpp"

#include "catch.hpp"

#include <algorithm>
#include <thread>

namespace squall::plan {
namespace {

std::shared_ptr<DataTable> table_of(std::size_t rows, scenario::DataOrder order)
{
    auto table = std::make_shared<DataTable>();
    table->order = order;
    table->columns = {"name"};
    table->column_slots = {1};
    for (std::size_t row = 0; row < rows; ++row) {
        table->rows.push_back({"row " + std::to_string(row)});
    }
    return table;
}

} // namespace

TEST_CASE("data rows are handed out in the order asked for")
{
    Random random(7);

    SECTION("sequential: over and over")
    {
        DataCursor cursor(table_of(3, scenario::DataOrder::sequential));
        for (const std::size_t expected : {0, 1, 2, 0, 1}) {
            CHECK(cursor.next(random) == expected);
        }
    }
    SECTION("unique: each once, then nothing, for good")
    {
        DataCursor cursor(table_of(2, scenario::DataOrder::unique));
        UserMemory memory(2);
        CHECK(cursor.load_next(random, memory));
        CHECK(memory.get(1) == "row 0");
        CHECK(cursor.load_next(random, memory));
        CHECK(memory.get(1) == "row 1");
        CHECK_FALSE(cursor.load_next(random, memory));
        CHECK_FALSE(cursor.load_next(random, memory));
        CHECK(memory.get(1) == "row 1");
    }
    SECTION("random: the same for the same seed, and all rows in the end")
    {
        DataCursor cursor(table_of(5, scenario::DataOrder::random));
        Random same(7);
        std::vector<int> seen(5);
        for (int draw = 0; draw < 200; ++draw) {
            const auto row = cursor.next(random);
            REQUIRE(row == cursor.next(same));
            ++seen.at(*row);
        }
        CHECK(*std::min_element(seen.begin(), seen.end()) > 10);
    }
}

TEST_CASE("threads that share unique rows get each row once")
{
    constexpr std::size_t rows = 20'000;
    DataCursor cursor(table_of(rows, scenario::DataOrder::unique));
    std::vector<std::vector<std::size_t>> taken(4);
    std::vector<std::thread> threads;
    for (auto& mine : taken) {
        threads.emplace_back([&cursor, &mine] {
            Random random(1);
            while (const auto row = cursor.next(random)) {
                mine.push_back(*row);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    std::vector<std::size_t> all;
    for (const auto& mine : taken) {
        all.insert(all.end(), mine.begin(), mine.end());
    }
    std::sort(all.begin(), all.end());
    CHECK(all.size() == rows);
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

} // namespace squall::plan
