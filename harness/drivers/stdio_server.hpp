// A server of JSON-RPC that is a child of ours: started, spoken to over its stdin and stdout, stopped. One message a
// line each way, as MCP's stdio transport has it (https://modelcontextprotocol.io, "Transports").
#pragma once

#include "drivers/child_registry.hpp"
#include "drivers/line_reader.hpp"
#include "drivers/rpc_exchange.hpp"
#include "drivers/rpc_message.hpp"
#include "wire/child_process.hpp"
#include "wire/flow.hpp"
#include "wire/thread_events.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace squall::drivers {

class StdioServer;

/// What the servers of one engine thread share; outlives them. Not thread-safe.
struct StdioContext {
    StdioContext(wire::ThreadEvents& thread_events, const Clock& run_clock, ChildRegistry* living);
    ~StdioContext();
    StdioContext(const StdioContext&) = delete;
    StdioContext& operator=(const StdioContext&) = delete;

    /// Waits until every server that was started has ended, at most as long as their graces allow: what is left then is
    /// killed, and waited for no longer than two seconds.
    wire::Flow<> all_ended();
    /// Kills all that run.
    void kill_all();

    wire::ThreadEvents& events;
    const Clock& clock;
    ChildRegistry* registry;       // null: nobody asks
    std::vector<char> read_buffer; // used between two awaits
    std::vector<StdioServer*> running;
    wire::Pause changed; // of all_ended()
};

struct StdioStart {
    wire::ChildRequest child;
    std::size_t service = 0;                  // of the registry
    Duration grace = std::chrono::seconds(3); // from the end of its stdin to SIGKILL; SIGTERM comes at half of it
};

/// One process, from start to end; one operation at a time, on its context's thread. It is read from all the time: what
/// it asks is answered, what it tells is ignored, what is wrong is an error of the operation under way, or the next.
///
/// Errors: `start_failed`; `local_limit` where processes, descriptors or memory of this machine ran out;
/// `server_exited` when it ends, or closes its stdout, that nobody asked to; `rpc_protocol` for what is not JSON-RPC
/// 2.0; `response_too_large` above 16 MiB, which kills it; `rpc_error` for an error reply; `timeout`; `cancelled`.
class StdioServer : public std::enable_shared_from_this<StdioServer>, private wire::TimedAction {
public:
    [[nodiscard]] static std::shared_ptr<StdioServer> make(StdioContext& context);
    explicit StdioServer(StdioContext& context);
    ~StdioServer() override;

    /// Once. Takes as long as the system needs to make a process and execute a program.
    [[nodiscard]] Failure start(const StdioStart& start);
    /// Has been started and has not ended.
    [[nodiscard]] bool is_running() const { return running_; }
    [[nodiscard]] Duration grace() const { return grace_; }

    wire::Flow<> call(const RpcRequest& request, RpcTimes times, RpcExchange& exchange);
    /// Ends it and waits until it is gone; `killed`: at once, by SIGKILL. In order its stdin is closed first. An error
    /// is one that had to be killed all the same (`timeout`), or a code other than 0 (`server_exited`).
    wire::Flow<> stop(bool killed, RpcTimes times, RpcExchange& exchange);

    /// Its owner wants it no more: an operation under way ends as `cancelled`, the process in order and by itself.
    void retire();
    void kill();
    /// Lets go of one that even SIGKILL does not end.
    void abandon();
    void forget_answer() { conversation_.forget_answer(); }

private:
    enum class Stage { serving, input_closed, terminated, killed };

    wire::Flow<> watch_end(std::shared_ptr<StdioServer> self);
    wire::Flow<> watch_output(std::shared_ptr<StdioServer> self);
    wire::Flow<> write_rest(std::shared_ptr<StdioServer> self);
    wire::Flow<> until_heard(Instant deadline);

    enum class Output { more, waits, over };
    Output read_some();
    void take(std::string_view bytes);
    void hear(std::string_view line);
    void send(std::string_view bytes);
    void send_message(const RpcRequest& request, RpcExchange& exchange);
    void give_answer(RpcExchange& exchange) const;
    void begin_end(bool killed);
    void ended(const wire::ChildEnd& end);
    void forget();
    [[nodiscard]] Failure failure_of_call(bool answered, RpcTimes times);
    [[nodiscard]] Failure failure_of_end(bool killed, RpcTimes times);
    /// What was heard and told to nobody yet.
    [[nodiscard]] Failure trouble();
    [[nodiscard]] std::string how_it_ended() const;
    static void begin_operation(RpcTimes times, RpcExchange& exchange);
    void pass(Duration& phase, RpcExchange& exchange) const;
    void on_time() override;

    StdioContext& context_;
    wire::ChildProcess process_;
    wire::Watch end_watch_;
    wire::Watch output_watch_;
    wire::Watch input_watch_;
    wire::Pause heard_; // of the operation under way
    LineReader lines_{rpc_message_limit};
    RpcConversation conversation_;
    std::string unsent_;
    std::string reply_;
    Failure trouble_;
    std::optional<wire::ChildEnd> end_;
    std::optional<Instant> first_byte_; // of the answer
    std::size_t service_ = 0;
    Duration grace_{};
    Stage stage_ = Stage::serving;
    std::uint64_t received_ = 0;
    bool running_ = false;
    bool writing_ = false;
    bool output_over_ = false;
    bool wanted_ = true;   // by its owner
    bool overdue_ = false; // killed for not having ended in time
    pid_t pid_ = -1;
};

} // namespace squall::drivers
