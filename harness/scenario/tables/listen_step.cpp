// Notifications of PostgreSQL that are waited for: listen = "channel".
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

constexpr int most_notifications = 1'000'000;

PostgresListen& listen_of(Step& step)
{
    return *std::get<PostgresStep>(step.action).listen;
}

ShapePtr<Expectation> payload_expectation_shape()
{
    Fields<Expectation> fields;
    fields.optional("body", "Regular expressions that the payload contains.", &Expectation::body,
                    one_or_list_of(regex()));
    return table<Expectation>("a table such as { body = \"^done\" }", fields);
}

bool settle_listen(const Cursor& cursor, Step& step)
{
    if (listen_of(step).notifications > 0) {
        return true;
    }
    bool ok = true;
    for (const auto* key : {"payload", "expect", "save"}) {
        if (cursor.has(key)) {
            cursor.at(key).report_at_key(fmt::format("{} belongs to a step that waits for notifications", key));
            ok = false;
        }
    }
    return ok;
}

/// "jobs" → "LISTEN jobs".
std::string listen_name(std::string_view channel)
{
    return fmt::format("LISTEN {}", channel);
}

} // namespace

StepKind listen_step()
{
    Fields<Step> fields([](Step& step) {
        step.action = PostgresStep{};
        std::get<PostgresStep>(step.action).listen.emplace();
    });
    fields.required(
        "listen", "The channel of PostgreSQL whose notifications are waited for.",
        [](Step& step) -> Template& { return listen_of(step).channel; }, template_text());
    fields.optional(
        "notifications", "So many must come before the timeout; 0 only subscribes.",
        [](Step& step) -> int& { return listen_of(step).notifications; }, integer(0, most_notifications));
    fields.optional(
        "payload", "Only notifications whose payload holds this text count.",
        [](Step & step) -> auto& { return listen_of(step).payload; }, template_text());
    add_postgres_database(fields);
    fields.optional("expect", "What the last payload must be.", &Step::expect, payload_expectation_shape());
    fields.optional("save", "Parts of the last payload that become variables.", &Step::save, saves_shape());
    fields.finally(settle_listen);
    return {"listen", fields, listen_name};
}

} // namespace squall::scenario
