#include "catch.hpp"

#include "reporters/table.hpp"

namespace squall::reporters {
namespace {

using Lines = std::vector<std::string>;
const Painter without_color(false);

} // namespace

TEST_CASE("columns are aligned by the width on the terminal")
{
    Table table({{"step"}, {"p50", Align::right}, {"note"}});
    table.add_row({{"é"}, {"850µs"}, {"slow"}});
    table.add_row({{"日本"}, {"3ms"}});
    CHECK(table.lines(80, without_color) == Lines{"step    p50  note", "é     850µs  slow", "日本    3ms"});
}

TEST_CASE("a column without content is not shown, nor is a title line without titles")
{
    Table table({{""}, {"empty"}, {""}});
    table.add_row({{"a"}, {""}, {"b"}});
    CHECK(table.lines(80, without_color) == Lines{"a  b"});
    CHECK(Table({{"title"}}).empty());
    CHECK(Table({{"title"}}).lines(80, without_color).empty());
}

TEST_CASE("a table too wide for its line")
{
    SECTION("wraps before it cuts, and cuts the middle")
    {
        Table table({{"", Align::left, Fit::cut, 5}, {"", Align::left, Fit::wrap, 6}});
        table.add_row({{"abcdefghij"}, {"one two three"}});
        CHECK(table.lines(25, without_color) == Lines{"abcdefghij  one two three"});
        CHECK(table.lines(20, without_color) == Lines{"abcdefghij  one two", "            three"});
        CHECK(table.lines(13, without_color) == Lines{"ab…ij  one", "       two", "       three"});
    }
    SECTION("then drops columns, the highest rank first, and gives the room to the others")
    {
        Table table({{"name", Align::left, Fit::cut, 4},
                     {"p50"},
                     {"p90", Align::left, Fit::keep, 0, 2},
                     {"max", Align::left, Fit::keep, 0, 1}});
        table.add_row({{"abcdefgh"}, {"111"}, {"222"}, {"333"}});
        CHECK(table.lines(23, without_color) == Lines{"name      p50  p90  max", "abcdefgh  111  222  333"});
        CHECK(table.lines(19, without_color) == Lines{"name  p50  p90  max", "ab…h  111  222  333"});
        CHECK(table.lines(18, without_color) == Lines{"name      p50  max", "abcdefgh  111  333"});
        CHECK(table.lines(10, without_color) == Lines{"name   p50", "ab…gh  111"});
    }
    SECTION("overflows rather than lose what must be kept")
    {
        Table table({{""}, {""}});
        table.add_row({{"abcdef"}, {"ghijkl"}});
        CHECK(table.lines(5, without_color) == Lines{"abcdef  ghijkl"});
    }
}

TEST_CASE("a note spans the table and does not widen its columns")
{
    Table table({{""}, {""}});
    table.add_row({{"a"}, {"b"}});
    table.add_note("follows login (401) each time", 2);
    table.add_row({{"c"}, {"d"}});
    CHECK(table.lines(20, without_color) == Lines{"a  b", "  follows login", "  (401) each time", "c  d"});
}

TEST_CASE("colour changes nothing but the colour")
{
    Table table({{"step"}, {"errors", Align::right}});
    table.add_row({{"login"}, {"3%", Style::bad}});
    table.add_row({{"meals\x1b[2J"}, {"12%"}}); // a foreign text cannot paint
    const auto plain = table.lines(80, without_color);
    CHECK(plain == Lines{"step       errors", "login          3%", "meals?[2J     12%"});
    const auto painted = table.lines(80, Painter(true));
    CHECK(painted[0] == "\x1b[2mstep\x1b[0m       \x1b[2merrors\x1b[0m");
    CHECK(painted[1] == "login          \x1b[1;31m3%\x1b[0m");
    CHECK(painted[2] == plain[2]);
}

} // namespace squall::reporters
