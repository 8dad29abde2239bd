#include "catch.hpp"
#include "target/database.hpp"
#include "target/pool_class.hpp"

#include <boost/json/parse.hpp>

using namespace squall;
using namespace squall::target;

TEST_CASE("a connection string gets a name of ours, also one with a name already")
{
    const auto named = with_application_name("postgresql://u:p@h:5/d?application_name=other", "meal-planner");
    CHECK(named.find("meal-planner") != std::string::npos);
    CHECK(named.find("other") == std::string::npos);
    CHECK(with_application_name("no such thing", "x") == "no such thing");
}

TEST_CASE("what the pool refuses is told with its name and counts")
{
    refkit::AcquireFailure failure{refkit::Errc::acquire_timeout, {}, "password=secret was refused"};
    failure.counts.max = 5;
    failure.counts.acquired = 5;
    const auto response = pool_refusal(failure);
    CHECK(response.status == http::status::service_unavailable);
    const auto body = boost::json::parse(response.body).as_object();
    CHECK(body.at("error") == "acquire_timeout");
    CHECK(body.at("acquired") == 5);
    CHECK(response.body.find("secret") == std::string::npos);
}

TEST_CASE("a server that cannot serve is unavailable, a query that it refuses is an error of ours")
{
    using Kind = wire::PostgresError::Kind;
    CHECK(database_refusal({Kind::broken, "", "gone"}).status == http::status::service_unavailable);
    CHECK(database_refusal({Kind::server, "53300", "too many clients"}).status == http::status::service_unavailable);
    CHECK(database_refusal({Kind::server, "42P01", "no such table"}).status == http::status::internal_server_error);
}

TEST_CASE("messages of several lines become one")
{
    CHECK(one_line("refused\n\tIs the server running?\n") == "refused Is the server running?");
}

TEST_CASE("a pool's use is classed by the thresholds of the field")
{
    CHECK(utilisation_class(0.0) == "normal");
    CHECK(utilisation_class(0.59) == "normal");
    CHECK(utilisation_class(0.60) == "suspect");
    CHECK(utilisation_class(0.80) == "high");
    CHECK(utilisation_class(0.95) == "emergency");
}
