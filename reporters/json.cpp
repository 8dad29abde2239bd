#include "reporters/json.hpp"

#include "result/json.hpp"

namespace squall::reporters {

std::string render_json(const result::RunResult& result)
{
    return result::pretty(result::to_json(result));
}

std::string render_json(const result::Comparison& comparison)
{
    return result::pretty(result::to_json(comparison));
}

} // namespace squall::reporters
