#include "measure/journal_json.hpp"

#include "measure/journal_values.hpp"

#include <algorithm>
#include <stdexcept>

namespace squall::measure {
namespace {

namespace json = boost::json;

std::string text_at(const json::object& object, std::string_view key)
{
    return std::string(object.at(key).as_string());
}

template <typename Number>
Number number_at(const json::object& object, std::string_view key)
{
    return json::value_to<Number>(object.at(key));
}

Duration duration_at(const json::object& object, std::string_view key)
{
    return Duration(number_at<Duration::rep>(object, key));
}

template <typename Enumeration>
Enumeration word(std::optional<Enumeration> parsed, std::string_view text)
{
    if (!parsed) {
        throw std::invalid_argument("unknown word " + std::string(text));
    }
    return *parsed;
}

json::array texts(const std::vector<std::string>& values)
{
    return json::array(values.begin(), values.end());
}

json::array phases_json(const PhaseTimes& sums)
{
    return {sums.blocked.count(), sums.connecting.count(), sums.tls_handshaking.count(),
            sums.sending.count(), sums.waiting.count(),    sums.receiving.count()};
}

PhaseTimes phases_from(const json::array& values)
{
    const auto at = [&values](std::size_t index) { return Duration(values.at(index).to_number<Duration::rep>()); };
    return {at(0), at(1), at(2), at(3), at(4), at(5)};
}

/// A step without a request in this second is null.
json::value step_json(const StepWindow& step)
{
    if (step.requests + step.messages_sent + step.messages_received == 0) {
        return nullptr;
    }
    json::object errors;
    for (const auto& [kind, count] : step.errors) {
        if (count > 0) {
            errors[to_string(kind)] = count;
        }
    }
    json::object statuses;
    for (const auto& [status, count] : step.statuses) {
        if (count > 0) {
            statuses[std::to_string(status)] = count;
        }
    }
    json::object late;
    for (const auto& [name, count] : {std::pair("recovered", step.recovered), std::pair("lost", step.lost)}) {
        if (count > 0) {
            late[name] = count;
        }
    }
    json::array messages;
    if (step.messages_sent + step.messages_received > 0) {
        messages = {step.messages_sent, step.messages_received};
    }
    return json::object{{"requests", step.requests},
                        {"messages", std::move(messages)},
                        {"late", std::move(late)},
                        {"errors", std::move(errors)},
                        {"statuses", std::move(statuses)},
                        {"response", histogram_json(step.response)},
                        {"service", histogram_json(step.service)},
                        {"lag", histogram_json(step.lag)},
                        {"censored", step.censored},
                        {"connections", step.connections},
                        {"sent", step.bytes_sent},
                        {"received", step.bytes_received},
                        {"phases", phases_json(step.phase_sums)}};
}

StepWindow step_from(const json::value& value)
{
    StepWindow step;
    if (value.is_null()) {
        return step;
    }
    const auto& object = value.as_object();
    step.requests = number_at<std::uint64_t>(object, "requests");
    for (const auto& [kind, count] : object.at("errors").as_object()) {
        step.errors[word(parse_error_kind(kind), kind)] = count.to_number<std::uint64_t>();
    }
    for (const auto& [status, count] : object.at("statuses").as_object()) {
        step.statuses[static_cast<std::uint16_t>(std::stoul(std::string(status)))] = count.to_number<std::uint64_t>();
    }
    step.response = histogram_from(object.at("response"));
    step.service = histogram_from(object.at("service"));
    step.lag = histogram_from(object.at("lag"));
    step.censored = number_at<std::uint64_t>(object, "censored");
    if (const auto* late = object.if_contains("late")) { // journals of 0.1.0 have none
        const auto of = [late](std::string_view name) {
            const auto* count = late->as_object().if_contains(name);
            return count != nullptr ? count->to_number<std::uint64_t>() : 0;
        };
        step.recovered = of("recovered");
        step.lost = of("lost");
    }
    if (const auto* messages = object.if_contains("messages"); messages != nullptr && !messages->as_array().empty()) {
        step.messages_sent = messages->as_array().at(0).to_number<std::uint64_t>();
        step.messages_received = messages->as_array().at(1).to_number<std::uint64_t>();
    }
    step.connections = number_at<std::uint64_t>(object, "connections");
    step.bytes_sent = number_at<std::uint64_t>(object, "sent");
    step.bytes_received = number_at<std::uint64_t>(object, "received");
    step.phase_sums = phases_from(object.at("phases").as_array());
    return step;
}

json::object caps_json(const std::map<std::string, double>& caps)
{
    json::object object;
    for (const auto& [gauge, cap] : caps) {
        object[gauge] = number_json(cap);
    }
    return object;
}

json::object gauges_json(const std::map<std::string, std::vector<GaugePoint>>& gauges)
{
    json::object object;
    for (const auto& [name, points] : gauges) {
        json::array series;
        for (const auto& point : points) {
            series.push_back(json::array{number_json(point.at_seconds), number_json(point.value)});
        }
        object[name] = std::move(series);
    }
    return object;
}

} // namespace

json::object to_json(const JournalHeader& header)
{
    json::array open_model(header.open_model.begin(), header.open_model.end());
    json::array websocket(header.websocket.begin(), header.websocket.end());
    json::array populations;
    for (const auto& population : header.populations) {
        populations.push_back(
            json::object{{"name", population.name}, {"arrival", population.arrival}, {"open", population.open}});
    }
    json::array services;
    for (const auto& service : header.services) {
        services.push_back(json::object{{"name", service.name}, {"kind", service.kind}});
    }
    return {{"squall_journal", header.version},
            {"name", header.name},
            {"scenario", header.scenario_file},
            {"profile", header.profile},
            {"seed", header.seed},
            {"started", header.started},
            {"steps", texts(header.steps)},
            {"open_model", std::move(open_model)},
            {"websocket", std::move(websocket)},
            {"populations", std::move(populations)},
            {"checks", texts(header.checks)},
            {"services", std::move(services)},
            {"notes", texts(header.notes)},
            {"primer_ns", header.primer.count()},
            {"settle_ns", header.settle.count()},
            {"load_ns", header.load.count()},
            {"quiesce_ns", header.quiesce.count()},
            {"doses", json::array(header.doses.begin(), header.doses.end())},
            {"leak_check", header.leak_check},
            {"production_rate", header.production_rate ? json::value(header.production_rate->per_second()) : nullptr},
            {"declared_caps", caps_json(header.declared_caps)},
            {"collected", texts(header.collected)}};
}

namespace {

/// Journals of 0.1.0 have none of it.
void read_leak_check(const json::object& object, JournalHeader& header)
{
    if (object.if_contains("leak_check") == nullptr) {
        return;
    }
    header.doses = json::value_to<std::vector<int>>(object.at("doses"));
    header.leak_check = text_at(object, "leak_check");
    if (std::ranges::any_of(header.doses, [](int dose) { return dose < 1; })) {
        throw std::invalid_argument("a dose below 1");
    }
    if (const auto& rate = object.at("production_rate"); !rate.is_null()) {
        const double per_second = number_from(rate);
        if (!(per_second >= 0)) {
            throw std::invalid_argument("a rate below 0");
        }
        header.production_rate = Rate::per_second(per_second);
    }
    for (const auto& [gauge, cap] : object.at("declared_caps").as_object()) {
        header.declared_caps[std::string(gauge)] = number_from(cap);
    }
    header.collected = json::value_to<std::vector<std::string>>(object.at("collected"));
}

} // namespace

JournalHeader header_from_json(const json::object& object)
{
    JournalHeader header;
    header.version = number_at<int>(object, "squall_journal");
    header.name = text_at(object, "name");
    header.scenario_file = text_at(object, "scenario");
    header.profile = text_at(object, "profile");
    header.seed = number_at<std::uint64_t>(object, "seed");
    header.started = text_at(object, "started");
    header.steps = json::value_to<std::vector<std::string>>(object.at("steps"));
    header.open_model = json::value_to<std::vector<bool>>(object.at("open_model"));
    if (const auto* websocket = object.if_contains("websocket")) { // older journals have none
        header.websocket = json::value_to<std::vector<bool>>(*websocket);
    }
    for (const auto& value : object.at("populations").as_array()) {
        const auto& population = value.as_object();
        header.populations.push_back(
            {text_at(population, "name"), text_at(population, "arrival"), population.at("open").as_bool()});
    }
    header.checks = json::value_to<std::vector<std::string>>(object.at("checks"));
    for (const auto& value : object.at("services").as_array()) {
        header.services.push_back({text_at(value.as_object(), "name"), text_at(value.as_object(), "kind")});
    }
    header.notes = json::value_to<std::vector<std::string>>(object.at("notes"));
    header.primer = duration_at(object, "primer_ns");
    header.settle = duration_at(object, "settle_ns");
    header.load = duration_at(object, "load_ns");
    header.quiesce = duration_at(object, "quiesce_ns");
    read_leak_check(object, header);
    return header;
}

json::object to_json(const SecondRecord& second)
{
    json::array steps;
    for (const auto& step : second.window.steps) {
        steps.push_back(step_json(step));
    }
    return {{"begin", number_json(second.begin_seconds)},
            {"end", number_json(second.end_seconds)},
            {"phase", to_string(second.phase)},
            {"steps", std::move(steps)},
            {"iterations", json::array{second.window.iterations_started, second.window.iterations_completed,
                                       second.window.iterations_dropped}},
            {"users", second.users},
            {"in_flight", second.in_flight},
            {"gauges", gauges_json(second.gauges)}};
}

SecondRecord second_from_json(const json::object& object)
{
    SecondRecord second;
    second.begin_seconds = number_from(object.at("begin"));
    second.end_seconds = number_from(object.at("end"));
    const auto phase = text_at(object, "phase");
    second.phase = word(parse_phase(phase), phase);
    for (const auto& step : object.at("steps").as_array()) {
        second.window.steps.push_back(step_from(step));
    }
    const auto& iterations = object.at("iterations").as_array();
    second.window.iterations_started = iterations.at(0).to_number<std::uint64_t>();
    second.window.iterations_completed = iterations.at(1).to_number<std::uint64_t>();
    second.window.iterations_dropped = iterations.at(2).to_number<std::uint64_t>();
    second.users = number_at<int>(object, "users");
    second.in_flight = number_at<int>(object, "in_flight");
    for (const auto& [name, series] : object.at("gauges").as_object()) {
        auto& points = second.gauges[std::string(name)];
        for (const auto& point : series.as_array()) {
            const auto& pair = point.as_array();
            points.push_back({number_from(pair.at(0)), number_from(pair.at(1))});
        }
    }
    return second;
}

json::object to_json(const Stamp& stamp)
{
    return {{"stamp", stamp.kind},
            {"at", number_json(stamp.at_seconds)},
            {"text", stamp.text},
            {"step", stamp.step},
            {"error", stamp.error}};
}

Stamp stamp_from_json(const json::object& object)
{
    return {number_from(object.at("at")), text_at(object, "stamp"), text_at(object, "text"), text_at(object, "step"),
            text_at(object, "error")};
}

json::object to_json(const EndRecord& end)
{
    json::object object{
        {"ended", number_json(end.at_seconds)}, {"interrupted", end.interrupted}, {"reason", end.reason}};
    if (end.self_check) {
        const auto& check = *end.self_check;
        object["self_check"] = {{"descriptors_before", check.descriptors_before},
                                {"descriptors_after", check.descriptors_after},
                                {"descriptors_left", check.descriptors_left},
                                {"processes_left", check.processes_left},
                                {"left", json::value_from(check.left)}};
    }
    return object;
}

EndRecord end_from_json(const json::object& object)
{
    EndRecord end{number_from(object.at("ended")), object.at("interrupted").as_bool(), text_at(object, "reason")};
    if (const auto* found = object.if_contains("self_check")) {
        const auto& check = found->as_object();
        end.self_check = {json::value_to<std::int64_t>(check.at("descriptors_before")),
                          json::value_to<std::int64_t>(check.at("descriptors_after")),
                          json::value_to<std::int64_t>(check.at("descriptors_left")),
                          json::value_to<std::int64_t>(check.at("processes_left")),
                          json::value_to<std::vector<std::string>>(check.at("left"))};
    }
    return end;
}

} // namespace squall::measure
