#include "measure/journal_values.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string>

namespace squall::measure {

namespace json = boost::json;

json::value number_json(double value)
{
    if (std::isfinite(value)) {
        boost::system::error_code bad;
        const auto read = json::parse(json::serialize(json::value(value)), bad);
        if (!bad && read.to_number<double>() == value) {
            return value;
        }
    }
    return json::value(fmt::format("{}", value));
}

double number_from(const json::value& value)
{
    if (!value.is_string()) {
        return value.to_number<double>();
    }
    const auto& text = value.as_string();
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw std::invalid_argument("no number: " + std::string(text));
    }
    return number;
}

json::value histogram_json(const Histogram& histogram)
{
    if (histogram.count() == 0) {
        return nullptr;
    }
    return json::array{histogram.encode(), histogram.min().count(), histogram.max().count(), histogram.sum().count(),
                       histogram.overflow_count()};
}

Histogram histogram_from(const json::value& value)
{
    if (value.is_null()) {
        return {};
    }
    const auto& parts = value.as_array();
    auto decoded = Histogram::decode(std::string_view(parts.at(0).as_string()));
    if (!decoded) {
        throw std::invalid_argument(decoded.error().message);
    }
    decoded->set_exact(Duration(parts.at(1).to_number<Duration::rep>()),
                       Duration(parts.at(2).to_number<Duration::rep>()),
                       Duration(parts.at(3).to_number<Duration::rep>()), parts.at(4).to_number<std::uint64_t>());
    return std::move(*decoded);
}

} // namespace squall::measure
