// on_error, on_timeout: what follows a step that failed.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

using Kind = Reaction::Kind;

constexpr std::string_view definition = "reaction";
constexpr std::string_view overlay_definition = "reaction_of_a_profile";

ShapePtr<Poll> poll_shape()
{
    Fields<Poll> fields;
    fields.required("poll", "The request that asks for the answer.", &Poll::request, http_request_shape());
    fields.optional(
        "headers", "Its headers.", [](Poll & poll) -> auto& { return poll.request.headers; }, http_headers_shape());
    fields.optional("every", "The pause before each request.", &Poll::every, positive_duration());
    fields.optional("for", "After this long the answer is lost.", &Poll::length, positive_duration());
    fields.optional("expect", "What the answer must be; without a status, any below 400.", &Poll::expect,
                    expectation_shape());
    return table<Poll>("a table such as { poll = \"GET ${api}/answers/1\", every = \"1s\", for = \"10s\" }", fields);
}

/// "end", "continue", { poll = … } or steps.
class ReactionShape final : public ShapeOf<Reaction> {
public:
    [[nodiscard]] std::string expected() const override
    {
        return "\"continue\", \"end\", a table with poll, or steps such as [[user.step.on_error]]";
    }

    [[nodiscard]] boost::json::object schema(SchemaUse use) const override
    {
        return {{"$ref", fmt::format("#/$defs/{}", use == SchemaUse::whole ? definition : overlay_definition)}};
    }
    [[nodiscard]] boost::json::object defined(SchemaUse use) const
    {
        return {{"anyOf", boost::json::array{word_->schema(use), poll_->schema(use), steps_->schema(use)}}};
    }

    void merge(Node& base, const Cursor& overlay) const override
    {
        if (base.as<NodeTable>() != nullptr && overlay.node().as<NodeTable>() != nullptr) {
            poll_->merge(base, overlay);
        } else {
            steps_->merge(base, overlay);
        }
    }

    bool read(const Cursor& cursor, Reaction& into) const override
    {
        if (cursor.node().as<std::string>() != nullptr) {
            return word_->read(cursor, into.kind);
        }
        if (cursor.node().as<NodeTable>() != nullptr) {
            into.kind = Kind::poll;
            return poll_->read(cursor, into.poll.emplace());
        }
        if (cursor.node().as<NodeList>() != nullptr) {
            into.kind = Kind::steps;
            return steps_->read(cursor, into.steps);
        }
        cursor.report_type(expected());
        return false;
    }

private:
    ShapePtr<Kind> word_ = one_of<Kind>({{"continue", Kind::go_on}, {"end", Kind::end_iteration}});
    ShapePtr<Poll> poll_ = poll_shape();
    ShapePtr<std::vector<Step>> steps_ = nested_steps_shape();
};

} // namespace

boost::json::object reaction_definitions()
{
    const ReactionShape shape;
    return {{definition, shape.defined(SchemaUse::whole)}, {overlay_definition, shape.defined(SchemaUse::overlay)}};
}

ShapePtr<Reaction> reaction_shape()
{
    return std::make_shared<ReactionShape>();
}

} // namespace squall::scenario
