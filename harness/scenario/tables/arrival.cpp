// arrival: how many users, or how many iterations a time.
#include "base/text.hpp"
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

struct StageDraft {
    Place place;
    Duration length{};
    std::optional<int> users;
    std::optional<Rate> rate;
};

/// The table as it is written, before it becomes one of the models.
struct ArrivalDraft {
    int closed = 1;
    Duration ramp{};
    std::optional<UserSpike> user_spike;
    Rate rate;
    std::optional<RateSpike> rate_spike;
    std::string replay;
    Distribution distribution = Distribution::constant;
    int max_in_flight = Arrival{}.max_in_flight;
    std::vector<StageDraft> stages;
};

constexpr std::int64_t most_users = 1'000'000;

ShapePtr<StageDraft> stage_shape()
{
    Fields<StageDraft> common;
    common.required("for", "How long the way from the value before to this one takes; 0s is a jump.",
                    &StageDraft::length, duration());
    Fields<StageDraft> users;
    users.required("users", "Closed model: the number of users at the end of the stage.", &StageDraft::users,
                   integer(0, most_users));
    Fields<StageDraft> rates;
    rates.required("rate", "Open model: the arrival rate at the end of the stage.", &StageDraft::rate, rate());
    auto shape = table<StageDraft>("a stage such as { for = \"10s\", users = 100 }", common);
    shape->choose_one("goal of the stage", {users, rates});
    return shape;
}

template <typename Spike>
Fields<Spike> spike_keys()
{
    Fields<Spike> fields;
    fields.required("at", "When it begins, from the start of the load.", &Spike::at, duration());
    fields.required("for", "How long it lasts.", &Spike::length, positive_duration());
    return fields;
}

ShapePtr<UserSpike> user_spike_shape()
{
    auto fields = spike_keys<UserSpike>();
    fields.required("users", "This many users instead of the others.", &UserSpike::users, integer(0, most_users));
    return table<UserSpike>("a spike such as { users = 500, at = \"10s\", for = \"5s\" }", fields);
}

ShapePtr<RateSpike> rate_spike_shape()
{
    auto fields = spike_keys<RateSpike>();
    fields.required("rate", "This rate instead of the other.", &RateSpike::rate, rate());
    return table<RateSpike>("a spike such as { rate = \"1000/s\", at = \"10s\", for = \"5s\" }", fields);
}

ShapePtr<Distribution> distribution_shape()
{
    return one_of<Distribution>({{"constant", Distribution::constant}, {"poisson", Distribution::poisson}});
}

void add_max_in_flight(Fields<ArrivalDraft>& fields)
{
    fields.optional("max_in_flight",
                    "Open models: arrivals beyond this many iterations at once are dropped and counted.",
                    &ArrivalDraft::max_in_flight, integer(1, most_users));
}

void add_open_keys(Fields<ArrivalDraft>& fields)
{
    fields.optional("distribution", "Times between arrivals: all equal, or those of a Poisson process.",
                    &ArrivalDraft::distribution, distribution_shape());
    add_max_in_flight(fields);
}

Fields<ArrivalDraft> closed_keys()
{
    Fields<ArrivalDraft> fields;
    fields.required("closed", "Closed model: this many users, each starting again when its last iteration is over.",
                    &ArrivalDraft::closed, integer(1, most_users));
    fields.optional("ramp", "The users start evenly over this time.", &ArrivalDraft::ramp, duration());
    fields.optional("spike", "Another number of users for a while.", &ArrivalDraft::user_spike, user_spike_shape());
    return fields;
}

Fields<ArrivalDraft> rate_keys()
{
    Fields<ArrivalDraft> fields;
    fields.required("rate", "Open model: iterations start at this rate, whatever the system under test does.",
                    &ArrivalDraft::rate, rate());
    fields.optional("spike", "Another rate for a while.", &ArrivalDraft::rate_spike, rate_spike_shape());
    add_open_keys(fields);
    return fields;
}

