// rpc steps of one user: the processes that it has started, and its sessions over HTTP.
#pragma once

#include "drivers/rpc_http.hpp"
#include "drivers/stdio_server.hpp"
#include "engine/performer.hpp"
#include "wire/url.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace squall::engine {

/// A service of stdio has one process a user, started by the first step that needs it; one that has ended is an error
/// of the step that finds it so, and the next step starts another. Starting is a sample of its own, and the phase
/// `connecting` of the step.
class RpcPerformer final : public Performer {
public:
    explicit RpcPerformer(const UserParts& user);
    ~RpcPerformer() override { close(); }

    wire::Flow<> perform(const plan::Step& step, StepTimes times, StepResult& result) override;
    void close() override;

private:
    wire::Flow<> perform_stdio(const plan::Step& step, StepTimes times, StepResult& result);
    wire::Flow<> perform_http(const plan::Step& step, StepTimes times, StepResult& result);
    [[nodiscard]] drivers::Failure start(const plan::Step& step, Instant now, drivers::RpcExchange& exchange);
    [[nodiscard]] drivers::RpcRequest render_message(const plan::RpcAction& action);
    /// Why nothing may be sent there; empty: it may.
    std::string render_url(const plan::RpcAction& action);
    [[nodiscard]] std::string render(const plan::BoundText& text);
    void write_down(const plan::Step& step, StepTimes times, drivers::RpcExchange& exchange, StepResult& result);

    const UserParts& user_;
    std::vector<std::shared_ptr<drivers::StdioServer>> servers_; // by service; null: none
    std::unique_ptr<drivers::RpcHttp> http_;
    std::string method_;
    std::string params_;
    std::string url_text_;
    wire::Url url_;
    std::vector<std::string> header_values_;
    std::vector<std::pair<std::string_view, std::string_view>> headers_;
};

} // namespace squall::engine
