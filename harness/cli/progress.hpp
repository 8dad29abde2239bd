// The progress line: rewritten in place on a terminal, a line every few seconds elsewhere.
#pragma once

#include "engine/live_status.hpp"

#include <cstdio>
#include <string>
#include <string_view>

namespace squall::cli {

/// "load  12s/40s  150/s  31 in flight  300 users  p50 4.2ms  p99 18ms  0 errors  46 connections". Pure.
[[nodiscard]] std::string progress_line(const engine::LiveStatus& status);

class Progress {
public:
    explicit Progress(std::FILE* stream);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void show(const engine::LiveStatus& status);
    /// A line of its own that stays.
    void note(std::string_view text);

private:
    void wipe();

    std::FILE* stream_;
    bool in_place_;
    bool line_shown_ = false;
    long long shown_seconds_ = -1;
};

} // namespace squall::cli
