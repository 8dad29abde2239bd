#include "plan/render.hpp"

#include "catch.hpp"

#include <boost/json.hpp>

#include <regex>

namespace squall::plan {
namespace {

using scenario::Generator;

std::string rendered(const BoundText& text, const UserMemory& memory, GeneratorState& generators)
{
    std::string out;
    render(text, memory, generators, out);
    return out;
}

BoundText one_segment(BoundSegment segment)
{
    BoundText text;
    text.segments.push_back(std::move(segment));
    return text;
}

} // namespace

TEST_CASE("texts are rendered with a user's values")
{
    std::atomic<std::uint64_t> sequence{41};
    GeneratorState generators{Random(7), &sequence};
    UserMemory memory(2);

    SECTION("appended to what is there, unset variables as nothing")
    {
        memory.set(0, "ada");
        BoundText text;
        text.segments = {{"hello ", false}, {Slot{0}, false}, {Slot{1}, false}, {"!", false}};
        std::string out = "> ";
        render(text, memory, generators, out);
        CHECK(out == "> hello ada!");
    }
    SECTION("constants as they are")
    {
        BoundText text;
        text.constant = "fixed";
        CHECK(rendered(text, memory, generators) == "fixed");
    }
    SECTION("escaped inside JSON, so that any value parses back to itself")
    {
        std::string all_bytes;
        for (int byte = 0; byte < 128; ++byte) {
            all_bytes.push_back(static_cast<char>(byte));
        }
        all_bytes += "ü€";
        memory.set(0, all_bytes);
        BoundText text;
        text.segments = {{"\"", false}, {Slot{0}, true}, {"\"", false}};
        CHECK(boost::json::parse(rendered(text, memory, generators)).get_string() == all_bytes);
    }
    SECTION("but not outside JSON")
    {
        memory.set(0, "a\"b");
        CHECK(rendered(one_segment({Slot{0}, false}), memory, generators) == "a\"b");
    }
    SECTION("with a sequence that counts for the whole run")
    {
        const auto text = one_segment({Generator{Generator::Kind::sequence, 0, 0}, false});
        GeneratorState other{Random(8), &sequence};
        CHECK(rendered(text, memory, generators) == "41");
        CHECK(rendered(text, memory, other) == "42");
    }
    SECTION("with UUIDs of version 4 that differ")
    {
        const auto text = one_segment({Generator{Generator::Kind::uuid, 0, 0}, false});
        const std::regex version_4("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        const auto first = rendered(text, memory, generators);
        CHECK(std::regex_match(first, version_4));
        CHECK(first != rendered(text, memory, generators));
    }
    SECTION("with random numbers inside their bounds, the same for the same seed")
    {
        const auto text = one_segment({Generator{Generator::Kind::random_int, -1, 1}, false});
        GeneratorState same{Random(7), &sequence};
        bool seen[3] = {};
        for (int draw = 0; draw < 100; ++draw) {
            const auto number = rendered(text, memory, generators);
            REQUIRE(number == rendered(text, memory, same));
            seen[std::stoi(number) + 1] = true;
        }
        CHECK((seen[0] && seen[1] && seen[2]));
    }
    SECTION("without allocating when there is room")
    {
        memory.set(0, std::string(100, 'x'));
        BoundText text;
        text.segments = {{"a", false}, {Slot{0}, true}};
        std::string out;
        out.reserve(200);
        const auto* before = out.data();
        render(text, memory, generators, out);
        CHECK(out.size() == 101);
        CHECK(out.data() == before);
    }
}

} // namespace squall::plan
