// Steps over JSON-RPC 2.0: rpc = "tools/call", and stop_server = "mcp".
#include "scenario/bodies.hpp"
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

#include <cmath>

namespace squall::scenario {
namespace {

constexpr double share_tolerance = 1e-6;

RpcStep& rpc_of(Step& step)
{
    return std::get<RpcStep>(step.action);
}

struct Shares {
    double stop = 0;
    double kill = 0;
};

ShapePtr<double> killed_shape()
{
    Fields<Shares> fields;
    fields.optional("stop", "Share whose stdin is closed; SIGTERM follows at half of stop_grace, SIGKILL at its end.",
                    &Shares::stop, share());
    fields.optional("kill", "Share that is killed at once, as when the machine of a client dies.", &Shares::kill,
                    share());
    ShapePtr<Shares> shares = table<Shares>("a table such as { stop = 0.8, kill = 0.2 }", fields);
    return converted<double>(shares, [](const Cursor& cursor, Shares read) -> std::optional<double> {
        if (const double sum = read.stop + read.kill; std::abs(sum - 1) > share_tolerance) {
            cursor.report(fmt::format("the shares of stop and kill add up to {}; expected 1", sum));
            return std::nullopt;
        }
        return read.kill;
    });
}

/// params of JSON-RPC are an object or an array.
ShapePtr<Template> params_shape()
{
    return converted<Template>(json_body(), [](const Cursor& cursor, Template params) -> std::optional<Template> {
        if (cursor.node().as<NodeTable>() == nullptr && cursor.node().as<NodeList>() == nullptr) {
            cursor.report_type("a table or an array, as JSON-RPC 2.0 has it");
            return std::nullopt;
        }
        return params;
    });
}

bool settle_message(const Cursor& cursor, Step& step)
{
    bool ok = true;
    if (rpc_of(step).kind == RpcStep::Kind::notification) {
        for (const auto* key : {"expect", "save"}) {
            if (cursor.has(key)) {
                cursor.at(key).report_at_key(
                    fmt::format("{} does not go with notification = true: nothing answers a notification", key));
                ok = false;
            }
        }
    }
    return ok;
}

ShapePtr<RpcStep::Kind> notification_shape()
{
    return converted<RpcStep::Kind>(boolean(), [](const Cursor&, bool on) {
        return std::optional(on ? RpcStep::Kind::notification : RpcStep::Kind::call);
    });
}

std::string method_name(std::string_view method)
{
    return std::string(method);
}

std::string stop_name(std::string_view server)
{
    return fmt::format("stop {}", server);
}

} // namespace

StepKind rpc_step()
{
    const auto member = [](auto RpcStep::*which) {
        return [which](Step & step) -> auto&
        {
            return rpc_of(step).*which;
        };
    };
    Fields<Step> fields([](Step& step) { step.action = RpcStep{}; });
    fields.required("rpc", "The method that is called, by JSON-RPC 2.0.", member(&RpcStep::method), template_text());
    fields.optional("server",
                    "Whom: the name of a service with stdio = true, or a URL that is posted to; without it the only "
                    "such service.",
                    member(&RpcStep::server), template_text());
    fields.optional("params", "The parameters, a table or an array.", member(&RpcStep::params), params_shape());
    fields.optional("notification", "true: no answer is awaited.", member(&RpcStep::kind), notification_shape());
    fields.optional("headers", "Headers of the POST.", member(&RpcStep::headers), http_headers_shape());
    fields.optional("expect", "What the whole message of the answer must be; an error is one unless it is expected.",
                    &Step::expect, message_expectation_shape());
    fields.optional("save", "Parts of the answer's message that become variables.", &Step::save, saves_shape());
    fields.finally(settle_message);
    return {"rpc", fields, method_name};
}

StepKind stop_server_step()
{
    Fields<Step> fields([](Step& step) {
        step.action = RpcStep{};
        rpc_of(step).kind = RpcStep::Kind::stop;
    });
    fields.required(
        "stop_server", "The service with stdio = true whose process ends, or the URL whose MCP session does.",
        [](Step& step) -> Template& { return rpc_of(step).server; }, template_text());
    fields.optional(
        "leave", "How it ends, in shares; without it in order.",
        [](Step& step) -> double& { return rpc_of(step).killed; }, killed_shape());
    return {"stop_server", fields, stop_name};
}

} // namespace squall::scenario
