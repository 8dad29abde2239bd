// [stack.target]: the reference service. What it passes on of the reference kit's settings is what was written, so that
// both programs read the same.
#include "scenario/tables/kit_tables.hpp"
#include "scenario/tables/service_keys.hpp"
#include "scenario/tables/tables.hpp"

#include "scenario/overrides.hpp"

namespace squall::scenario {
namespace {

constexpr std::int64_t most_clients = 100'000;

const Fields<TargetSettings>& kit_fields()
{
    static const auto fields = [] {
        Fields<TargetSettings> made;
        add_kit_keys(made);
        return made;
    }();
    return fields;
}

std::vector<std::string> settings_of(const NodeTable& target)
{
    NodeTable kit;
    for (const auto& entry : target.entries) {
        if (kit_fields().group().find(entry.key) != nullptr) {
            kit.entries.push_back(entry);
        }
    }
    return as_overrides(kit);
}

} // namespace

ShapePtr<TargetSpec> target_shape()
{
    Fields<TargetSpec> fields;
    fields.optional("defects", "Bugs to switch on, such as \"leak_on_auth_failure\".", &TargetSpec::defects,
                    list_of(identifier()));
    fields.optional("database", "Whom it connects to.", &TargetSpec::database,
                    one_of<std::string>({{"pgbouncer", "pgbouncer"}, {"postgres", "postgres"}}));
    fields.optional("max_connections", "Clients at a time; more wait to be accepted.", &TargetSpec::max_connections,
                    integer(1, most_clients));
    fields.optional("request_timeout", "A request must have come, and its answer been read, in this time.",
                    &TargetSpec::request_timeout, positive_duration());
    fields.optional("program", "Another squall-target than the one beside squall.", &TargetSpec::program,
                    text_of("the path of a program"));
    fields.optional("notes", "The SQLite file behind /mcp, relative to this file; without it one in the run's folder.",
                    &TargetSpec::notes, text_of("the path of a file"));
    fields.optional("gc", "What makes it collect its garbage, in the quiet phases: a request to it, or a signal.",
                    &TargetSpec::gc, collect_hook_shape());
    add_service_keys(fields);
    add_kit_keys(fields);
    fields.finally([](const Cursor& cursor, TargetSpec& spec) {
        spec.settings = settings_of(*cursor.node().as<NodeTable>());
        return true;
    });
    return table<TargetSpec>("a table such as { pool = { max = 100 } }", fields);
}

ShapePtr<TargetSettings> target_settings_shape()
{
    return table<TargetSettings>("a table such as pool = { max = 20 }", kit_fields());
}

} // namespace squall::scenario
