#include "engine/run.hpp"

#include "engine/conclude.hpp"
#include "engine/endpoints.hpp"
#include "engine/histogram_file.hpp"
#include "engine/interruption.hpp"
#include "engine/journal_header.hpp"
#include "engine/phase_runner.hpp"
#include "engine/run_folder.hpp"
#include "engine/run_log.hpp"
#include "engine/run_once.hpp"
#include "engine/self_check.hpp"
#include "engine/stack_probes.hpp"
#include "stack/stack.hpp"

#include <filesystem>

namespace squall::engine {
namespace {

namespace fs = std::filesystem;

/// co_spawn wants a value that can be made from nothing; a running stack cannot.
Task<void> start_into(const plan::Plan& plan, stack::StackOptions how,
                      std::optional<Result<stack::RunningStack>>& started)
{
    started.emplace(co_await stack::start_stack(plan.stack, std::move(how)));
}

Task<Result<stack::RunningStack>> start(const plan::Plan& plan, const RunOptions& options, Interruption& interruption)
{
    stack::StackOptions how;
    how.run_folder = options.folder;
    how.keeper_command = options.keeper_command;
    how.target_program = options.target_program;
    how.scenario_folder = fs::absolute(plan.scenario_file).parent_path().string();
    how.progress = options.on_note;
    const auto executor = co_await asio::this_coro::executor;
    std::optional<Result<stack::RunningStack>> started;
    co_await asio::co_spawn(executor, start_into(plan, std::move(how), started),
                            asio::bind_cancellation_slot(interruption.slot(), asio::use_awaitable));
    co_return std::move(*started);
}

/// The part of a run with load: probes, shards, phases. `stack` may be null.
class LoadedRun {
public:
    LoadedRun(asio::any_io_executor executor, std::shared_ptr<const plan::Plan> plan, const RunOptions& options,
              RunLog& log, const Clock& clock)
        : executor_(std::move(executor)),
          plan_(std::move(plan)),
          options_(options),
          log_(log),
          clock_(clock),
          children_(plan_->stdio_services.size())
    {}

    /// Everything that can fail before the first request.
    Task<Result<void>> prepare(const std::map<std::string, std::string>& variables,
                               const std::vector<stack::ServiceInfo>& services, Interruption& interruption)
    {
        auto endpoints = endpoint_values(*plan_, variables);
        if (!endpoints) {
            co_return endpoints.error();
        }
        memory_ = std::move(*endpoints);
        auto tls = drivers::TlsContext::create({plan_->tls.verify, plan_->tls.ca_file});
        if (!tls) {
            co_return tls.error();
        }
        tls_ = *tls;
        auto probes = make_probes(*plan_, services, memory_, clock_, children_);
        if (!probes) {
            co_return probes.error();
        }
        if (plan_->setup) {
            const auto done = co_await once(*plan_->setup, interruption);
            if (!done) {
                co_return done.error();
            }
        }
        garbage_ = std::make_unique<GarbageRounds>(executor_, garbage_hooks(*plan_, services), log_, clock_);
        start_sampling(std::move(*probes));
        make_shards();
        co_return Result<void>();
    }

    Task<void> run(Interruption& interruption)
    {
        PhaseRunner phases(executor_, *plan_, shards_, *garbage_, log_, clock_, options_.on_status);
        interruption.on_signal([&phases, this](int count) {
            options_.on_note(count == 1 ? "stopping: requests in flight may finish; press Ctrl-C again to stop at once"
                                        : "stopping at once");
            phases.stop(count > 1);
        });
        co_await phases.run();
        interruption.on_signal([](int) {});
        co_await sampler_->stop(clock_.now() + std::chrono::seconds(2));
        sampler_.reset();
        end_shards();
        if (plan_->teardown) {
            const auto done = co_await once(*plan_->teardown, interruption);
            if (!done) {
                log_.stamp(clock_.now(), "teardown_failed", done.error().message);
                options_.on_note(done.error().message);
            }
        }
    }

    /// Against what this process held before the first user.
    [[nodiscard]] measure::SelfCheck check_itself(const Holdings& before) const
    {
        auto check = compare(before, current_holdings());
        if (late_threads_ > 0) {
            check.left.push_back(fmt::format("{} × engine thread that did not end with its users", late_threads_));
        }
        return check;
    }

private:
    Task<Result<void>> once(const plan::Population& population, Interruption& interruption)
    {
        return run_once({executor_, *plan_, *tls_, sequence_, clock_, interruption}, population, memory_);
    }

    void start_sampling(std::vector<probes::SampledProbe> probes)
    {
        sampler_ = std::make_unique<probes::Sampler>(
            executor_, clock_, std::move(probes),
            [this](Instant at, const std::string&, const probes::ProbeReading& reading) {
                for (const auto& gauge : reading.gauges) {
                    log_.gauge(at, gauge.name, gauge.value);
                }
            },
            [this](Instant at, const probes::ProbeChange& change) {
                log_.stamp(at, change.failure ? "probe_failed" : "probe_recovered",
                           change.probe + (change.failure ? ": " + *change.failure : " reads again"));
            });
        sampler_->start();
    }

