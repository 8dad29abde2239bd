#include "reporters/console.hpp"

#include "reporters/console_sections.hpp"

#include <algorithm>

namespace squall::reporters {

std::string render_console(const result::RunResult& result, const ConsoleOptions& options)
{
    Page page(static_cast<std::size_t>(std::max(options.width, 0)), options.color);
    write_verdict(page, result);
    write_generator_health(page, result);
    write_latency(page, result);
    write_errors(page, result);
    write_leaks(page, result);
    write_slos(page, result);
    write_notes(page, result);
    write_run(page, result);
    return page.text();
}

} // namespace squall::reporters
