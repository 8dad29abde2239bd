#include "probes/json_gauges.hpp"

#include "base/text.hpp"
#include "probes/number_text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

namespace squall::probes {
namespace {

namespace json = boost::json;

constexpr std::string_view every = "*";

/// The parts of a pointer with ~0 and ~1 undone; nothing where it is malformed.
std::optional<std::vector<std::string>> parts_of(std::string_view pointer)
{
    if (pointer.empty()) {
        return std::vector<std::string>{};
    }
    if (pointer.front() != '/') {
        return std::nullopt;
    }
    auto parts = split(pointer.substr(1), '/');
    for (auto& part : parts) {
        std::string plain;
        for (std::size_t at = 0; at < part.size(); ++at) {
            if (part[at] != '~') {
                plain += part[at];
                continue;
            }
            ++at;
            if (at == part.size() || (part[at] != '0' && part[at] != '1')) {
                return std::nullopt;
            }
            plain += part[at] == '0' ? '~' : '/';
        }
        part = std::move(plain);
    }
    return parts;
}

const json::value* member(const json::value& value, const std::string& part)
{
    if (const auto* object = value.if_object()) {
        return object->if_contains(part);
    }
    const auto* array = value.if_array();
    const auto index = array != nullptr ? to_number<std::size_t>(part) : std::nullopt;
    return index && *index < array->size() ? &(*array)[*index] : nullptr;
}

std::string shown(const json::value& value)
{
    return json::serialize(value).substr(0, 40);
}

Result<double> number_of(const json::value& value)
{
    if (value.is_number()) {
        const auto number = value.to_number<double>();
        return std::isfinite(number) ? Result<double>(number) : fail("a number beyond all bounds");
    }
    if (value.is_bool()) {
        return value.get_bool() ? 1.0 : 0.0;
    }
    if (value.is_array()) {
        return static_cast<double>(value.get_array().size());
    }
    return fail("{}; expected a number, true, false or an array", shown(value));
}

/// What a pointer with "*" in it finds.
struct Found {
    std::vector<std::pair<std::string, double>> values; // by key
    bool reached = false;                               // every "*" but the last found something to stand for
    std::optional<std::string> problem;                 // the first
};

void collect(const json::value& value, std::span<const std::string> parts, const std::string& key, Found& found)
{
    const json::value* at = &value;
    while (!parts.empty() && parts.front() != every) {
        at = member(*at, parts.front());
        if (at == nullptr) {
            return;
        }
        parts = parts.subspan(1);
    }
    if (parts.empty()) {
        const auto number = number_of(*at);
        if (number) {
            found.values.emplace_back(key, *number);
        } else if (!found.problem) {
            found.problem = fmt::format("at \"{}\" stands {}", key, number.error().message);
        }
        return;
    }
    const auto go_on = [&](std::string_view name, const json::value& inner) {
        collect(inner, parts.subspan(1), key.empty() ? std::string(name) : fmt::format("{}/{}", key, name), found);
    };
    if (const auto* object = at->if_object()) {
        found.reached = found.reached || object->empty();
        for (const auto& entry : *object) {
            go_on(std::string_view(entry.key().data(), entry.key().size()), entry.value());
        }
    } else if (const auto* array = at->if_array()) {
        found.reached = found.reached || array->empty();
        for (std::size_t index = 0; index < array->size(); ++index) {
            go_on(std::to_string(index), (*array)[index]);
        }
    } else if (!found.problem) {
        found.problem =
            fmt::format("\"*\" stands for the members of an object or an array, and there is {}", shown(*at));
    }
}

} // namespace

Result<JsonGauges> JsonGauges::make(std::string name, const std::map<std::string, std::string>& pointers,
                                    const std::string& label)
{
    JsonGauges made;
    for (const auto& [gauge, pointer] : pointers) {
        auto parts = parts_of(pointer);
        if (!parts) {
            return fail("probe {}: gauge {}: \"{}\" is not a JSON pointer; write for example \"/pool/in_use\"", name,
                        gauge, pointer);
        }
        Gauge added{fmt::format("{}.{}", name, gauge), pointer, std::move(*parts), std::nullopt};
        if (std::ranges::find(added.parts, every) != added.parts.end()) {
            added.by_key.emplace(added.name, label);
        }
        made.gauges_.push_back(std::move(added));
    }
    made.name_ = std::move(name);
    return made;
}

ProbeReading JsonGauges::read(std::string_view body)
{
    error_code error;
    const auto document = json::parse(json::string_view(body.data(), body.size()), error);
    if (error) {
        return failed_reading("the answer is not JSON: " + error.message());
    }
    ProbeReading reading;
    std::vector<std::string> failures;
    for (auto& gauge : gauges_) {
        Found found;
        collect(document, gauge.parts, {}, found);
        if (!found.problem && found.values.empty() && !found.reached) {
            found.problem = fmt::format("there is nothing at \"{}\"", gauge.pointer);
        }
        if (found.problem) {
            failures.push_back(fmt::format("{}: {}", gauge.name, *found.problem));
            continue;
        }
        double sum = 0;
        for (const auto& [key, value] : found.values) {
            sum += value;
            if (gauge.by_key) {
                gauge.by_key->add(key, value);
            }
        }
        reading.gauges.push_back({gauge.name, sum});
        if (gauge.by_key) {
            gauge.by_key->take(reading.gauges);
        }
    }
    if (!failures.empty()) {
        reading.failure = join(failures, "; ");
    }
    return reading;
}

} // namespace squall::probes
