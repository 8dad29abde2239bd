#include "target/gate.hpp"

#include <stdexcept>
#include <utility>

namespace squall::target {
namespace {

refkit::MemoryReader memory_reader(const std::variant<ByteCount, std::string>& memory)
{
    const auto* limit = std::get_if<ByteCount>(&memory);
    return limit != nullptr ? refkit::process_memory(*limit) : refkit::cgroup_memory(std::get<std::string>(memory));
}

} // namespace

Response refusal(const refkit::Rejection& rejection)
{
    boost::json::object body;
    body["error"] = refkit::to_string(rejection.error);
    body["message"] = rejection.code().message();
    if (rejection.retry_after) {
        body["retry_after_seconds"] = to_seconds(*rejection.retry_after);
    }
    const bool by_rate = rejection.error == refkit::Errc::rate_limited;
    auto response = json_response(by_rate ? http::status::too_many_requests : http::status::service_unavailable, body);
    response.retry_after = rejection.retry_after;
    return response;
}

void throw_exception_from_error(const Response& refused, const boost::source_location& /*where*/)
{
    throw std::runtime_error(refused.body);
}

Gate::Gate(const asio::any_io_executor& executor, const scenario::TargetSettings& settings)
{
    if (settings.shedder) {
        shedder_ = std::make_unique<refkit::PressureShedder>(
            settings.shedder->pressure, memory_reader(settings.shedder->memory), std::make_shared<SteadyClock>());
    }
    if (settings.rate_limit) {
        rate_limit_ = std::make_unique<refkit::GcraLimiter>(executor, *settings.rate_limit);
    }
    if (settings.concurrency_limit) {
        concurrency_limit_ = std::make_unique<refkit::ConcurrencyLimiter>(executor, settings.concurrency_limit->limit,
                                                                          settings.concurrency_limit->queue);
    }
}

Task<Gate::Admitted> Gate::admit()
{
    if (shedder_) {
        const auto admitted = shedder_->try_acquire();
        if (!admitted) {
            co_return refusal(admitted.error());
        }
    }
    if (rate_limit_) {
        const auto admitted = co_await rate_limit_->acquire();
        if (!admitted) {
            co_return refusal(admitted.error());
        }
    }
    if (!concurrency_limit_) {
        co_return Pass();
    }
    auto permit = co_await concurrency_limit_->acquire();
    if (!permit) {
        co_return refusal(permit.error());
    }
    co_return Pass(std::move(*permit));
}

void Gate::Pass::finish(http::status status)
{
    if (!permit_) {
        return;
    }
    if (http::to_status_class(status) == http::status_class::server_error) {
        permit_->on_dropped();
    } else {
        permit_->on_success();
    }
}

} // namespace squall::target
