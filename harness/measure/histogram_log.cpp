#include "measure/histogram_log.hpp"

#include <fmt/chrono.h>

#include <chrono>
#include <ctime>
#include <iomanip>
#include <sstream>

namespace squall::measure {
namespace {

std::time_t seconds_since_epoch(std::string_view started)
{
    std::tm parts{};
    std::istringstream in{std::string(started)};
    in >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S");
    return in.fail() ? 0 : timegm(&parts);
}

std::string as_tag(std::string_view name)
{
    std::string tag;
    for (const char letter : name) {
        const bool separates = static_cast<unsigned char>(letter) <= ' ' || letter == ',' || letter == '\x7f';
        tag += separates ? '_' : letter;
    }
    return tag;
}

} // namespace

std::string histogram_log_header(std::string_view started, std::string_view note)
{
    const auto epoch = seconds_since_epoch(started);
    return fmt::format("#[Histogram log format version 1.3]\n"
                       "#[StartTime: {}.000 (seconds since epoch), {:%a %b %d %H:%M:%S} UTC {:%Y}]\n"
                       "#[{}]\n"
                       "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
                       epoch, fmt::gmtime(epoch), fmt::gmtime(epoch), note);
}

std::string histogram_log_line(std::string_view tag, Duration begin, Duration length, const Histogram& histogram)
{
    const auto max = std::chrono::duration<double, std::milli>(histogram.max()).count();
    return fmt::format("{}{}{}{:.3f},{:.3f},{:.3f},{}\n", tag.empty() ? "" : "Tag=", as_tag(tag),
                       tag.empty() ? "" : ",", to_seconds(begin), to_seconds(length), max, histogram.encode());
}

} // namespace squall::measure
