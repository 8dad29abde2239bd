#include "catch.hpp"
#include "scenario/text_template.hpp"

using namespace squall::scenario;

namespace {

Template parsed(std::string_view text)
{
    auto result = parse_template(text, {});
    REQUIRE(result.has_value());
    return *result;
}

std::string wrong(std::string_view text)
{
    const auto result = parse_template(text, {});
    return result ? "nothing" : result.error().message;
}

} // namespace

TEST_CASE("a template is split into text, references and generators")
{
    const auto text = parsed("GET ${api}/rooms/${random.int(1, 20)}?u=${uuid}&n=${seq}${data.full name}");
    REQUIRE(text.segments.size() == 9);
    CHECK(std::get<std::string>(text.segments[0].content) == "GET ");
    CHECK(std::get<Reference>(text.segments[1].content).name == "api");
    const auto& number = std::get<Generator>(text.segments[3].content);
    CHECK(number.kind == Generator::Kind::random_int);
    CHECK(number.low == 1);
    CHECK(number.high == 20);
    CHECK(std::get<Generator>(text.segments[5].content).kind == Generator::Kind::uuid);
    CHECK(std::get<Generator>(text.segments[7].content).kind == Generator::Kind::sequence);
    CHECK(std::get<Reference>(text.segments[8].content).name == "data.full name");
    CHECK_FALSE(text.is_constant());
}

TEST_CASE("text without a reference is constant")
{
    CHECK(parsed("").is_constant());
    CHECK(parsed("").segments.empty());
    CHECK(parsed("a $ b } { c").is_constant());
}

TEST_CASE("two dollar signs before a brace stand for the letters themselves")
{
    const auto text = parsed("a$${b}c");
    REQUIRE(text.segments.size() == 1);
    CHECK(std::get<std::string>(text.segments[0].content) == "a${b}c");
}

TEST_CASE("what is wrong with a template is said")
{
    CHECK(wrong("a ${b") == "opens a \"${\" that is never closed; expected ${name}, or $${ for the letters themselves");
    CHECK(wrong("${}") == "${} is not the name of a variable; expected letters, digits, \"_\", \"-\" and \".\"");
    CHECK(wrong("${a b}") == "${a b} is not the name of a variable; expected letters, digits, \"_\", \"-\" and \".\"");
    CHECK(wrong("${ranom.int(1,2)}") == "unknown generator ${ranom.int(1,2)}; did you mean \"random.int\"?");
    CHECK(wrong("${now()}") == "unknown generator ${now()}; expected one of uuid, seq, random.int(1,100)");
    CHECK(wrong("${random.int}") ==
          "${random.int} has no arguments; expected two integers such as ${random.int(1,100)}");
    CHECK(wrong("${random.int(1)}") ==
          "${random.int(1)} has wrong arguments; expected two integers such as ${random.int(1,100)}");
    CHECK(wrong("${random.int(}") ==
          "${random.int(} has wrong arguments; expected two integers such as ${random.int(1,100)}");
    CHECK(wrong("${random.int(5,1)}") ==
          "${random.int(5,1)} has a lower end above its upper end; expected ${random.int(1,5)}");
}
