// Messages of JSON-RPC 2.0 (https://www.jsonrpc.org/specification) and one side of a conversation in them. Pure.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace squall::drivers {

/// Whole messages are larger than this nowhere: a longer one is response_too_large.
inline constexpr std::size_t rpc_message_limit = std::size_t{16} * 1024 * 1024;

/// {"jsonrpc":"2.0","id":7,"method":"…","params":…}, without the id for a notification. `params` is JSON, or empty.
void append_message(std::optional<std::uint64_t> id, std::string_view method, std::string_view params,
                    std::string& out);

/// The client's side: who asked for what, and what is heard in between. One call at a time.
class RpcConversation {
public:
    /// Begins a call; its message is appended to `out`.
    void call(std::string_view method, std::string_view params, std::string& out);
    /// The answer, should it still come, is late, and ignored.
    void give_up() { awaited_.reset(); }
    [[nodiscard]] bool awaits() const { return awaited_.has_value(); }

    enum class Heard {
        nothing, // a notification, a request of the server's, a late answer
        answer,  // of the call: answer() and answer_text(), until the next call
        broken   // not JSON, or not JSON-RPC 2.0: problem()
    };
    /// What the server said: one message, or an array of them, a batch. What it asks of us is answered into `reply`,
    /// one line each: "ping" by {}, anything else by "method not found", as a client must that offers nothing.
    Heard hear(std::string_view text, std::string& reply);

    [[nodiscard]] const boost::json::value& answer() const { return answer_; }
    [[nodiscard]] const std::string& answer_text() const { return answer_text_; }
    /// Of the last answer: "error -32601: Method not found"; nothing for a result.
    [[nodiscard]] std::optional<std::string> error_of_answer() const;
    [[nodiscard]] const std::string& problem() const { return problem_; }
    /// Ends the life of the answer.
    void forget_answer();

private:
    Heard hear_one(boost::json::value&& message, std::string_view text, std::string& reply);
    Heard hear_answer(boost::json::value&& message, std::string_view text);
    Heard broken(std::string what, std::string_view text);

    std::uint64_t next_id_ = 1;
    std::optional<std::uint64_t> awaited_;
    boost::json::value answer_;
    std::string answer_text_;
    std::string problem_;
};

} // namespace squall::drivers
