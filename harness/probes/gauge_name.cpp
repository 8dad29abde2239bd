#include "probes/gauge_name.hpp"

#include <fmt/format.h>

#include <utility>

namespace squall::probes {
namespace {

std::string clean(std::string_view value)
{
    if (value.empty()) {
        return "none";
    }
    std::string result(value);
    for (char& letter : result) {
        const bool control = static_cast<unsigned char>(letter) <= ' ' || letter == '\x7f';
        if (control || std::string_view("\"',{}[]").find(letter) != std::string_view::npos) {
            letter = '_';
        }
    }
    return result;
}

} // namespace

std::string labelled(std::string_view gauge, std::string_view label, std::string_view value)
{
    return fmt::format("{}{{{}={}}}", gauge, label, clean(value));
}

Breakdown::Breakdown(std::string gauge, std::string label, std::size_t limit)
    : gauge_(std::move(gauge)),
      label_(std::move(label)),
      limit_(limit)
{}

void Breakdown::add(std::string_view value, double count)
{
    const auto known = counts_.find(value);
    if (known != counts_.end()) {
        known->second += count;
    } else if (counts_.size() < limit_) {
        counts_.emplace(value, count);
    } else {
        other_ += count;
        other_seen_ = true;
    }
}

void Breakdown::expect(std::initializer_list<std::string_view> values)
{
    for (const auto value : values) {
        add(value, 0);
    }
}

void Breakdown::take(std::vector<GaugeReading>& readings)
{
    for (auto& [value, count] : counts_) {
        readings.push_back({labelled(gauge_, label_, value), count});
        count = 0;
    }
    if (other_seen_) {
        readings.push_back({labelled(gauge_, label_, "other"), other_});
        other_ = 0;
    }
}

} // namespace squall::probes
