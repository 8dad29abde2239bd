#include "base/text.hpp"

#include "catch.hpp"

using namespace squall;

TEST_CASE("suggestions")
{
    const std::vector<std::string> keys{"duration", "arrival", "think", "data", "steps"};
    SECTION("a misspelling finds its word")
    {
        CHECK(closest_match("duraton", keys) == "duration");
        CHECK(closest_match("arival", keys) == "arrival");
        CHECK(closest_match("thikn", keys) == "think");
    }
    SECTION("another word finds nothing")
    {
        CHECK_FALSE(closest_match("frobnicate", keys));
        CHECK_FALSE(closest_match("x", {"y"}));
    }
}

TEST_CASE("numbers for people")
{
    CHECK(format_significant(0) == "0");
    CHECK(format_significant(12) == "12");
    CHECK(format_significant(1.234) == "1.23");
    CHECK(format_significant(45.67) == "45.7");
    CHECK(format_significant(1234.5) == "1234");
    CHECK(format_thousands(1234567) == "1,234,567");
    CHECK(format_thousands(-1234) == "-1,234");
    CHECK(format_thousands(12) == "12");
}

TEST_CASE("expansion")
{
    const auto lookup = [](std::string_view name) -> std::optional<std::string> {
        return name == "port" ? std::optional<std::string>("8080") : std::nullopt;
    };
    CHECK(expand("http://127.0.0.1:${port}/", lookup).value() == "http://127.0.0.1:8080/");
    CHECK(expand("no variables, a lone $ and }", lookup).value() == "no variables, a lone $ and }");
    CHECK(expand("${prot}", lookup).error().message == "unknown variable ${prot}");
    CHECK(expand("${port", lookup).has_error());
}

TEST_CASE("secrets do not reach a person's eyes")
{
    CHECK(redact("postgresql://squall:hunter2@127.0.0.1:5432/x") == "postgresql://squall:***@127.0.0.1:5432/x");
    CHECK(redact("redis://:hunter2@127.0.0.1:6379") == "redis://:***@127.0.0.1:6379");
    CHECK(redact("host=x password=hunter2 dbname=y") == "host=x password=*** dbname=y");
    CHECK(redact("host=x password='hun ter2' dbname=y") == "host=x password=*** dbname=y");
    CHECK(redact("http://127.0.0.1:80/a@b") == "http://127.0.0.1:80/a@b");
}
