// What the tests of the managed stack share: temporary folders, a driver for coroutines, looks at what is left.
#pragma once

#include "stack/stack.hpp"

#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace squall::stack::test {

/// A folder that goes with the test; any user may enter it.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// Asio hands results over by default construction, which not every result has: this keeps it beside.
template <typename T>
Task<void> keep(Task<T> task, std::optional<T>& outcome)
{
    T value = co_await std::move(task);
    outcome.emplace(std::move(value));
}

/// Runs one coroutine to its end on the context; an exception is rethrown. `signal`, where given, cancels it.
template <typename T>
T run(asio::io_context& context, Task<T> task, asio::cancellation_slot slot = {})
{
    std::exception_ptr problem;
    std::optional<T> outcome;
    asio::co_spawn(context, keep(std::move(task), outcome),
                   asio::bind_cancellation_slot(slot, [&context, &problem](std::exception_ptr thrown) {
                       problem = thrown;
                       context.stop();
                   }));
    context.restart();
    context.run();
    if (problem) {
        std::rethrow_exception(problem);
    }
    return std::move(*outcome);
}

/// Looks every few milliseconds until the condition holds; false when it does not within the time.
bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds within);

StackOptions options_in(const TemporaryFolder& folder);

/// PostgreSQL, PgBouncer and Redis.
scenario::StackSpec three_servers();
scenario::CommandSpec service(std::string name, std::string command);

/// Programs of living processes whose command line mentions the text.
std::vector<std::string> processes_mentioning(const std::string& text);
bool is_alive(pid_t pid);
/// Whether something accepts on 127.0.0.1:port.
bool accepts(int port);
/// Everything of the stack is gone: processes, data folder, listeners; the sentence says what is not.
std::string what_is_left(const std::string& run_folder, const std::vector<ServiceInfo>& services);

std::string text_of_file(const std::string& path);

} // namespace squall::stack::test
