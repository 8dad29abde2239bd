#include "probes/small_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace squall::probes {
namespace {

class Descriptor {
public:
    explicit Descriptor(const char* path) : number_(open(path, O_RDONLY | O_CLOEXEC)) {}
    ~Descriptor()
    {
        if (number_ >= 0) {
            close(number_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

} // namespace

std::optional<std::string> read_small_file(const char* path)
{
    const Descriptor file(path);
    if (file.number() < 0) {
        return std::nullopt;
    }
    std::string text;
    std::size_t room = 4096; // more than almost all of them hold; their size is not known before
    std::size_t used = 0;
    for (;;) {
        text.resize(used + room);
        const auto got = read(file.number(), text.data() + used, room);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return std::nullopt;
        }
        used += static_cast<std::size_t>(got);
        if (got == 0) {
            text.resize(used);
            return text;
        }
        room = std::max<std::size_t>(4096, used);
    }
}

} // namespace squall::probes
