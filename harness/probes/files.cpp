#include "probes/files.hpp"

#include <fmt/format.h>

#include <glob.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace squall::probes {
namespace {

/// The first place that glob could not read. glob's callback has no argument of ours.
thread_local std::optional<std::string> unreadable;

int remember_unreadable(const char* path, int error)
{
    // A folder that is not there yet holds no files.
    if (error != ENOENT && error != ENOTDIR && !unreadable) {
        unreadable = fmt::format("cannot read {}: {}", path, std::strerror(error));
    }
    return 0;
}

class Matches {
public:
    explicit Matches(const std::string& pattern)
    {
        unreadable.reset();
        status_ = glob(pattern.c_str(), GLOB_NOSORT, &remember_unreadable, &found_);
    }
    ~Matches() { globfree(&found_); }
    Matches(const Matches&) = delete;
    Matches& operator=(const Matches&) = delete;

    [[nodiscard]] bool out_of_memory() const { return status_ == GLOB_NOSPACE; }
    [[nodiscard]] std::size_t size() const { return status_ == 0 ? found_.gl_pathc : 0; }
    [[nodiscard]] const char* operator[](std::size_t index) const { return found_.gl_pathv[index]; }

private:
    glob_t found_{};
    int status_ = 0;
};

class FilesProbe final : public Probe {
public:
    FilesProbe(std::string name, std::string pattern) : name_(std::move(name)), pattern_(std::move(pattern)) {}

    const std::string& name() const override { return name_; }

    Task<ProbeReading> read(Instant /*deadline: a local folder does not wait*/) override { co_return look(); }

private:
    [[nodiscard]] ProbeReading look() const
    {
        const Matches matches(pattern_);
        if (matches.out_of_memory()) {
            return failed_reading(fmt::format("out of memory while matching \"{}\"", pattern_));
        }
        double count = 0;
        double bytes = 0;
        for (std::size_t index = 0; index < matches.size(); ++index) {
            struct stat status {};
            if (lstat(matches[index], &status) == 0 && S_ISREG(status.st_mode)) {
                ++count;
                bytes += static_cast<double>(status.st_size);
            }
        }
        ProbeReading reading;
        reading.gauges = {{name_ + ".count", count}, {name_ + ".bytes", bytes}};
        if (unreadable) {
            reading.failure = unreadable;
        }
        return reading;
    }

    std::string name_;
    std::string pattern_;
};

} // namespace

std::unique_ptr<Probe> make_files_probe(std::string name, std::string pattern)
{
    return std::make_unique<FilesProbe>(std::move(name), std::move(pattern));
}

} // namespace squall::probes
