// [stack.target.rooms] and cache: what the target keeps, and for how long.
#include "scenario/tables/kit_tables.hpp"

namespace squall::scenario {

using refkit::CacheParams;
using refkit::RegistryParams;

ShapePtr<RegistryParams> rooms_table()
{
    Fields<RegistryParams> fields;
    const auto members = integer<std::size_t>(1, most_of_anything);
    fields.optional("most_in_room", "WebSockets in one room; further ones are refused.", &RegistryParams::most_in_room,
                    members);
    fields.optional("most_in_all", "WebSockets in all rooms.", &RegistryParams::most_in_all, members);
    fields.optional("ping_after", "Who gave no sign of life for so long is pinged.", &RegistryParams::ping_after,
                    positive_duration());
    fields.optional("drop_after", "Who gave none for so long is dropped.", &RegistryParams::drop_after,
                    positive_duration());
    fields.optional("max_age", "Who is there for longer is sent away; each up to a quarter earlier, at random.",
                    &RegistryParams::max_age, or_off(positive_duration()));
    fields.optional("sweep_every", "How often all that is looked at.", &RegistryParams::sweep_every,
                    positive_duration());
    return kit_table("a table such as { most_in_room = 100, max_age = \"1h\" }", std::move(fields));
}

ShapePtr<CacheParams> cache_table()
{
    Fields<CacheParams> fields;
    fields.optional("max_entries", "So many values are kept; the one unused for longest goes.",
                    &CacheParams::max_entries, integer<std::size_t>(1, most_of_anything));
    fields.optional("time_to_live", "How long a value is kept.", &CacheParams::time_to_live, positive_duration());
    fields.optional("jitter", "Values live shorter by up to this share, at random.", &CacheParams::jitter, ratio());
    fields.optional("load_timeout", "How long it may take to load a value.", &CacheParams::load_timeout,
                    positive_duration());
    return kit_table("a table such as { max_entries = 1000, time_to_live = \"1m\" }", std::move(fields));
}

} // namespace squall::scenario
