#include "engine/http_performer.hpp"

namespace squall::engine {

HttpPerformer::HttpPerformer(const UserParts& user)
    : user_(user),
      client_(user.surroundings.http, user.population.cookies)
{}

// Not a coroutine: it hands over to the one that fits.
wire::Flow<> HttpPerformer::perform(const plan::Step& step, StepTimes times, StepResult& result)
{
    if (const auto& fixed = user_.fixed[step.id]) {
        return perform_fixed(client_, user_.memory, step, *fixed, times, result);
    }
    const auto& shared = user_.surroundings;
    if (std::get<plan::HttpAction>(step.action).pace && !slow_client_) {
        slow_client_ = std::make_unique<drivers::SlowHttpClient>(shared.http, user_.stopping);
    }
    const HttpUser http{client_,      slow_client_.get(), shared.plan,   shared.clock,
                        user_.memory, user_.generators,   shared.scratch};
    return perform_http(http, step, message_of(step), times, result);
}

void HttpPerformer::stop()
{
    if (slow_client_) {
        slow_client_->stop();
    }
}

void HttpPerformer::close()
{
    client_.close();
    if (slow_client_) {
        slow_client_->close();
    }
}

HttpMessage& HttpPerformer::message_of(const plan::Step& step)
{
    if (messages_.size() <= step.id) {
        messages_.resize(step.id + 1);
    }
    auto& message = messages_[step.id];
    if (!message) {
        message = std::make_unique<HttpMessage>();
    }
    return *message;
}

} // namespace squall::engine
