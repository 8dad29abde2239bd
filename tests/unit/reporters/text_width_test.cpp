#include "catch.hpp"

#include "reporters/text_width.hpp"

namespace squall::reporters {

TEST_CASE("text is measured by the columns it takes on a terminal")
{
    CHECK(display_width("") == 0);
    CHECK(display_width("login") == 5);
    CHECK(display_width("850µs") == 5);
    CHECK(display_width("▁▂▃…–✓") == 6);
    CHECK(display_width("e\u0301") == 1); // a letter and a combining accent
    CHECK(display_width("日本") == 4);    // two columns each
    CHECK(display_width("🚀") == 2);
    CHECK(display_width("a\xFFz") == 3);    // a byte that is not UTF-8
    CHECK(display_width("a\xE2\x82") == 3); // cut off in the middle of a letter
}

TEST_CASE("a long text loses its middle")
{
    CHECK(cut_middle("login", 5) == "login");
    CHECK(cut_middle("postgres.connections", 9) == "post…ions");
    CHECK(cut_middle("postgres.connections", 8) == "post…ons");
    CHECK(cut_middle("login", 1) == "…");
    CHECK(cut_middle("login", 0).empty());
    CHECK(display_width(cut_middle("日本語日本語", 6)) <= 6);
    CHECK(cut_middle("éééééé", 3) == "é…é");
}

TEST_CASE("text is wrapped at blanks")
{
    using Lines = std::vector<std::string>;
    CHECK(wrap("", 10) == Lines{""});
    CHECK(wrap("no answer within 2s", 10) == Lines{"no answer", "within 2s"});
    CHECK(wrap("no answer within 2s", 9) == Lines{"no answer", "within 2s"});
    CHECK(wrap("a postgres.connections b", 8) == Lines{"a", "postgres", ".connect", "ions b"});
    CHECK(wrap("日本語", 1) == Lines{"日", "本", "語"}); // never stands still, however narrow
}

TEST_CASE("foreign text is safe on a terminal")
{
    CHECK(printable("one\ntwo\tthree\r") == "one two three ");
    CHECK(printable("\x1b[31mred\x1b[0m\x07") == "?[31mred?[0m?");
    CHECK(printable("\xC2\x9B"
                    "31m") == "?31m"); // the one-byte form of ESC [
    CHECK(printable("caf\xC3\xA9 \xFF\xC0\x80") == "café ???");
}

} // namespace squall::reporters
