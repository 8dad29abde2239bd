#include "plan/arrival_file.hpp"

#include "base/time.hpp"
#include "plan/data_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <optional>

namespace squall::plan {
namespace {

using scenario::Problem;

enum class Kind { seconds, duration, time };

struct Arrival {
    Kind kind;
    Duration at; // since the start, or since 1970
};

std::optional<double> number_in(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// "Z", "+02:00", "-0530" or nothing, which is taken as UTC.
std::optional<Duration> zone_offset(const std::string& zone)
{
    if (zone.empty() || zone == "Z") {
        return Duration::zero();
    }
    int hours = 0;
    int minutes = 0;
    int used = 0;
    const char* form = zone.find(':') == std::string::npos ? "%2d%2d%n" : "%2d:%2d%n";
    if ((zone[0] != '+' && zone[0] != '-') || std::sscanf(zone.c_str() + 1, form, &hours, &minutes, &used) != 2 ||
        static_cast<std::size_t>(used) + 1 != zone.size()) {
        return std::nullopt;
    }
    const Duration offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return zone[0] == '-' ? -offset : offset;
}

std::optional<Duration> time_in(const std::string& text)
{
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), "%Y-%m-%d", &parts);
    rest = rest == nullptr || (*rest != 'T' && *rest != ' ') ? nullptr : ::strptime(rest + 1, "%H:%M:%S", &parts);
    if (rest == nullptr) {
        return std::nullopt;
    }
    std::string fraction;
    if (*rest == '.') {
        const char* digits = rest + 1;
        while (*digits >= '0' && *digits <= '9') {
            ++digits;
        }
        fraction.assign(rest, digits);
        rest = digits;
    }
    const auto zone = zone_offset(rest);
    if (!zone) {
        return std::nullopt;
    }
    const double part = fraction.empty() ? 0 : number_in("0" + fraction).value_or(0);
    return std::chrono::seconds(::timegm(&parts)) + Duration(std::llround(part * 1e9)) - *zone;
}

std::optional<Arrival> arrival_in(const std::string& text)
{
    if (const auto seconds = number_in(text)) {
        constexpr double longest = 1e9; // 30 years
        return *seconds >= 0 && *seconds <= longest
                   ? std::optional(Arrival{Kind::seconds, Duration(std::llround(*seconds * 1e9))})
                   : std::nullopt;
    }
    if (const auto time = time_in(text)) {
        return Arrival{Kind::time, *time};
    }
    const auto duration = parse_duration(text);
    return duration ? std::optional(Arrival{Kind::duration, *duration}) : std::nullopt;
}

Problem problem(const std::string& file, std::size_t row, std::string message)
{
    // Line 1 is the header. A quoted field with a line break would shift this; no time has one.
    return {{file, static_cast<int>(row) + 2, 1, ""}, std::move(message)};
}

} // namespace

std::variant<std::vector<Duration>, Problem> read_arrivals(std::string_view text, const std::string& file)
{
    auto content = read_csv(text, file);
    if (auto* wrong = std::get_if<Problem>(&content)) {
        return std::move(*wrong);
    }
    const auto& csv = std::get<CsvContent>(content);
    const auto column = std::find(csv.columns.begin(), csv.columns.end(), "at");
    if (column == csv.columns.end()) {
        return Problem{{file, 1, 1, ""}, "no column is called \"at\"; expected one with the time of each arrival"};
    }
    const auto index = static_cast<std::size_t>(column - csv.columns.begin());
    std::vector<Duration> offsets;
    std::optional<Kind> kind;
    for (std::size_t row = 0; row < csv.rows.size(); ++row) {
        const auto& field = csv.rows[row][index];
        const auto arrival = arrival_in(field);
        if (!arrival) {
            return problem(file, row,
                           fmt::format("\"{}\" is no time of an arrival; expected seconds (\"0.125\"), a duration "
                                       "(\"125ms\") or a time (\"2026-03-04T05:06:07.125Z\")",
                                       field));
        }
        if (kind.value_or(arrival->kind) != arrival->kind) {
            return problem(file, row, fmt::format("\"{}\" is written in another way than the lines above it", field));
        }
        kind = arrival->kind;
        offsets.push_back(arrival->at);
    }
    std::sort(offsets.begin(), offsets.end());
    if (kind == Kind::time) {
        const auto first = offsets.front();
        std::for_each(offsets.begin(), offsets.end(), [first](Duration& offset) { offset -= first; });
    }
    return offsets;
}

} // namespace squall::plan
