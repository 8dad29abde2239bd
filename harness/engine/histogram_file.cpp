#include "engine/histogram_file.hpp"

#include "engine/run_folder.hpp"
#include "measure/histogram_log.hpp"
#include "measure/journal.hpp"

#include <filesystem>
#include <fstream>

namespace squall::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view note = "Values are in microseconds; -outputValueUnitRatio 1000 shows milliseconds";

/// Turns the journal's seconds into lines.
class LineWriter {
public:
    explicit LineWriter(std::ostream& out) : out_(out) {}

    void begin(const measure::JournalHeader& header)
    {
        steps_ = header.steps;
        out_ << measure::histogram_log_header(header.started, note);
    }

    void second(const measure::SecondRecord& record)
    {
        if (record.phase != measure::Phase::load) {
            return;
        }
        measure::Histogram all;
        for (const auto& step : record.window.steps) {
            all.add(step.response);
        }
        line(record, "", all);
        for (std::size_t at = 0; at < record.window.steps.size() && at < steps_.size(); ++at) {
            const auto& step = record.window.steps[at];
            line(record, steps_[at] + ".response", step.response);
            line(record, steps_[at] + ".service", step.service);
            line(record, steps_[at] + ".lag", step.lag);
        }
    }

private:
    void line(const measure::SecondRecord& record, const std::string& tag, const measure::Histogram& histogram)
    {
        if (histogram.count() > 0) {
            out_ << measure::histogram_log_line(tag, from_seconds(record.begin_seconds),
                                                from_seconds(record.end_seconds - record.begin_seconds), histogram);
        }
    }

    std::ostream& out_;
    std::vector<std::string> steps_;
};

} // namespace

Result<void> write_histogram_file(const std::string& folder)
{
    const auto path = fs::path(folder) / histogram_file_name;
    const auto part = path.string() + ".part";
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    LineWriter writer(out);
    measure::JournalVisitor visitor;
    visitor.on_header = [&writer](const measure::JournalHeader& header) { writer.begin(header); };
    visitor.on_second = [&writer](const measure::SecondRecord& second) { writer.second(second); };
    const auto read = measure::read_journal((fs::path(folder) / journal_name).string(), visitor);
    out.close();
    std::error_code error;
    if (!read) {
        fs::remove(part, error);
        return read.error();
    }
    if (!out) {
        fs::remove(part, error);
        return fail("cannot write {}", path.string());
    }
    fs::rename(part, path, error);
    return error ? fail("cannot write {}: {}", path.string(), error.message()) : Result<void>();
}

} // namespace squall::engine
