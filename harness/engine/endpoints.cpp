#include "engine/endpoints.hpp"

namespace squall::engine {

Result<plan::UserMemory> endpoint_values(const plan::Plan& plan, const std::map<std::string, std::string>& from_stack)
{
    plan::UserMemory memory(plan.slot_count);
    for (const auto& endpoint : plan.endpoints) {
        const auto started = from_stack.find(endpoint.name);
        if (endpoint.fixed) {
            memory.assign(endpoint.slot, *endpoint.fixed);
        } else if (started != from_stack.end()) {
            memory.assign(endpoint.slot, started->second);
        } else {
            return fail("${{{}}} has no value: neither the stack nor [endpoints] gives one", endpoint.name);
        }
    }
    return memory;
}

} // namespace squall::engine