    void end_shards()
    {
        for (auto& shard : shards_) {
            late_threads_ += shard->end(std::chrono::seconds(1)) ? 0 : 1;
        }
        shards_.clear();
    }

    void make_shards()
    {
        std::vector<plan::DataCursor*> data;
        for (const auto& population : plan_->populations) {
            cursors_.push_back(population.data ? std::make_unique<plan::DataCursor>(population.data) : nullptr);
            data.push_back(cursors_.back().get());
        }
        const auto count = static_cast<std::uint64_t>(options_.threads);
        for (std::uint64_t index = 0; index < count; ++index) {
            shards_.push_back(
                std::make_unique<Shard>(plan_, memory_, data, sequence_, *tls_, Share{index, count}, clock_,
                                        RpcSurroundings{(fs::path(options_.folder) / "logs").string(), &children_}));
        }
    }

    asio::any_io_executor executor_;
    std::shared_ptr<const plan::Plan> plan_;
    const RunOptions& options_;
    RunLog& log_;
    const Clock& clock_;
    drivers::ChildRegistry children_;
    plan::UserMemory memory_{0}; // what every user begins with
    std::optional<drivers::TlsContext> tls_;
    std::atomic<std::uint64_t> sequence_{0};
    std::vector<std::unique_ptr<plan::DataCursor>> cursors_;
    std::unique_ptr<probes::Sampler> sampler_;
    std::unique_ptr<GarbageRounds> garbage_;
    std::vector<std::unique_ptr<Shard>> shards_;
    int late_threads_ = 0;
};

Task<Result<void>> load_the_stack(std::shared_ptr<const plan::Plan> plan, const RunOptions& options,
                                  stack::RunningStack* stack, Interruption& interruption)
{
    const SteadyClock clock;
    const auto executor = co_await asio::this_coro::executor;
    const auto services = stack == nullptr ? std::vector<stack::ServiceInfo>{} : stack->services();
    auto writer = measure::JournalWriter::create((fs::path(options.folder) / journal_name).string(),
                                                 journal_header(*plan, services));
    if (!writer) {
        co_return writer.error();
    }
    RunLog log(std::move(*writer), clock.now(), options.on_note);
    const auto before = current_holdings();
    LoadedRun run(executor, plan, options, log, clock);
    auto variables = stack == nullptr ? std::map<std::string, std::string>{} : stack->variables();
    variables["run_folder"] = options.folder;
    const auto prepared = co_await run.prepare(variables, services, interruption);
    if (!prepared) {
        co_return prepared.error();
    }
    if (stack != nullptr) {
        stack->on_death([&log, &clock, &options](const stack::ServiceDeath& death) {
            const auto text = fmt::format("{} {}", death.name, death.how);
            options.on_note(text);
            log.stamp(clock.now(), "service_died", text);
        });
    }
    co_await run.run(interruption);
    if (stack != nullptr) {
        stack->on_death([](const stack::ServiceDeath&) {});
    }
    log.end(clock.now(), interruption.asked(), interruption.asked() ? "asked to stop by a signal" : "",
            run.check_itself(before));
    co_return Result<void>{};
}

Task<Result<void>> whole_run(std::shared_ptr<const plan::Plan> plan, RunOptions options, Interruption& interruption)
{
    std::optional<stack::RunningStack> stack;
    if (!plan->stack.empty()) {
        auto started = co_await start(*plan, options, interruption);
        if (!started) {
            co_return started.error();
        }
        stack.emplace(std::move(*started));
    }
    Result<void> outcome = co_await load_the_stack(plan, options, stack ? &*stack : nullptr, interruption);
    if (stack) {
        const auto stopped = co_await stack->stop();
        if (!stopped) {
            options.on_note(stopped.error().message);
        }
    }
    co_return outcome;
}

} // namespace

Result<std::optional<result::RunResult>> run_plan(std::shared_ptr<const plan::Plan> plan, RunOptions options)
{
    asio::io_context context{1};
    Interruption interruption(context.get_executor());
    Result<void> outcome;
    std::exception_ptr failure;
    asio::co_spawn(context, whole_run(std::move(plan), options, interruption),
                   [&](std::exception_ptr thrown, Result<void> ended) {
                       failure = thrown;
                       outcome = std::move(ended);
                       interruption.close();
                   });
    context.run();
    if (interruption.asked() && (failure || !outcome)) {
        return std::optional<result::RunResult>();
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
    if (!outcome) {
        return outcome.error();
    }
    const auto histograms = write_histogram_file(options.folder);
    auto result = conclude(options.folder);
    if (!result) {
        return result.error();
    }
    if (!histograms) {
        result->notes.push_back(histograms.error().message);
    }
    return std::optional(std::move(*result));
}

} // namespace squall::engine
