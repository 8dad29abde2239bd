#include "engine/generator_verdict.hpp"

#include "base/quantity.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace squall::engine {
namespace {

constexpr double tolerated_share = 0.01;
constexpr double longest_hiccup = 0.5; // seconds, of a machine that others keep busy, over the whole load
constexpr double fewest_lost = 10;     // one hiccup of a short run is none
constexpr Duration least_late_limit = std::chrono::milliseconds(10);

std::string count(double number)
{
    return format_thousands(std::llround(number));
}

std::string share(double part)
{
    return format_significant(part * 100) + "%";
}

/// Arrivals that the generator lost, by what it lacked.
struct Losses {
    double late = 0;
    bool late_by_machine = false; // it had CPU to spare
    double without_cpu = 0;
    double descriptors = 0;
    double ports = 0;

    [[nodiscard]] double cpu() const { return late + without_cpu; }
    [[nodiscard]] double all() const { return cpu() + descriptors + ports; }
};

Losses losses_of(const GeneratorFacts& facts)
{
    const bool busy = facts.wanted_when_late >= no_cpu_left;
    const double sent = static_cast<double>(facts.planned - std::min(facts.planned, facts.dropped));
    Losses losses;
    losses.descriptors = static_cast<double>(facts.out_of_descriptors);
    losses.ports = static_cast<double>(facts.out_of_ports);
    if (facts.open) {
        losses.late = sent * (busy ? facts.late_share : facts.very_late_share);
        losses.late_by_machine = facts.wanted_when_late < half_its_time && losses.late > losses.without_cpu;
        const double a_hiccup = facts.load_seconds > 0 ? longest_hiccup * sent / facts.load_seconds : 0;
        losses.late = !busy && losses.late <= a_hiccup ? 0 : losses.late;
        losses.without_cpu = static_cast<double>(facts.dropped_without_cpu);
    }
    return losses;
}

HeldBack largest(const Losses& losses)
{
    if (losses.cpu() >= losses.descriptors && losses.cpu() >= losses.ports) {
        return losses.late_by_machine ? HeldBack::machine : HeldBack::cpu;
    }
    return losses.descriptors >= losses.ports ? HeldBack::descriptors : HeldBack::ports;
}

std::string cpu_reason(const GeneratorFacts& facts)
{
    const auto thread = facts.threads == 1 ? std::string("its engine thread")
                                           : fmt::format("the busiest of its {} engine threads", facts.threads);
    auto text = fmt::format("CPU held it back: {} ran {} of the time", thread, share(facts.ran_in_trouble));
    const bool crowded = facts.waited_in_trouble >= 0.1;
    if (crowded) {
        text += fmt::format(" and waited for a core that others had {}", share(facts.waited_in_trouble));
    }
    return text + (crowded ? "; give it a machine or cores of its own, or a lower rate"
                           : "; give it more --threads and cores, or a lower rate");
}

std::string reason_of(HeldBack held_back, const GeneratorFacts& facts, const Losses& losses)
{
    switch (held_back) {
    case HeldBack::descriptors:
        return fmt::format("file descriptors held it back: {} requests got none; raise ulimit -n",
                           count(losses.descriptors));
    case HeldBack::machine:
        return fmt::format(
            "the machine held it back: {} of the sends were more than {} late although its engine threads had "
            "CPU to spare; give it a machine of its own",
            share(facts.very_late_share), format_duration(longest_late_limit));
    case HeldBack::ports:
        return fmt::format("local ports held it back: {} requests got none; keep connections (connection = "
                           "\"per_user\"), or widen net.ipv4.ip_local_port_range",
                           count(losses.ports));
    default:
        return cpu_reason(facts);
    }
}

std::string schedule_of(const GeneratorFacts& facts, const Losses& losses, const GeneratorVerdict& verdict)
{
    const auto text =
        fmt::format("it started {} of {} on time", format_rate(Rate::per_second(*verdict.reached_per_second)),
                    format_rate(Rate::per_second(*verdict.planned_per_second)));
    const double sent = static_cast<double>(facts.planned - std::min(facts.planned, facts.dropped));
    const double rate = facts.sending_seconds > 0 ? sent / facts.sending_seconds : 0;
    return losses.late > 0 && rate > *verdict.reached_per_second
               ? fmt::format("{} ({} with the late ones)", text, format_rate(Rate::per_second(rate)))
               : text;
}

void add_notes(const GeneratorFacts& facts, const Losses& losses, GeneratorVerdict& verdict)
{
    const auto for_others = facts.dropped - std::min(facts.dropped, facts.dropped_without_cpu);
    if (facts.open && for_others > 0) {
        verdict.notes.push_back(fmt::format(
            "max_in_flight was reached while the generator had CPU to spare: the service held them all, and {} "
            "arrivals "
            "({}) were dropped; percentiles count these as slower than all others",
            count(static_cast<double>(for_others)),
            share(static_cast<double>(for_others) / static_cast<double>(std::max<std::uint64_t>(facts.planned, 1)))));
    }
    if (!verdict.invalid && losses.descriptors + losses.ports > 0) {
        verdict.notes.push_back(fmt::format("{} requests failed for want of descriptors or ports of the generator's; "
                                            "they count as errors",
                                            count(losses.descriptors + losses.ports)));
    }
    if (!facts.open && facts.ran_mean + facts.waited_mean >= no_cpu_left) {
        verdict.notes.push_back(
            fmt::format("an engine thread had no CPU left (it ran {} of the time): the rate and the "
                        "times of these closed users show the generator's limits too; try more "
                        "--threads",
                        share(facts.ran_mean)));
    }
    if (facts.open && !verdict.invalid && facts.late_share > tolerated_share) {
        verdict.notes.push_back(
            fmt::format("{} of the sends were late: the machine was busy with other things; response "
                        "times include the wait",
                        share(facts.late_share)));
    }
}

} // namespace

