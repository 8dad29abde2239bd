// The top of the file.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

/// [profile.NAME]. Profiles are written over the file before it is read (profiles.hpp), so here they are only
/// described.
class ProfilesShape final : public ShapeOf<Scenario> {
public:
    explicit ProfilesShape(ShapePtr<Scenario> scenario) : scenario_(std::move(scenario)) {}

    [[nodiscard]] std::string expected() const override { return "tables such as [profile.before]"; }
    bool read(const Cursor& /*cursor*/, Scenario& /*into*/) const override { return true; }

    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override
    {
        auto overlay = scenario_->schema(SchemaUse::overlay);
        overlay["properties"].as_object()["extends"] = {
            {"type", "string"}, {"description", "Another profile that is written over the file before this one."}};
        return {{"type", "object"}, {"additionalProperties", std::move(overlay)}};
    }

private:
    ShapePtr<Scenario> scenario_;
};

ShapePtr<std::string> host()
{
    StringRules<std::string> rules;
    rules.expected = "the name of a host such as \"staging.example.com\"";
    rules.schema = {{"pattern", "^[^/]+$"}};
    rules.parse = [](const std::string& text, const Cursor&) -> Result<std::string> {
        if (text.empty() || text.find('/') != std::string::npos) {
            return fail("\"{}\" is not a host; expected a name without scheme and path such as \"staging.example.com\"",
                        text);
        }
        return text;
    };
    return string_shape(std::move(rules));
}

Fields<Scenario> scenario_fields()
{
    Fields<Scenario> fields;
    fields.optional("name", "What the run is called; without it, the name of the file.", &Scenario::name,
                    text_of("a name"));
    fields.optional("duration", "How long the load lasts.", &Scenario::duration, positive_duration());
    fields.optional("primer", "Load before the load, which is not judged: pools and caches grow to their size.",
                    &Scenario::primer, duration());
    fields.optional("warm_up", "How long the load's own traffic goes on before it is judged; comes before duration.",
                    &Scenario::warm_up, duration());
    fields.optional("quiesce", "Rest after the load; what is still held at its end has leaked.", &Scenario::quiesce,
                    duration());
    fields.optional(
        "leak_check",
        "How hard to look for leaks: one cycle of load and quiesce; six with growing doses; six so long that "
        "the strictest leak check can be met.",
        &Scenario::leak_check, leak_check_shape());
    fields.optional("production_rate", "Operations in production, for what a result is worth there.",
                    &Scenario::production_rate, rate());
    fields.optional("declared_caps", "What a service may hold, by gauge: up to there nothing is called a leak.",
                    &Scenario::declared_caps, declared_caps_shape());
    fields.optional("grace", "How long iterations in flight may finish when a phase ends.", &Scenario::grace,
                    duration());
    fields.optional("seed", "All that is random in a run follows from it.", &Scenario::seed,
                    integer<std::uint64_t>(0, INT64_MAX));
    fields.optional("variables", "Names for all users: ${name}.", &Scenario::variables,
                    map_of(template_scalar(), identifier_key()));
    fields.optional("stack", "Services that are started for the run and end with it.", &Scenario::stack, stack_shape());
    fields.optional("endpoints", "Addresses of services that run already: ${name}.", &Scenario::endpoints,
                    map_of(template_text(), identifier_key()));
    fields.optional("allow_hosts", "Hosts besides this machine that may be sent traffic.", &Scenario::allow_hosts,
                    list_of(host()));
    fields.optional("tls", "Verification of certificates.", &Scenario::tls, tls_shape());
    fields.optional("setup", "Steps that one user does once, before all load; what they save is every user's.",
                    &Scenario::setup, steps_shape());
    fields.optional("teardown", "Steps that one user does once, after all load.", &Scenario::teardown, steps_shape());
    fields.optional("user", "Populations of virtual users.", &Scenario::users, users_shape());
    fields.optional("probe", "Gauges besides those that the stack brings.", &Scenario::probes, probes_shape());
    fields.optional("slo", "What the run must meet.", &Scenario::checks, slo_shape());
    fields.finally([](const Cursor& cursor, Scenario& scenario) {
        scenario.seed_given = cursor.has("seed");
        scenario.leak_check_place = cursor.at("leak_check").place();
        const bool no_rate = scenario.production_rate && scenario.production_rate->per_second() <= 0;
        if (no_rate) {
            cursor.at("production_rate").report("is 0; expected how many operations a second there are in production");
        }
        return !no_rate;
    });
    return fields;
}

} // namespace

ShapePtr<Scenario> scenario_without_profiles_shape()
{
    return table<Scenario>("a scenario", scenario_fields());
}

ShapePtr<Scenario> scenario_shape()
{
    auto fields = scenario_fields();
    fields.optional(
        "profile", "Named changes to this file, chosen by --profile.",
        [](Scenario& scenario) -> Scenario& { return scenario; },
        ShapePtr<Scenario>(std::make_shared<ProfilesShape>(scenario_without_profiles_shape())));
    return table<Scenario>("a scenario", fields);
}

} // namespace squall::scenario
