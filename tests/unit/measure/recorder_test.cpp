#include "measure/recorder.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;
using squall::Duration;
using squall::Instant;
using squall::measure::ErrorKind;
using squall::measure::Recorder;
using squall::measure::Sample;
using squall::measure::StepWindow;
using squall::measure::Window;

namespace {

Sample sample_of(std::uint32_t step, Duration lag, Duration service)
{
    Sample sample;
    sample.step = step;
    sample.intended = Instant(100s);
    sample.start = sample.intended + lag;
    sample.end = sample.start + service;
    sample.status = 200;
    sample.bytes_sent = 100;
    sample.bytes_received = 1000;
    return sample;
}

} // namespace

TEST_CASE("samples become windows")
{
    Recorder recorder(2);

    SECTION("response time counts from the intended start, service time from the actual one")
    {
        recorder.record(sample_of(1, 30ms, 200ms));
        const auto window = recorder.take();
        REQUIRE(window.steps.size() == 2);
        CHECK(window.steps[0].requests == 0);
        CHECK(window.steps[1].requests == 1);
        CHECK(window.steps[1].response.max() == 230ms);
        CHECK(window.steps[1].service.max() == 200ms);
    }
    SECTION("lag belongs to the second in which the request was sent, not to that in which it was answered")
    {
        recorder.begun(1, 30ms);
        const auto sent = recorder.take();
        recorder.record(sample_of(1, 30ms, 2s));
        const auto answered = recorder.take();
        CHECK(sent.steps[1].lag.max() == 30ms);
        CHECK(sent.steps[1].requests == 0);
        CHECK(answered.steps[1].lag.count() == 0);
        CHECK(answered.steps[1].requests == 1);
    }
    SECTION("errors and statuses are counted by kind, and failed requests stay in the latency")
    {
        auto failed = sample_of(0, 0ms, 2s);
        failed.error = ErrorKind::timeout;
        failed.status = 0;
        recorder.record(failed);
        auto refused = sample_of(0, 0ms, 1ms);
        refused.error = ErrorKind::status;
        refused.status = 503;
        recorder.record(refused);
        recorder.record(refused);
        recorder.record(sample_of(0, 0ms, 1ms));
        const auto window = recorder.take();
        const auto& step = window.steps[0];
        CHECK(step.requests == 4);
        CHECK(step.error_count() == 3);
        CHECK(step.errors == std::map<ErrorKind, std::uint64_t>{{ErrorKind::timeout, 1}, {ErrorKind::status, 2}});
        CHECK(step.statuses == std::map<std::uint16_t, std::uint64_t>{{200, 1}, {503, 2}});
        CHECK(step.response.count() == 4);
        CHECK(step.response.max() == 2s);
    }
    SECTION("a request given up in flight is censored at its age and not forgotten")
    {
        auto censored = sample_of(0, 0ms, 7s);
        censored.censored = true;
        censored.error = ErrorKind::cancelled;
        censored.status = 0;
        recorder.record(censored);
        const auto window = recorder.take();
        CHECK(window.steps[0].requests == 1);
        CHECK(window.steps[0].censored == 1);
        CHECK(window.steps[0].response.max() == 7s);
        CHECK(window.steps[0].errors.at(ErrorKind::cancelled) == 1);
    }
    SECTION("bytes, connections and the parts of the service time add up")
    {
        auto sample = sample_of(0, 0ms, 21ms);
        sample.connected = true;
        sample.phases = {1ms, 2ms, 3ms, 4ms, 5ms, 6ms};
        recorder.record(sample);
        sample.connected = false;
        recorder.record(sample);
        const auto window = recorder.take();
        const auto& step = window.steps[0];
        CHECK(step.connections == 1);
        CHECK(step.bytes_sent == 200);
        CHECK(step.bytes_received == 2000);
        CHECK(step.phase_sums == squall::measure::PhaseTimes{2ms, 4ms, 6ms, 8ms, 10ms, 12ms});
    }
    SECTION("each take holds what came since the one before, and nothing twice")
    {
        auto failed = sample_of(0, 1ms, 1s);
        failed.error = ErrorKind::timeout;
        recorder.begun(0, 1ms);
        recorder.record(failed);
        recorder.iteration_started();
        recorder.iteration_completed();
        recorder.iteration_dropped();
        CHECK(recorder.take().iterations_dropped == 1);

        recorder.record(sample_of(0, 0ms, 1ms));
        recorder.iteration_started();
        const auto second = recorder.take();
        Recorder fresh(2);
        fresh.record(sample_of(0, 0ms, 1ms));
        fresh.iteration_started();
        CHECK(second == fresh.take());

        Window empty;
        empty.steps.resize(2);
        CHECK(recorder.take() == empty);
    }
}

TEST_CASE("windows are merged by addition")
{
    Recorder left(2);
    Recorder right(2);
    Recorder both(2);
    for (int i = 1; i <= 100; ++i) {
        auto sample = sample_of(static_cast<std::uint32_t>(i % 2), i * 10us, i * 1ms);
        sample.error = i % 5 == 0 ? ErrorKind::body : ErrorKind::none;
        sample.status = static_cast<std::uint16_t>(i % 7 == 0 ? 404 : 200);
        sample.censored = i % 11 == 0;
        sample.phases.waiting = i * 1ms;
        auto& part = i % 3 == 0 ? left : right;
        part.begun(sample.step, i * 10us);
        part.record(sample);
        part.iteration_started();
        both.begun(sample.step, i * 10us);
        both.record(sample);
        both.iteration_started();
    }
    const auto a = left.take();
    const auto b = right.take();
    const auto whole = both.take();

    SECTION("two threads' windows make the one that a single thread would have recorded")
    {
        Window sum = a;
        sum.add(b);
        CHECK(sum == whole);
        Window other = b;
        other.add(a);
        CHECK(other == whole);
    }
    SECTION("a window without steps takes the other's, and adds nothing")
    {
        Window sum;
        sum.add(whole);
        CHECK(sum == whole);
        sum.add(Window());
        CHECK(sum == whole);
    }
}
