// A coroutine behind any completion token, with an error_code where co_spawn has an exception.
#pragma once

#include "wire/task.hpp"

#include <exception>
#include <utility>

namespace squall::refkit {

/// Calls `handler` with an error_code in place of the exception; with its executor, allocator and cancellation slot.
template <typename Handler>
struct WithCode {
    Handler handler;

    template <typename... Results>
    void operator()(const std::exception_ptr& thrown, Results... results)
    {
        error_code error;
        try {
            if (thrown) {
                std::rethrow_exception(thrown);
            }
        } catch (const boost::system::system_error& failed) {
            error = failed.code();
        } catch (...) {
            error = asio::error::operation_aborted;
        }
        std::move(handler)(error, std::move(results)...);
    }
};

/// Completes with Signature, void(error_code) or void(error_code, T).
template <typename Signature, typename T, typename Token>
auto spawn_with_code(const asio::any_io_executor& executor, Task<T> work, Token&& token)
{
    return asio::async_initiate<Token, Signature>(
        [executor](auto handler, Task<T> todo) {
            asio::co_spawn(executor, std::move(todo), WithCode<decltype(handler)>{std::move(handler)});
        },
        token, std::move(work));
}

} // namespace squall::refkit

template <template <typename, typename> class Associator, typename Handler, typename Default>
struct boost::asio::associator<Associator, squall::refkit::WithCode<Handler>, Default> : Associator<Handler, Default> {
    static typename Associator<Handler, Default>::type get(const squall::refkit::WithCode<Handler>& with) noexcept
    {
        return Associator<Handler, Default>::get(with.handler);
    }
    static auto get(const squall::refkit::WithCode<Handler>& with, const Default& fallback) noexcept
        -> decltype(Associator<Handler, Default>::get(with.handler, fallback))
    {
        return Associator<Handler, Default>::get(with.handler, fallback);
    }
};
