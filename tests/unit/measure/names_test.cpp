#include "measure/outcome.hpp"
#include "measure/phase.hpp"

#include "catch.hpp"

#include <set>
#include <string>

using squall::measure::error_kind_count;
using squall::measure::ErrorKind;
using squall::measure::parse_error_kind;
using squall::measure::parse_phase;
using squall::measure::Phase;

TEST_CASE("the words of outcomes and phases")
{
    SECTION("every kind of error has a word of its own that reads back")
    {
        std::set<std::string> words;
        for (std::size_t at = 0; at < error_kind_count; ++at) {
            const auto kind = static_cast<ErrorKind>(at);
            words.insert(std::string(to_string(kind)));
            CHECK(parse_error_kind(to_string(kind)) == kind);
        }
        CHECK(words.size() == error_kind_count);
        CHECK(to_string(ErrorKind::none) == "none");
        CHECK(to_string(ErrorKind::connection_reset) == "connection_reset");
        CHECK(to_string(ErrorKind::internal) == "internal");
    }
    SECTION("every phase too")
    {
        for (const auto phase : {Phase::primer, Phase::settle, Phase::warm_up, Phase::load, Phase::quiesce}) {
            CHECK(parse_phase(to_string(phase)) == phase);
        }
        CHECK(to_string(Phase::quiesce) == "quiesce");
    }
    SECTION("an unknown word is none of them")
    {
        CHECK(!parse_error_kind("Timeout"));
        CHECK(!parse_error_kind(""));
        CHECK(!parse_phase("warmup"));
    }
}
