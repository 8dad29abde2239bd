#include "drivers/line_reader.hpp"

namespace squall::drivers {
namespace {

constexpr std::size_t most_idle_bytes = std::size_t{64} * 1024;

} // namespace

std::optional<std::string_view> LineReader::next(std::string_view& bytes)
{
    if (taken_) {
        taken_ = false;
        kept_.clear();
        if (kept_.capacity() > most_idle_bytes) {
            kept_.shrink_to_fit();
        }
    }
    if (too_long_) {
        return std::nullopt;
    }
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    if (part.size() > limit_ - kept_.size()) {
        too_long_ = true;
        kept_ = {};
        return std::nullopt;
    }
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    if (end == std::string_view::npos || !kept_.empty()) {
        kept_.append(part);
    }
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    taken_ = !kept_.empty();
    return taken_ ? std::string_view(kept_) : part;
}

} // namespace squall::drivers