Duration late_limit(Duration service_p99)
{
    return std::clamp<Duration>(service_p99 / 10, least_late_limit, longest_late_limit);
}

std::string to_string(HeldBack held_back)
{
    switch (held_back) {
    case HeldBack::cpu:
        return "cpu";
    case HeldBack::machine:
        return "machine";
    case HeldBack::descriptors:
        return "descriptors";
    case HeldBack::ports:
        return "ports";
    case HeldBack::target:
        return "target";
    case HeldBack::nothing:
        break;
    }
    return "nothing";
}

GeneratorVerdict judge_generator(const GeneratorFacts& facts)
{
    GeneratorVerdict verdict;
    const auto losses = losses_of(facts);
    const double planned = static_cast<double>(facts.open ? facts.planned : facts.requests);
    verdict.invalid = losses.all() >= fewest_lost && losses.all() > tolerated_share * planned;
    if (verdict.invalid) {
        verdict.held_back = largest(losses);
    } else if (facts.dropped > 0) {
        verdict.held_back = HeldBack::target;
    }
    if (facts.open && facts.load_seconds > 0) {
        const double on_time = std::max(0.0, planned - losses.late - static_cast<double>(facts.dropped) -
                                                 losses.descriptors - losses.ports);
        verdict.planned_per_second = planned / facts.load_seconds;
        verdict.reached_per_second = on_time / facts.load_seconds;
    }
    if (verdict.invalid) {
        const auto reached = verdict.planned_per_second ? schedule_of(facts, losses, verdict)
                                                        : fmt::format("{} of {} requests were lost to it",
                                                                      count(losses.all()), count(planned));
        verdict.reason = fmt::format("the generator could not keep its schedule: {}; {}", reached,
                                     reason_of(verdict.held_back, facts, losses));
    }
    add_notes(facts, losses, verdict);
    return verdict;
}

} // namespace squall::engine
