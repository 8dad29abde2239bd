// The tables of a scenario file, each defined in the file of its name.
#pragma once

#include "scenario/scenario.hpp"
#include "scenario/shapes/shape.hpp"
#include "scenario/shapes/table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace squall::scenario {

/// The whole file, and the whole file but [profile].
[[nodiscard]] ShapePtr<Scenario> scenario_shape();
[[nodiscard]] ShapePtr<Scenario> scenario_without_profiles_shape();

[[nodiscard]] ShapePtr<LeakCheck> leak_check_shape();
[[nodiscard]] ShapePtr<std::vector<DeclaredCap>> declared_caps_shape();
[[nodiscard]] ShapePtr<CollectHook> collect_hook_shape();
[[nodiscard]] ShapePtr<StackSpec> stack_shape();
[[nodiscard]] ShapePtr<TargetSpec> target_shape();
[[nodiscard]] ShapePtr<TargetSettings> target_settings_shape();
[[nodiscard]] ShapePtr<CommandSpec> service_shape();
[[nodiscard]] ShapePtr<TlsOptions> tls_shape();
[[nodiscard]] ShapePtr<std::vector<User>> users_shape();
[[nodiscard]] ShapePtr<Arrival> arrival_shape();
[[nodiscard]] ShapePtr<DataSource> data_shape();
[[nodiscard]] ShapePtr<std::vector<Step>> steps_shape();
/// The same inside another step: described by reference, since steps may stand in steps without end.
[[nodiscard]] ShapePtr<std::vector<Step>> nested_steps_shape();
[[nodiscard]] ShapePtr<Condition> condition_shape();
/// Described by reference too.
[[nodiscard]] ShapePtr<Reaction> reaction_shape();
/// What such references point to: name → schema.
[[nodiscard]] boost::json::object nested_steps_definitions();
[[nodiscard]] boost::json::object reaction_definitions();
[[nodiscard]] ShapePtr<Expectation> expectation_shape();
/// Of a reply, which is one JSON value: `reply`, or `json` for what is inside it.
[[nodiscard]] ShapePtr<Expectation> reply_expectation_shape();
/// Of a message, which is one JSON document: `json` for what is inside it.
[[nodiscard]] ShapePtr<Expectation> message_expectation_shape();
/// expect.error, wherever a server may say no.
inline constexpr const char* error_expectation_text =
    "A regular expression: the server must refuse, and its error's text contains it.";
[[nodiscard]] ShapePtr<std::vector<Save>> saves_shape();
[[nodiscard]] ShapePtr<ConnectionUse> connection_use_shape();
[[nodiscard]] ShapePtr<std::vector<Probe>> probes_shape();
[[nodiscard]] ShapePtr<std::vector<MemoryClasses>> memory_classes_shape();
[[nodiscard]] ShapePtr<std::vector<Check>> slo_shape();

/// A kind of step: the keys that go with its action. One file a kind, one line in step.cpp.
struct StepKind {
    std::string_view key; // the first of its keys: it chooses the kind
    Fields<Step> fields;
    /// What a step without a name is called, from the text under `key`: "POST ${api}/login?x=1" → "POST /login".
    std::string (*default_name)(std::string_view text);
};
[[nodiscard]] StepKind http_step();
[[nodiscard]] StepKind websocket_step();
[[nodiscard]] StepKind postgres_step();
[[nodiscard]] StepKind listen_step();
[[nodiscard]] StepKind redis_step();
[[nodiscard]] StepKind subscribe_step();
[[nodiscard]] StepKind rpc_step();
[[nodiscard]] StepKind stop_server_step();
[[nodiscard]] StepKind group_step();
[[nodiscard]] StepKind repeat_step();
[[nodiscard]] StepKind if_step();
[[nodiscard]] StepKind choose_step();
[[nodiscard]] StepKind pause_step();
[[nodiscard]] StepKind end_step();

/// SQL, an array of statements, or a pattern.
[[nodiscard]] ShapePtr<PostgresStep> postgres_statements_shape();
/// The key `database`, and its default, of a step that is a PostgresStep.
void add_postgres_database(Fields<Step>& fields);

/// "POST ${api}/login", and the headers that go with it.
[[nodiscard]] ShapePtr<HttpStep> http_request_shape();
[[nodiscard]] ShapePtr<std::vector<std::pair<std::string, Template>>> http_headers_shape();

} // namespace squall::scenario
