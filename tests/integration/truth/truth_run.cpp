#include "integration/truth/truth_run.hpp"

#include "integration/cli/squall_process.hpp"
#include "measure/phase.hpp"
#include "result/result_file.hpp"

#include "catch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace squall::truth {

using namespace std::chrono_literals;
using cli::test::Workplace;

namespace {

constexpr std::uint64_t seed = 7;
constexpr const char* sampled_user = "sampled";
// Above this the tests' stalls of 100 ms are not told from noise.
constexpr Duration most_noise = 50ms;

std::string arrival_of(const Load& load)
{
    if (load.model == Load::Model::closed) {
        return "{ closed = 1 }";
    }
    return fmt::format("{{ rate = \"{}/s\", distribution = \"{}\" }}", load.rate.per_second(),
                       load.model == Load::Model::poisson ? "poisson" : "constant");
}

std::string scenario_of(const Load& load, std::uint16_t port)
{
    return fmt::format(R"(name = "truth"
seed = {seed}
primer = "0s"
quiesce = "0s"
duration = "{length}ms"
[endpoints]
api = "http://127.0.0.1:{port}"
[[user]]
name = "{user}"
arrival = {arrival}
  [[user.step]]
  name = "sample"
  http = "GET ${{api}}/sample"
[[user]]
name = "undelayed"
arrival = {{ rate = "{rate}/s", distribution = "constant" }}
  [[user.step]]
  name = "undelayed"
  http = "GET ${{api}}/undelayed"
)",
                       fmt::arg("seed", seed), fmt::arg("length", load.length / 1ms), fmt::arg("port", port),
                       fmt::arg("user", sampled_user), fmt::arg("arrival", arrival_of(load)),
                       fmt::arg("rate", load.rate.per_second()));
}

result::StepResult step_named(const result::RunResult& run, const std::string& name)
{
    const auto step =
        std::find_if(run.steps.begin(), run.steps.end(), [&](const auto& each) { return each.name == name; });
    REQUIRE(step != run.steps.end());
    return *step;
}

measure::Histogram decoded(const std::string& text)
{
    auto histogram = measure::Histogram::decode(text);
    REQUIRE(histogram.has_value());
    return *histogram;
}

double milliseconds(Duration value)
{
    return to_seconds(value) * 1e3;
}

} // namespace

std::vector<Duration> Load::planned_arrivals() const
{
    const bool poisson = model == Model::poisson;
    arrivals::OpenSchedule schedule({{length, rate, rate}}, length,
                                    poisson ? arrivals::Gaps::poisson : arrivals::Gaps::constant,
                                    Random(seed).stream(fmt::format("arrivals {}", sampled_user),
                                                        static_cast<std::uint64_t>(measure::Phase::load)));
    std::vector<Duration> planned;
    while (const auto at = schedule.next()) {
        planned.push_back(*at);
    }
    return planned;
}

Measured run_against(const Load& load, std::unique_ptr<Schedule> schedule,
                     const std::function<void(pid_t, Instant origin)>& meanwhile)
{
    Workplace place;
    Server server(std::move(schedule));
    place.write("truth.toml", scenario_of(load, server.port()));
    const auto squall = place.start({"run", "truth.toml", "--out", "out"});
    REQUIRE(cli::test::eventually([&] { return server.origin().has_value(); }, 20s));
    if (meanwhile) {
        meanwhile(squall->pid(), *server.origin());
    }
    const auto ended = squall->wait(60s);
    server.stop();
    INFO(ended.out << ended.err);
    REQUIRE_FALSE(ended.out_of_time);
    const auto run = result::read_result(place.path() / "out");
    REQUIRE(run.has_value());
    REQUIRE(run->run.seed == seed);
    const auto sample = step_named(*run, "sample");
    const Measured measured{*run,
                            sample,
                            decoded(step_named(*run, "undelayed").response_histogram),
                            decoded(sample.service_histogram),
                            server.arrivals(),
                            *server.origin()};
    CHECK(measured.undelayed.count() > 0);
    CHECK(run->totals.errors == 0);
    CHECK(run->totals.iterations_dropped == 0);
    CHECK(measured.arrivals.size() == measured.sample.requests);
    return measured;
}

