#include "refkit/registry/registry_params.hpp"

namespace squall::refkit {

Result<void> check(const RegistryParams& params)
{
    if (params.most_in_room < 1) {
        return fail("registry: most_in_room must be at least 1");
    }
    if (params.most_in_all < 1) {
        return fail("registry: most_in_all must be at least 1");
    }
    if (params.ping_after <= Duration::zero()) {
        return fail("registry: ping_after must be longer than 0");
    }
    if (params.drop_after <= params.ping_after) {
        return fail("registry: drop_after must be longer than ping_after, or nobody could answer a ping in time");
    }
    if (params.max_age && *params.max_age <= Duration::zero()) {
        return fail("registry: max_age must be longer than 0");
    }
    if (params.sweep_every <= Duration::zero()) {
        return fail("registry: sweep_every must be longer than 0");
    }
    return {};
}

} // namespace squall::refkit
