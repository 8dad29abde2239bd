// connection: which connection a step goes over.
#include "scenario/shapes/scalars.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

constexpr int most_shared = 10'000;

/// "per_call", or { shared = 4 }.
class ConnectionShape final : public ShapeOf<ConnectionUse> {
public:
    [[nodiscard]] std::string expected() const override { return "\"of_user\", \"per_call\", or { shared = 4 }"; }

    [[nodiscard]] boost::json::object schema(SchemaUse use) const override
    {
        const boost::json::object words{{"enum", boost::json::array{"of_user", "per_call"}}};
        return {{"anyOf", boost::json::array{words, shared_->schema(use)}}};
    }

    bool read(const Cursor& cursor, ConnectionUse& into) const override
    {
        using Kind = ConnectionUse::Kind;
        if (cursor.node().as<NodeTable>() != nullptr) {
            into.kind = Kind::shared;
            return shared_->read(cursor, into);
        }
        const auto* word = cursor.node().as<std::string>();
        if (word == nullptr || (*word != "of_user" && *word != "per_call")) {
            cursor.report_type(expected());
            return false;
        }
        into.kind = *word == "per_call" ? Kind::per_call : Kind::of_user;
        return true;
    }

private:
    static ShapePtr<ConnectionUse> shared_shape()
    {
        Fields<ConnectionUse> fields;
        fields.required("shared", "So many connections an engine thread; who finds none free waits.",
                        &ConnectionUse::shared, integer(1, most_shared));
        return table<ConnectionUse>("a table such as { shared = 4 }", fields);
    }

    ShapePtr<ConnectionUse> shared_ = shared_shape();
};

} // namespace

ShapePtr<ConnectionUse> connection_use_shape()
{
    return std::make_shared<ConnectionShape>();
}

} // namespace squall::scenario
