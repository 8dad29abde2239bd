// A scenario file: either a scenario or problems that say something and where, never a crash.
#include "scenario/parse.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto outcome = squall::scenario::parse_text(text, "fuzz.toml", {});
    for (const auto& problem : outcome.problems) {
        if (problem.message.empty() || problem.place.file.empty()) {
            std::abort();
        }
    }
    return 0;
}
