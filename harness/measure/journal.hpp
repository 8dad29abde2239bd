// The journal of a run: one record a line, `<crc32, 8 hex digits> <json>\n`, appended and brought to the disk every
// second.
#pragma once

#include "base/quantity.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "measure/phase.hpp"
#include "measure/window.hpp"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace squall::measure {

inline constexpr int journal_version = 1;

/// What is known before the first second; enough to conclude from the journal alone.
struct JournalHeader {
    int version = journal_version;
    std::string name;
    std::string scenario_file;
    std::string profile;
    std::uint64_t seed = 0;
    std::string started; // ISO 8601, UTC
    std::vector<std::string> steps;
    std::vector<bool> open_model; // by step
    std::vector<bool> websocket;  // by step, of those that open one; empty: none is known of
    struct Population {
        std::string name;
        std::string arrival;
        bool open = false;

        bool operator==(const Population&) const = default;
    };
    std::vector<Population> populations;
    std::vector<std::string> checks; // SLO expressions
    struct Service {
        std::string name;
        std::string kind;

        bool operator==(const Service&) const = default;
    };
    std::vector<Service> services;
    std::vector<std::string> notes; // what a report must say of the whole run
    Duration primer{};
    Duration settle{};
    Duration load{}; // of one dose: how long the scenario's traffic lasts
    Duration quiesce{};
    std::vector<int> doses = {1};                // by cycle of load and quiesce
    std::string leak_check = "quick";            // the word of the scenario
    std::optional<Rate> production_rate;         // operations in production
    std::map<std::string, double> declared_caps; // gauge → what the service may hold
    std::vector<std::string> collected;          // services that are asked to collect their garbage in the quiet phases

    bool operator==(const JournalHeader&) const = default;
};

struct GaugePoint {
    double at_seconds = 0; // since the run's start
    double value = 0;      // any, also not a number or infinite

    bool operator==(const GaugePoint&) const = default;
};

struct SecondRecord {
    double begin_seconds = 0; // since the run's start
    double end_seconds = 0;
    Phase phase = Phase::load;
    Window window;
    int users = 0;
    int in_flight = 0;
    std::map<std::string, std::vector<GaugePoint>> gauges;

    bool operator==(const SecondRecord&) const = default;
};

/// Something that happened: "phase", "probe_failed", "service_died", "error", "note"; of a run of several
/// cycles "cycle" and "repeat"; "collected", "gc_failed".
struct Stamp {
    double at_seconds = 0;
    std::string kind;
    std::string text;
    std::string step; // kind "error": the step and its error
    std::string error;

    bool operator==(const Stamp&) const = default;
};

/// What the harness itself still held when all users were gone, against before they came.
struct SelfCheck {
    std::int64_t descriptors_before = 0;
    std::int64_t descriptors_after = 0;
    std::int64_t descriptors_left = 0; // opened since and still open
    std::int64_t processes_left = 0;
    std::vector<std::string> left; // what they are

    bool operator==(const SelfCheck&) const = default;
};

struct EndRecord {
    double at_seconds = 0;
    bool interrupted = false;
    std::string reason;
    std::optional<SelfCheck> self_check = std::nullopt;

    bool operator==(const EndRecord&) const = default;
};

/// Appends. Each write is one system call; errors (a full disk) are given back, what was written of the record is taken
/// away again, and the journal stays valid. Not thread-safe.
class JournalWriter {
public:
    [[nodiscard]] static Result<JournalWriter> create(const std::string& path, const JournalHeader& header);
    ~JournalWriter();
    JournalWriter(JournalWriter&& other) noexcept;
    JournalWriter& operator=(JournalWriter&& other) noexcept;

    [[nodiscard]] Result<void> write(const SecondRecord& record);
    [[nodiscard]] Result<void> write(const Stamp& record);
    [[nodiscard]] Result<void> write(const EndRecord& record);
    /// Waits until all that was written is on the disk.
    [[nodiscard]] Result<void> sync();

private:
    JournalWriter(int file, std::string path) : file_(file), path_(std::move(path)) {}
    Result<void> append(const std::string& json);

    int file_ = -1;
    std::string path_;
    std::int64_t size_ = 0; // of the whole records written so far
};

struct JournalVisitor {
    std::function<void(const JournalHeader&)> on_header;
    std::function<void(const SecondRecord&)> on_second;
    std::function<void(const Stamp&)> on_stamp;
    std::function<void(const EndRecord&)> on_end;
};

struct JournalSummary {
    bool truncated = false; // a torn or damaged tail was cut
    std::uint64_t cut_at_byte = 0;
    std::string reason; // of the cut
    bool ended = false; // an end record was there
};

/// Streams the records in order with bounded memory. From the first line that is torn or damaged on, all is cut. An
/// error is a missing file, one that is no journal, or a version newer than this program.
[[nodiscard]] Result<JournalSummary> read_journal(const std::string& path, const JournalVisitor& visitor);
/// The same from bytes that are at hand; `name` is what errors call them.
[[nodiscard]] Result<JournalSummary> read_journal(std::istream& in, const std::string& name,
                                                  const JournalVisitor& visitor);

} // namespace squall::measure
