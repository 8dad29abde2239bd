// postgres: SQL, several statements, or one of the patterns that exhaust connections.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

constexpr int most_connections = 10'000;
constexpr std::string_view statement_expected =
    "SQL such as \"SELECT 1\", or an array of SQL and its parameters such as [\"SELECT $1\", \"${id}\"]";
constexpr std::string_view what_expected =
    "SQL such as \"SELECT 1\", an array of statements, or a table with one of hoard, idle_in_transaction, "
    "nested_acquire and storm";

Fields<PostgresPattern> pattern_fields(PostgresPattern::Kind kind)
{
    return Fields<PostgresPattern>([kind](PostgresPattern& pattern) { pattern.kind = kind; });
}

/// A key that says how long the pattern holds what it took.
Fields<PostgresPattern> held(std::string key, std::string doc, PostgresPattern::Kind kind)
{
    auto fields = pattern_fields(kind);
    fields.required(std::move(key), std::move(doc), &PostgresPattern::length, duration());
    return fields;
}

ShapePtr<PostgresPattern> pattern_shape()
{
    using Kind = PostgresPattern::Kind;
    auto hoard = pattern_fields(Kind::hoard);
    hoard.required("hoard", "So many connections are opened, and held.", &PostgresPattern::connections,
                   integer(1, most_connections));
    hoard.required("for", "How long they are held.", &PostgresPattern::length, duration());
    const auto idle = held("idle_in_transaction", "A transaction is begun, left idle for so long, and committed.",
                           Kind::idle_in_transaction);
    const auto nested = held("nested_acquire",
                             "With one connection in a transaction a second one is wanted; when it is there, both are "
                             "held for so long.",
                             Kind::nested_acquire);
    auto storm = pattern_fields(Kind::storm);
    storm.required("storm", "At each full multiple of this time the user drops its connection and opens another.",
                   &PostgresPattern::every, positive_duration());
    auto shape = table<PostgresPattern>(std::string(what_expected), Fields<PostgresPattern>());
    shape->choose_one("pattern", {hoard, idle, nested, storm});
    return shape;
}

/// "SELECT 1", or ["SELECT $1", "${id}"]: SQL and its parameters.
bool read_statement(const Cursor& cursor, PostgresStatement& statement)
{
    const auto scalar = template_scalar();
    const auto* list = cursor.node().as<NodeList>();
    if (list == nullptr || list->items.empty() || list->items.front().as<std::string>() == nullptr) {
        if (cursor.node().as<std::string>() != nullptr) {
            return template_text()->read(cursor, statement.sql);
        }
        cursor.report_type(statement_expected);
        return false;
    }
    bool ok = template_text()->read(cursor.item(list->items.front(), "#1"), statement.sql);
    for (std::size_t at = 1; at < list->items.size(); ++at) {
        const auto item = cursor.item(list->items[at], fmt::format("#{}", at + 1));
        ok = scalar->read(item, statement.parameters.emplace_back()) && ok;
    }
    return ok;
}

/// The text, list or table under `postgres`; stands first among the keys.
class WhatShape final : public ShapeOf<PostgresStep> {
public:
    [[nodiscard]] std::string expected() const override { return std::string(what_expected); }

    [[nodiscard]] boost::json::object schema(SchemaUse use) const override
    {
        const auto sql = template_text()->schema(use);
        const boost::json::object with_parameters{
            {"type", "array"},
            {"prefixItems", boost::json::array{sql}},
            {"items", template_scalar()->schema(use)},
            {"minItems", 1},
        };
        const boost::json::object each{{"anyOf", boost::json::array{sql, with_parameters}}};
        const boost::json::object list{{"type", "array"}, {"items", each}, {"minItems", 1}};
        return {{"anyOf", boost::json::array{sql, list, pattern_->schema(use)}}};
    }

    bool read(const Cursor& cursor, PostgresStep& into) const override
    {
        if (cursor.node().as<NodeTable>() != nullptr) {
            return pattern_->read(cursor, into.pattern);
        }
        const auto* list = cursor.node().as<NodeList>();
        if (list == nullptr && cursor.node().as<std::string>() != nullptr) {
            return read_statement(cursor, into.statements.front());
        }
        if (list == nullptr || list->items.empty()) {
            cursor.report_type(expected());
            return false;
        }
        into.statements.clear();
        bool ok = true;
        for (const auto& item : list->items) {
            const auto number = fmt::format("#{}", into.statements.size() + 1);
            ok = read_statement(cursor.item(item, number), into.statements.emplace_back()) && ok;
        }
        return ok;
    }

    void merge(Node& base, const Cursor& overlay) const override
    {
        if (base.as<NodeTable>() != nullptr && overlay.node().as<NodeTable>() != nullptr) {
            pattern_->merge(base, overlay);
        } else {
            base = overlay.node();
        }
    }

private:
    ShapePtr<PostgresPattern> pattern_ = pattern_shape();
};

} // namespace

ShapePtr<PostgresStep> postgres_statements_shape()
{
    return std::make_shared<WhatShape>();
}

} // namespace squall::scenario