std::string Measured::spoilt() const
{
    return noise() > most_noise ? fmt::format("undelayed answers took up to {}", format_duration(noise())) : "";
}

Duration reported(const result::LatencySummary& summary, Percentile p)
{
    const std::vector<std::pair<double, double>> figures{{50, summary.p50_seconds},    {90, summary.p90_seconds},
                                                         {95, summary.p95_seconds},    {99, summary.p99_seconds},
                                                         {99.9, summary.p999_seconds}, {100, summary.max_seconds}};
    const auto figure =
        std::find_if(figures.begin(), figures.end(), [p](const auto& each) { return each.first == p.percent(); });
    REQUIRE(figure != figures.end());
    return from_seconds(figure->second);
}

Bounds Judge::bounds(Percentile p, const Quantile& truth, Duration sampling_error) const
{
    const auto value = truth(p);
    const auto high = delayed(p, truth);
    return {p, value, value - below_ - bucket_width(value) - sampling_error,
            high + above_ + bucket_width(high) + sampling_error};
}

Duration Judge::delayed(Percentile p, const Quantile& truth) const
{
    auto least = truth(p) + undelayed_.max();
    if (noise_ == Noise::queued) {
        return least;
    }
    // P(X + Y > x + y) ≤ P(X > x) + P(Y > y) whatever their dependence: if all but a share e of the requests are
    // delayed by no more than y, percentile p is at most y above percentile p + e of the truth.
    for (const double share : {0.2, 0.5, 1.0, 2.0}) {
        if (p.percent() + share < 100) {
            least = std::min(least, truth(Percentile::of(p.percent() + share)) +
                                        undelayed_.value_at(Percentile::of(100 - share)));
        }
    }
    return least;
}

Duration bucket_width(Duration value)
{
    const auto microseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(value / 1us, 1));
    const int doublings = std::max(static_cast<int>(std::bit_width(microseconds)) - 11, 0); // 2048 sub-buckets
    return 1us * (std::int64_t{1} << doublings);
}

std::string misses(const result::LatencySummary& summary, const std::vector<Bounds>& bounds)
{
    std::string lines;
    for (const auto& each : bounds) {
        const auto found = reported(summary, each.percentile);
        if (found < each.low || found > each.high) {
            lines += fmt::format("p{} is {:.2f} ms, in truth {:.2f} ms ({:.2f} to {:.2f})\n", each.percentile.percent(),
                                 milliseconds(found), milliseconds(each.truth), milliseconds(each.low),
                                 milliseconds(each.high));
        }
    }
    return lines;
}

std::string late_arrivals(const Load& load, const Measured& measured)
{
    const auto planned = load.planned_arrivals();
    if (planned.size() != measured.arrivals.size()) {
        return fmt::format("{} arrivals were planned, {} came\n", planned.size(), measured.arrivals.size());
    }
    Duration latest{};
    for (std::size_t at = 0; at < planned.size(); ++at) {
        // Against the first: it may have been late itself, and then the others seem early.
        const auto late = measured.arrivals[at] - (planned[at] - planned.front());
        latest = std::max(latest, std::max(late, -late));
    }
    const auto allowed = 2 * measured.noise();
    return latest <= allowed ? ""
                             : fmt::format("an arrival was {:.2f} ms off its time, allowed {:.2f} ms\n",
                                           milliseconds(latest), milliseconds(allowed));
}

void holds(const std::function<Attempt()>& attempt)
{
    for (int number = 1; number <= 3; ++number) {
        const auto [spoilt, missed] = attempt();
        if (spoilt.empty() && missed.empty()) {
            SUCCEED();
            return;
        }
        const auto said =
            fmt::format("attempt {}: {}\n{}", number, spoilt.empty() ? "missed" : "spoilt, " + spoilt, missed);
        WARN(said); // also when the next one holds: how often it is repeated tells how noisy the machine is
    }
    FAIL("no attempt held; the warnings say why");
}

} // namespace squall::truth
