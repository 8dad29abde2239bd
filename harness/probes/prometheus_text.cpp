#include "probes/prometheus_text.hpp"

#include "base/text.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace squall::probes {
namespace {

constexpr std::string_view blanks = " \t";

bool is_letter(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

void skip_blanks(std::string_view& text)
{
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
}

/// [a-zA-Z_:][a-zA-Z0-9_:]*, the colon only in metric names; empty when there is none.
std::string_view take_name(std::string_view& text, bool colon)
{
    std::size_t length = 0;
    while (length < text.size() &&
           (is_letter(text[length]) || (colon && text[length] == ':') || (length > 0 && is_digit(text[length])))) {
        ++length;
    }
    const auto name = text.substr(0, length);
    text.remove_prefix(length);
    return name;
}

bool take(std::string_view& text, char letter)
{
    skip_blanks(text);
    if (text.empty() || text.front() != letter) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

/// A quoted value with \\, \" and \n; any other escape stands for itself, backslash included.
std::optional<std::string> take_quoted(std::string_view& text)
{
    if (!take(text, '"')) {
        return std::nullopt;
    }
    std::string value;
    while (!text.empty()) {
        const char letter = text.front();
        text.remove_prefix(1);
        if (letter == '"') {
            return value;
        }
        if (letter != '\\' || text.empty()) {
            value += letter;
            continue;
        }
        const char escaped = text.front();
        text.remove_prefix(1);
        if (escaped != '\\' && escaped != '"' && escaped != 'n') {
            value += '\\';
        }
        value += escaped == 'n' ? '\n' : escaped;
    }
    return std::nullopt;
}

/// What stands between "{" and "}", which are taken too. A comma after the last label is allowed.
std::optional<Labels> take_labels(std::string_view& text)
{
    Labels labels;
    for (;;) {
        if (take(text, '}')) {
            return labels;
        }
        const auto name = take_name(text, false);
        if (name.empty() || !take(text, '=')) {
            return std::nullopt;
        }
        auto value = take_quoted(text);
        if (!value || !labels.emplace(name, std::move(*value)).second) {
            return std::nullopt;
        }
        if (take(text, ',')) {
            skip_blanks(text);
            continue;
        }
        if (!take(text, '}')) {
            return std::nullopt;
        }
        return labels;
    }
}

/// As Go's ParseFloat: signs, exponents, Inf, Infinity and NaN in any case.
std::optional<double> parse_value(std::string_view text)
{
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) {
            return std::nullopt;
        }
    }
    double value = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    if (error == std::errc::result_out_of_range && end == last) {
        return std::strtod(std::string(text).c_str(), nullptr); // beyond a double: infinite, or 0 where too small
    }
    if (error != std::errc{} || end != last) {
        return std::nullopt;
    }
    return value;
}

bool is_timestamp(std::string_view text)
{
    long long milliseconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
    return error == std::errc{} && end == text.data() + text.size();
}

std::string_view take_word(std::string_view& text)
{
    skip_blanks(text);
    const auto length = std::min(text.find_first_of(blanks), text.size());
    const auto word = text.substr(0, length);
    text.remove_prefix(length);
    return word;
}

std::optional<PrometheusSample> parse_line(std::string_view line)
{
    PrometheusSample sample;
    sample.metric = std::string(take_name(line, true));
    if (sample.metric.empty()) {
        return std::nullopt;
    }
    const bool blank_follows = !line.empty() && blanks.find(line.front()) != std::string_view::npos;
    if (take(line, '{')) {
        auto labels = take_labels(line);
        if (!labels) {
            return std::nullopt;
        }
        sample.labels = std::move(*labels);
    } else if (!blank_follows) {
        return std::nullopt;
    }
    const auto value = parse_value(take_word(line));
    if (!value) {
        return std::nullopt;
    }
    sample.value = *value;
    const auto timestamp = take_word(line);
    skip_blanks(line);
    if (!line.empty() || (!timestamp.empty() && !is_timestamp(timestamp))) {
        return std::nullopt;
    }
    return sample;
}

} // namespace

PrometheusText parse_prometheus(std::string_view text)
{
    PrometheusText parsed;
    std::size_t number = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        skip_blanks(line);
        if (line.empty() || line.front() == '#') {
            continue;
        }
        auto sample = parse_line(line);
        if (sample) {
            parsed.samples.push_back(std::move(*sample));
        } else if (!parsed.problem) {
            parsed.problem =
                fmt::format("line {} is not in the Prometheus text format: {}", number, line.substr(0, 80));
        }
    }
    return parsed;
}

bool PrometheusSelector::matches(const PrometheusSample& sample) const
{
    if (!metric.empty() && metric != sample.metric) {
        return false;
    }
    for (const auto& [name, value] : labels) {
        const auto found = sample.labels.find(name);
        // A label that is not there and an empty one are the same (Prometheus, data model).
        const std::string_view theirs = found == sample.labels.end() ? std::string_view() : found->second;
        if (theirs != value) {
            return false;
        }
    }
    return true;
}

Result<PrometheusSelector> parse_selector(std::string_view text)
{
    constexpr std::string_view expected = "write metric, metric{label=\"value\"} or metric by (label)";
    auto rest = trim(text);
    PrometheusSelector selector;
    selector.metric = std::string(take_name(rest, true));
    if (take(rest, '{')) {
        auto labels = take_labels(rest);
        if (!labels) {
            return fail("\"{}\" has labels that cannot be read; {}", text, expected);
        }
        selector.labels = std::move(*labels);
    }
    if (auto words = trim(rest); words.starts_with("by") && (take_name(words, false), take(words, '('))) {
        skip_blanks(words);
        selector.by = std::string(take_name(words, false));
        if (selector.by.empty() || !take(words, ')')) {
            return fail("\"{}\" does not say by which one label; {}", text, expected);
        }
        rest = words;
    }
    if (!trim(rest).empty() || (selector.metric.empty() && selector.labels.empty())) {
        return fail("\"{}\" is not a metric; {}", text, expected);
    }
    return selector;
}

std::optional<double> sum_of(const PrometheusSelector& selector, const std::vector<PrometheusSample>& samples)
{
    std::optional<double> sum;
    for (const auto& sample : samples) {
        if (std::isfinite(sample.value) && selector.matches(sample)) {
            sum = sum.value_or(0) + sample.value;
        }
    }
    return sum && std::isfinite(*sum) ? sum : std::nullopt;
}

} // namespace squall::probes
