// The sections of the console summary, in their order. Each writes nothing when it has nothing to say.
#pragma once

#include "reporters/page.hpp"
#include "result/run_result.hpp"

namespace squall::reporters {

void write_verdict(Page& page, const result::RunResult& result);
void write_generator_health(Page& page, const result::RunResult& result);
void write_latency(Page& page, const result::RunResult& result);
void write_errors(Page& page, const result::RunResult& result);
void write_leaks(Page& page, const result::RunResult& result);
void write_slos(Page& page, const result::RunResult& result);
void write_notes(Page& page, const result::RunResult& result);
void write_run(Page& page, const result::RunResult& result);

} // namespace squall::reporters
