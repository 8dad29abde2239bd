#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <regex>

namespace squall {

std::optional<double> take_number(std::string_view& text)
{
    double value = 0;
    if (text.empty() || (text.front() != '.' && (text.front() < '0' || text.front() > '9'))) {
        return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::string_view trim(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    for (;;) {
        const auto at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(at + 1);
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator)
{
    return fmt::format("{}", fmt::join(parts, separator));
}

std::string format_significant(double value)
{
    const double size = std::abs(value);
    if (size == std::round(size) && size < 1000) {
        return fmt::format("{:.0f}", value);
    }
    if (size >= 99.95) {
        return fmt::format("{:.0f}", value);
    }
    if (size >= 9.995) {
        return fmt::format("{:.1f}", value);
    }
    if (size >= 0.0995) {
        return fmt::format("{:.2f}", value);
    }
    return fmt::format("{:.3g}", value);
}

std::string format_thousands(long long value)
{
    std::string digits = std::to_string(value);
    const std::size_t first = value < 0 ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        cost[i][0] = i;
    }
    for (std::size_t j = 0; j <= b.size(); ++j) {
        cost[0][j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = a[i - 1] == b[j - 1] ? 0 : 1;
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + changed});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
            }
        }
    }
    return cost[a.size()][b.size()];
}

} // namespace

std::optional<std::string> closest_match(std::string_view word, const std::vector<std::string>& candidates)
{
    std::optional<std::string> best;
    std::size_t best_distance = 0;
    for (const auto& candidate : candidates) {
        const auto distance = edit_distance(word, candidate);
        const auto longer = std::max(word.size(), candidate.size());
        const auto allowed = std::max<std::size_t>(1, longer / 3);
        if (distance <= allowed && distance < longer && (!best || distance < best_distance)) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

Result<std::string> expand(std::string_view text,
                           const std::function<std::optional<std::string>(std::string_view)>& lookup)
{
    std::string expanded;
    for (;;) {
        const auto start = text.find("${");
        expanded.append(text.substr(0, start));
        if (start == std::string_view::npos) {
            return expanded;
        }
        const auto end = text.find('}', start);
        if (end == std::string_view::npos) {
            return fail("\"{}\" opens a \"${{\" that is never closed; write ${{name}}", text);
        }
        const auto name = text.substr(start + 2, end - start - 2);
        const auto value = lookup(name);
        if (!value) {
            return fail("unknown variable ${{{}}}", name);
        }
        expanded.append(*value);
        text.remove_prefix(end + 1);
    }
}

std::string redact(std::string_view text)
{
    static const std::regex in_url(R"(([a-zA-Z][a-zA-Z0-9+.-]*://[^:/@\s]*):[^@/\s]+@)");
    static const std::regex in_conninfo(R"((password\s*=\s*)('[^']*'|\S+))", std::regex::icase);
    const auto without_urls = std::regex_replace(std::string(text), in_url, "$1:***@");
    return std::regex_replace(without_urls, in_conninfo, "$1***");
}

} // namespace squall
