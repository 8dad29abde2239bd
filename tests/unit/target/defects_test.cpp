#include "catch.hpp"
#include "target/defects/registry.hpp"

using namespace squall::target;

TEST_CASE("the defects of the meal planner are known by name, each with a description")
{
    for (const auto* name : {"pool_bypass", "leak_on_auth_failure"}) {
        CHECK(check_defects({name}).has_value());
    }
    for (const auto& defect : defects()) {
        CHECK_FALSE(defect.description.empty());
        CHECK(defect.install != nullptr);
    }
    CHECK(check_defects({}).has_value());
}

TEST_CASE("an unknown defect is refused with the known ones and what was probably meant")
{
    const auto checked = check_defects({"pool_bypass", "leak_on_auth_failur"});
    REQUIRE(checked.has_error());
    CHECK(checked.error().message ==
          "no defect is named \"leak_on_auth_failur\" (did you mean "
          "\"leak_on_auth_failure\"?); known: pool_bypass, leak_on_auth_failure, redis_connection_per_call, "
          "cache_without_bound, registry_never_forgets, queues_without_bound, no_request_timeout, "
          "holds_connection_while_writing, lock_left_behind, connection_per_client");
}
