#include "stack/failures.hpp"

#include "stack/stack_plan.hpp"

namespace squall::stack {

namespace {

std::string key_of(const Recipe& recipe)
{
    return recipe.info.kind == "service" ? "stack.service." + recipe.info.name : "stack." + recipe.info.name;
}

} // namespace

Error port_taken(const std::string& service, int port, const std::optional<ProcessStat>& holder)
{
    const std::string by = holder ? fmt::format("process {} ({})", holder->pid, holder->name)
                                  : "another process, which this user may not see";
    return fail("port {} of {} is taken by {}; stop that, choose another port, or leave the port out for a free one",
                port, service, by);
}

Error target_missing(const std::string& program, bool named)
{
    if (named) {
        return fail("stack.target.program: there is no program {}; leave it out for the squall-target beside squall",
                    program);
    }
    return fail(
        "squall-target is not there: {} is no program; build it: cmake --build build/dev --target squall-target",
        program.empty() ? "(no path)" : program);
}

Error ended_early(const Recipe& recipe, const Ended& ended, const std::string& log_end)
{
    // What a shell says with 127, and where to mend it.
    constexpr int command_not_found = 127;
    const auto way_out = ended.signal == 0 && ended.code == command_not_found
                             ? fmt::format("; the command was not found: check {}.command", key_of(recipe))
                             : "";
    return at_place(recipe.place,
                    fail("{} did not start: it {}{}; {}", recipe.title, describe(ended), way_out, log_end));
}

Error never_ready(const Recipe& recipe, const std::string& last_answer, const std::string& log_end)
{
    return at_place(recipe.place,
                    fail("{} was not ready within {} (it runs); asked by {}; last answer: {}; if it only needs longer, "
                         "raise {}.ready_timeout; {}",
                         recipe.title, format_duration(recipe.ready_timeout), describe(recipe.readiness),
                         last_answer.empty() ? "none" : last_answer, key_of(recipe), log_end));
}

} // namespace squall::stack
