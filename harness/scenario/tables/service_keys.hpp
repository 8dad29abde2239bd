// The keys that every managed service has.
#pragma once

#include "scenario/shapes/scalars.hpp"
#include "scenario/shapes/table.hpp"
#include "scenario/stack_spec.hpp"

namespace squall::scenario {

template <typename Service>
void add_service_keys(Fields<Service>& fields)
{
    constexpr int highest_port = 65535;
    fields.optional("port", "A fixed port; without it, a free one.", &Service::port, integer(1, highest_port));
    fields.optional("ready_timeout", "How long it may take to become ready.", &Service::ready_timeout,
                    positive_duration());
}

} // namespace squall::scenario
