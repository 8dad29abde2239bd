#include "refkit/pool/pool_dial_need.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;
using squall::refkit::DialNeed;

TEST_CASE("connections are dialed for those whom the open ones would not serve in the meantime", "[refkit][pool]")
{
    DialNeed need;

    SECTION("while nothing is known they double")
    {
        CHECK(need.more(50, 0, 0ms) == 1);
        CHECK(need.more(50, 4, 0ms) == 4);
        CHECK(need.more(3, 4, 0ms) == 3);
    }

    need.dial_took(150ms);
    need.loan_took(2ms);

    SECTION("quick queries wait for each other and not for dials")
    {
        CHECK(need.more(45, 5, 0ms) == 0);
        CHECK(need.more(50, 0, 0ms) == 1); // somebody must
        CHECK(need.more(300, 1, 0ms) == 3);
    }
    SECTION("when nobody was served for as long as a dial takes, all are dialed for")
    {
        CHECK(need.more(45, 5, 149ms) == 0);
        CHECK(need.more(45, 5, 150ms) == 45);
    }
    SECTION("slow queries get a connection each")
    {
        for (int loan = 0; loan < 50; ++loan) {
            need.loan_took(1s);
        }
        CHECK(need.more(45, 5, 0ms) == 45);
    }
    SECTION("nobody waits, nothing is dialed")
    {
        CHECK(need.more(0, 5, 0ms) == 0);
        CHECK(need.more(0, 0, 1s) == 0);
    }
}
