#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace squall {

void assertion_failed(const char* expression, const char* file, int line)
{
    std::fprintf(stderr, "squall: broken invariant: %s (%s:%d); this is a bug in squall, please report it\n",
                 expression, file, line);
    std::abort();
}

} // namespace squall