Fields<ArrivalDraft> replay_keys()
{
    Fields<ArrivalDraft> fields;
    fields.required("replay", "Open model: iterations start when the column \"at\" of this CSV file says.",
                    &ArrivalDraft::replay, text());
    add_max_in_flight(fields);
    return fields;
}

Fields<ArrivalDraft> stage_keys()
{
    Fields<ArrivalDraft> fields;
    fields.required("stages", "The number of users or the rate moves linearly from one stage's value to the next's.",
                    &ArrivalDraft::stages, list_of(stage_shape()));
    add_open_keys(fields);
    return fields;
}

using Model = decltype(Arrival::model);

std::optional<Model> staged_users(const Cursor& cursor, const ArrivalDraft& draft)
{
    bool ok = true;
    for (const char* key : {"distribution", "max_in_flight"}) {
        if (cursor.has(key)) {
            cursor.at(key).report_at_key(
                "does not go together with stages of users; expected only beside stages of rates");
            ok = false;
        }
    }
    StagedUsers staged;
    for (const auto& stage : draft.stages) {
        staged.stages.push_back({stage.length, *stage.users});
    }
    return ok ? std::optional<Model>(std::move(staged)) : std::nullopt;
}

Model staged_rates(const ArrivalDraft& draft)
{
    StagedRate staged{{}, draft.distribution};
    for (const auto& stage : draft.stages) {
        staged.stages.push_back({stage.length, *stage.rate});
    }
    return staged;
}

std::optional<Model> staged(const Cursor& cursor, const ArrivalDraft& draft)
{
    const auto list = cursor.at("stages");
    if (draft.stages.empty()) {
        list.report("the array is empty; expected at least one stage such as { for = \"10s\", users = 100 }");
        return std::nullopt;
    }
    const bool users = draft.stages.front().users.has_value();
    std::size_t number = 0;
    for (const auto& item : list.node().as<NodeList>()->items) {
        if (draft.stages[number++].users.has_value() != users) {
            list.item(item, fmt::format("#{}", number))
                .report(fmt::format("this stage has {} and the first has {}; expected all stages of one kind",
                                    users ? "a rate" : "users", users ? "users" : "a rate"));
            return std::nullopt;
        }
    }
    return users ? staged_users(cursor, draft) : staged_rates(draft);
}

std::optional<Model> model_of(const Cursor& cursor, const ArrivalDraft& draft)
{
    if (cursor.has("closed")) {
        if (draft.user_spike && draft.user_spike->at < draft.ramp) {
            cursor.at("spike").at("at").report(fmt::format(
                "the spike begins before the ramp of {} is over; expected a later one", format_duration(draft.ramp)));
            return std::nullopt;
        }
        return ClosedArrival{draft.closed, draft.ramp, draft.user_spike};
    }
    if (cursor.has("stages")) {
        return staged(cursor, draft);
    }
    if (cursor.has("replay")) {
        return ReplayArrival{draft.replay};
    }
    if (draft.rate.per_second() <= 0) {
        cursor.at("rate").report("the rate is 0, nothing would arrive; expected a rate above 0 such as \"200/s\"");
        return std::nullopt;
    }
    return RateArrival{draft.rate, draft.distribution, draft.rate_spike};
}

} // namespace

ShapePtr<Arrival> arrival_shape()
{
    auto draft = table<ArrivalDraft>("a table with closed, rate, stages or replay, such as { closed = 10 }",
                                     Fields<ArrivalDraft>());
    draft->choose_one("arrival model", {closed_keys(), rate_keys(), stage_keys(), replay_keys()});
    return converted<Arrival>(ShapePtr<ArrivalDraft>(draft),
                              [](const Cursor& cursor, ArrivalDraft written) -> std::optional<Arrival> {
                                  auto model = model_of(cursor, written);
                                  if (!model) {
                                      return std::nullopt;
                                  }
                                  return Arrival{cursor.place(), std::move(*model), written.max_in_flight};
                              });
}

} // namespace squall::scenario
