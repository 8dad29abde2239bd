#include "catch.hpp"
#include "refkit/error.hpp"

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
