#include "probes/sampler.hpp"

#include "base/assert.hpp"

#include <exception>
#include <utility>

namespace squall::probes {

// One probe's loop and what is needed to end it.
struct ProbeLoop {
    ProbeLoop(SampledProbe sampled, const asio::any_io_executor& executor)
        : probe(std::move(sampled.probe)),
          every(sampled.every),
          pause(executor)
    {}

    std::unique_ptr<Probe> probe;
    Duration every;
    asio::steady_timer pause;
    asio::cancellation_signal cancel;
    bool failing = false;
};

// Shared with the loops, so that an abandoned one never touches what is gone.
struct Sampler::State {
    State(asio::any_io_executor on, const Clock& time)
        : executor(std::move(on)),
          clock(time),
          all_ended(executor, Instant::max())
    {}

    asio::any_io_executor executor;
    const Clock& clock;
    std::vector<std::unique_ptr<ProbeLoop>> loops;
    OnReading on_reading;
    OnChange on_change;
    Duration read_timeout{};
    asio::steady_timer all_ended; // cancelled when the last loop ends
    std::size_t running = 0;
    bool started = false;
    bool stopping = false;

    void wake()
    {
        stopping = true;
        for (const auto& loop : loops) {
            loop->pause.cancel();
        }
    }

    void cancel_reads()
    {
        for (const auto& loop : loops) {
            loop->cancel.emit(asio::cancellation_type::terminal);
        }
    }

    void deliver(ProbeLoop& loop, const ProbeReading& reading)
    {
        const Instant now = clock.now();
        if (on_reading) {
            on_reading(now, loop.probe->name(), reading);
        }
        const bool fails = reading.failure.has_value();
        if (fails != loop.failing && on_change) {
            on_change(now, ProbeChange{loop.probe->name(), reading.failure});
        }
        loop.failing = fails;
    }

    void ended()
    {
        --running;
        if (running == 0) {
            all_ended.cancel();
        }
    }
};

namespace {

/// A probe's exceptions are failures of that probe alone.
Task<ProbeReading> read_guarded(Probe& probe, Instant deadline)
{
    std::string thrown;
    try {
        co_return co_await probe.read(deadline);
    } catch (const std::exception& error) {
        thrown = error.what();
    }
    co_return failed_reading(thrown);
}

/// The next tick after `now`, on the grid that began at `last`.
Instant next_tick(Instant last, Duration every, Instant now)
{
    const auto missed = now > last ? (now - last) / every : 0;
    return last + every * (missed + 1);
}

template <typename State>
Task<void> run_loop(std::shared_ptr<State> state, ProbeLoop& loop)
{
    Instant tick = state->clock.now();
    while (!state->stopping) {
        const ProbeReading reading = co_await read_guarded(*loop.probe, state->clock.now() + state->read_timeout);
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (cancelled.cancelled() != asio::cancellation_type::none) {
            co_return; // the failure would be ours, not the source's
        }
        state->deliver(loop, reading);
        if (state->stopping) {
            co_return;
        }
        tick = next_tick(tick, loop.every, state->clock.now());
        loop.pause.expires_at(tick);
        co_await loop.pause.async_wait(use_result);
    }
}

} // namespace

Sampler::Sampler(asio::any_io_executor executor, const Clock& clock, std::vector<SampledProbe> probes,
                 OnReading on_reading, OnChange on_change, Duration read_timeout)
    : state_(std::make_shared<State>(std::move(executor), clock))
{
    state_->on_reading = std::move(on_reading);
    state_->on_change = std::move(on_change);
    state_->read_timeout = read_timeout;
    for (auto& sampled : probes) {
        SQUALL_ASSERT(sampled.probe != nullptr && sampled.every > Duration::zero());
        state_->loops.push_back(std::make_unique<ProbeLoop>(std::move(sampled), state_->executor));
    }
}

Sampler::~Sampler()
{
    state_->on_reading = nullptr;
    state_->on_change = nullptr;
    state_->wake();
    state_->cancel_reads();
}

void Sampler::start()
{
    SQUALL_ASSERT(!state_->started);
    state_->started = true;
    state_->running = state_->loops.size();
    for (const auto& loop : state_->loops) {
        asio::co_spawn(state_->executor, run_loop(state_, *loop),
                       asio::bind_cancellation_slot(loop->cancel.slot(), [state = state_](std::exception_ptr thrown) {
                           state->ended();
                           if (thrown && !state->stopping) {
                               std::rethrow_exception(thrown); // a callback's: the owner's error
                           }
                       }));
    }
}

Task<void> Sampler::stop(Instant deadline)
{
    const auto state = state_;
    state->wake();
    if (state->running > 0) {
        state->all_ended.expires_at(deadline);
        co_await state->all_ended.async_wait(use_result);
    }
    if (state->running > 0) {
        state->cancel_reads();
        state->all_ended.expires_at(Instant::max());
        co_await state->all_ended.async_wait(use_result);
    }
}

} // namespace squall::probes
