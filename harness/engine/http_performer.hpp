// HTTP steps of one user: its client, and its rendered requests where they vary.
#pragma once

#include "engine/performer.hpp"

#include <memory>
#include <vector>

namespace squall::engine {

class HttpPerformer final : public Performer {
public:
    explicit HttpPerformer(const UserParts& user);

    wire::Flow<> perform(const plan::Step& step, StepTimes times, StepResult& result) override;
    void stop() override;
    void close() override;

private:
    HttpMessage& message_of(const plan::Step& step);

    const UserParts& user_;
    drivers::HttpClient client_;
    std::unique_ptr<drivers::SlowHttpClient> slow_client_; // of slow and half-open steps; null without
    std::vector<std::unique_ptr<HttpMessage>> messages_;   // by step id, of the steps whose requests vary
};

} // namespace squall::engine
