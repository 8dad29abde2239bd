#include "catch.hpp"
#include "refkit/error.hpp"

#include <set>
#include <string>

using namespace squall::refkit;

TEST_CASE("errors of the kit have stable names and a category")
{
    const boost::system::error_code code = Errc::acquire_timeout;
    CHECK(code == make_error_code(Errc::acquire_timeout));
    CHECK(code.category() == error_category());
    CHECK(to_string(Errc::acquire_timeout) == "acquire_timeout");
    CHECK(code.message() == "no connection became free before the deadline");
    CHECK(code != Errc::pool_draining);
}

TEST_CASE("every error of the kit has a name and a sentence of its own")
{
    std::set<std::string> names;
    std::set<std::string> sentences;
    const auto last = static_cast<int>(Errc::registry_closed);
    for (int value = 1; value <= last; ++value) {
        names.emplace(to_string(static_cast<Errc>(value)));
        sentences.insert(make_error_code(static_cast<Errc>(value)).message());
    }
    CHECK(names.size() == static_cast<std::size_t>(last));
    CHECK(sentences.size() == static_cast<std::size_t>(last));
    CHECK_FALSE(names.contains("unknown"));
}
