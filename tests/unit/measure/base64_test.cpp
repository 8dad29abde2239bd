#include "measure/base64.hpp"

#include "catch.hpp"

#include <string>
#include <utility>
#include <vector>

using squall::measure::from_base64;
using squall::measure::to_base64;

TEST_CASE("base64 after RFC 4648")
{
    SECTION("the vectors of its section 10")
    {
        const std::vector<std::pair<std::string, std::string>> vectors{{"", ""},
                                                                       {"f", "Zg=="},
                                                                       {"fo", "Zm8="},
                                                                       {"foo", "Zm9v"},
                                                                       {"foob", "Zm9vYg=="},
                                                                       {"fooba", "Zm9vYmE="},
                                                                       {"foobar", "Zm9vYmFy"}};
        for (const auto& [plain, text] : vectors) {
            CHECK(to_base64(plain) == text);
            CHECK(from_base64(text) == plain);
        }
    }
    SECTION("every byte survives")
    {
        std::string bytes;
        for (int byte = 0; byte < 256; ++byte) {
            bytes += static_cast<char>(byte);
        }
        CHECK(from_base64(to_base64(bytes)) == bytes);
    }
    SECTION("what is not base64 is refused")
    {
        for (const char* text : {"Zg", "Z===", "Zg=a", "Zm 9v", "Zm9*"}) {
            INFO(text);
            CHECK(!from_base64(text));
        }
    }
}
