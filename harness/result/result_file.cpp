#include "result/result_file.hpp"

#include "result/json.hpp"

#include <boost/json/parse.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

namespace squall::result {
namespace {

/// An open file descriptor, closed at the end of its life.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor()
    {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

Error system_failure(std::string_view what, const std::filesystem::path& path, int reason)
{
    return fail("cannot {} {}: {}", what, path.string(), std::strerror(reason));
}

Result<void> write_and_flush(const std::filesystem::path& path, std::string_view content)
{
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.number() < 0) {
        return system_failure("create", path, errno);
    }
    while (!content.empty()) {
        const auto written = ::write(file.number(), content.data(), content.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return system_failure("write", path, errno);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file.number()) != 0) {
        return system_failure("flush", path, errno);
    }
    return {};
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view content)
{
    auto temporary = path;
    temporary += ".part";
    auto done = write_and_flush(temporary, content);
    if (done.has_value() && ::rename(temporary.c_str(), path.c_str()) != 0) {
        done = system_failure("rename the finished result to", path, errno);
    }
    if (done.has_error()) {
        ::unlink(temporary.c_str());
    }
    return done;
}

} // namespace

Result<void> write_result(const std::filesystem::path& path, const RunResult& result)
{
    return replace_file(path, pretty(to_json(result)));
}

Result<void> write_result(const std::filesystem::path& path, const LoadLimit& limit)
{
    return replace_file(path, pretty(to_json(limit)));
}

Result<RunResult> read_result(const std::filesystem::path& path)
{
    std::error_code not_there;
    const auto file = std::filesystem::is_directory(path, not_there) ? path / result_file_name : path;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        return system_failure("open the result", file, errno);
    }
    const std::string content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    boost::system::error_code unreadable;
    const auto json = boost::json::parse(content, unreadable);
    if (unreadable) {
        return fail("{} is not JSON: {}", file.string(), unreadable.message());
    }
    auto result = run_result_from_json(json);
    if (result.has_error()) {
        return fail("{}: {}", file.string(), result.error().message);
    }
    return result;
}

} // namespace squall::result
