#include "catch.hpp"
#include "target/router.hpp"

#include <algorithm>

using namespace squall::target;

TEST_CASE("every route has a path of its own per verb and a handler")
{
    for (const auto& route : routes()) {
        CHECK(route.handler != nullptr);
        CHECK(std::ranges::count_if(routes(), [&](const Route& other) {
                  return other.path == route.path && other.verb == route.verb;
              }) == 1);
    }
}

TEST_CASE("requests are counted under their route, whatever the query, and strangers under one name")
{
    Request request(http::verb::get, "/meals?day=3", 11);
    CHECK(route_name(request) == "/meals");
    request.target("/meals/../x");
    CHECK(route_name(request) == "unmatched");
    CHECK(path_of("/a?b?c") == "/a");
    CHECK(path_of("/a") == "/a");
}
