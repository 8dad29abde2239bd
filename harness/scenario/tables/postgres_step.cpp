// A step over PostgreSQL: postgres = "SELECT …", or one of the patterns that exhaust connections.
#include "base/text.hpp"
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

constexpr int most_connections = 10'000;
constexpr int longest_pipeline = 1'000;
constexpr int most_rows = 1'000'000'000;
constexpr std::string_view what_expected =
    "SQL such as \"SELECT 1\", or a table with one of hoard, idle_in_transaction, nested_acquire and storm";

PostgresStep& postgres_of(Step& step)
{
    return std::get<PostgresStep>(step.action);
}

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

/// The text or table under `postgres`; stands first among the keys.
class WhatShape final : public ShapeOf<PostgresStep> {
public:
    [[nodiscard]] std::string expected() const override { return std::string(what_expected); }

    [[nodiscard]] boost::json::object schema(SchemaUse use) const override
    {
        return {{"anyOf", boost::json::array{sql_->schema(use), pattern_->schema(use)}}};
    }

    bool read(const Cursor& cursor, PostgresStep& into) const override
    {
        if (cursor.node().as<NodeTable>() != nullptr) {
            return pattern_->read(cursor, into.pattern);
        }
        if (cursor.node().as<std::string>() == nullptr) {
            cursor.report_type(expected());
            return false;
        }
        return sql_->read(cursor, into.sql);
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
    ShapePtr<Template> sql_ = template_text();
    ShapePtr<PostgresPattern> pattern_ = pattern_shape();
};

ShapePtr<PostgresStep> rows_shape()
{
    Fields<PostgresStep> fields;
    fields.optional("rows", "The answer has exactly so many rows, or changed so many.", &PostgresStep::rows,
                    integer(0, most_rows));
    return table<PostgresStep>("a table such as { rows = 1 }", fields);
}

ShapePtr<Save> column_shape()
{
    StringRules<Save> rules;
    rules.expected = "\"column:name\"";
    rules.schema = {{"pattern", "^column:."}};
    rules.parse = [](const std::string& text, const Cursor& cursor) -> Result<Save> {
        constexpr std::string_view prefix = "column:";
        if (!text.starts_with(prefix) || text.size() == prefix.size()) {
            return fail("\"{}\" does not say what to keep; expected \"column:name\"", text);
        }
        return Save{cursor.place(), "", Save::Source::column, text.substr(prefix.size())};
    };
    return string_shape(std::move(rules));
}

bool settle(const Cursor& cursor, Step& step)
{
    auto& postgres = postgres_of(step);
    bool ok = true;
    if (postgres.pattern.kind != PostgresPattern::Kind::none) {
        for (const auto* key : {"parameters", "prepared", "pipeline", "statement_timeout", "expect", "save"}) {
            if (cursor.has(key)) {
                cursor.at(key).report_at_key(fmt::format("{} belongs to a step with SQL", key));
                ok = false;
            }
        }
    }
    if (!cursor.has("database")) {
        auto standard = read_template("${postgres}", cursor);
        postgres.database = standard ? std::move(*standard) : Template();
    }
    return ok;
}

/// "SELECT * FROM meals WHERE …" → "SELECT * FROM meals".
std::string default_name(std::string_view sql)
{
    std::vector<std::string> words;
    for (auto& word : split(sql, ' ')) {
        if (!word.empty() && words.size() < 4) {
            words.push_back(std::move(word));
        }
    }
    return join(words, " ");
}

} // namespace

StepKind postgres_step()
{
    Fields<Step> fields([](Step& step) { step.action = PostgresStep{}; });
    fields.required("postgres", "SQL, or a pattern such as { hoard = 50, for = \"10s\" }.", postgres_of,
                    ShapePtr<PostgresStep>(std::make_shared<WhatShape>()));
    fields.optional(
        "database", "Where: a libpq URL or keyword string; without it ${postgres}.",
        [](Step& step) -> Template& { return postgres_of(step).database; }, template_text());
    fields.optional(
        "parameters", "Values of $1, $2, …; sent apart from the SQL.",
        [](Step & step) -> auto& { return postgres_of(step).parameters; }, list_of(template_scalar()));
    fields.optional(
        "prepared", "Prepared once a connection, then only executed.",
        [](Step& step) -> bool& { return postgres_of(step).prepared; }, boolean());
    fields.optional(
        "pipeline", "How often the statement is sent before the first answer is read.",
        [](Step& step) -> int& { return postgres_of(step).pipeline; }, integer(1, longest_pipeline));
    fields.optional(
        "statement_timeout", "The server ends the statement after this time.",
        [](Step & step) -> auto& { return postgres_of(step).statement_timeout; }, positive_duration());
    fields.optional("expect", "What the answer must be.", postgres_of, rows_shape());
    fields.optional("save", "Columns of the first row that become variables.", &Step::save,
                    keyed(column_shape(), &Save::name, identifier_key()));
    fields.finally(settle);
    return {"postgres", fields, default_name};
}

} // namespace squall::scenario
