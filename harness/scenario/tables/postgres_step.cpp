// A step over PostgreSQL: postgres = "SELECT …", or one of the patterns that exhaust connections.
#include "base/text.hpp"
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

#include <initializer_list>

namespace squall::scenario {
namespace {

constexpr int longest_pipeline = 1'000;
constexpr int most_rows = 1'000'000'000;

PostgresStep& postgres_of(Step& step)
{
    return std::get<PostgresStep>(step.action);
}

ShapePtr<PostgresCopy> copy_shape()
{
    Fields<PostgresCopy> fields;
    fields.required("rows", "So many rows are sent.", &PostgresCopy::rows, integer(1, most_rows));
    fields.required("row", "One row as the COPY's format has it, without its end of line; rendered for each.",
                    &PostgresCopy::row, template_text());
    return table<PostgresCopy>("a table such as { rows = 1000, row = \"${seq},${uuid}\" }", fields);
}

ShapePtr<Expectation> rows_expectation_shape()
{
    Fields<Expectation> fields;
    fields.optional("rows", "The answer has exactly so many rows, or changed so many.", &Expectation::rows,
                    integer(0, most_rows));
    fields.optional("error", error_expectation_text, &Expectation::error, regex());
    fields.at_most_one({"rows", "error"});
    return table<Expectation>("a table such as { rows = 1 }", fields);
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

/// Reports each of the keys that is given. False when one is.
bool refuse(const Cursor& cursor, std::initializer_list<const char*> keys, std::string_view belongs)
{
    bool ok = true;
    for (const auto* key : keys) {
        if (cursor.has(key)) {
            cursor.at(key).report_at_key(fmt::format("{} belongs to {}", key, belongs));
            ok = false;
        }
    }
    return ok;
}

bool settle(const Cursor& cursor, Step& step)
{
    auto& postgres = postgres_of(step);
    if (postgres.pattern.kind != PostgresPattern::Kind::none) {
        postgres.statements.clear();
        return refuse(
            cursor, {"parameters", "prepared", "pipeline", "copy", "connection", "statement_timeout", "expect", "save"},
            "a step with SQL");
    }
    bool ok = true;
    if (cursor.at("postgres").node().as<NodeList>() != nullptr) {
        ok = refuse(cursor, {"parameters"},
                    "a single statement; in an array they stand beside their SQL: [\"SELECT $1\", \"${id}\"]");
    }
    if (cursor.has("copy")) {
        ok = refuse(cursor, {"parameters", "prepared", "pipeline", "save"}, "a statement that is no COPY") && ok;
        if (postgres.statements.size() != 1) {
            cursor.at("copy").report_at_key("copy belongs to a single statement: COPY … FROM STDIN");
            ok = false;
        }
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
    Fields<Step> fields([](Step& step) {
        step.action = PostgresStep{};
        postgres_of(step).statements.resize(1);
    });
    fields.required("postgres",
                    "SQL, an array of statements that are sent as one pipeline, or a pattern such as { hoard = 50, for "
                    "= \"10s\" }.",
                    postgres_of, postgres_statements_shape());
    add_postgres_database(fields);
    fields.optional(
        "connection", "of_user: as the user's `connection` says; per_call: a new one each time; or a number shared.",
        [](Step& step) -> ConnectionUse& { return postgres_of(step).connection; }, connection_use_shape());
    fields.optional(
        "parameters", "Values of $1, $2, …; sent apart from the SQL.",
        [](Step & step) -> auto& { return postgres_of(step).statements.front().parameters; },
        list_of(template_scalar()));
    fields.optional(
        "prepared", "Prepared once a connection, then only executed.",
        [](Step& step) -> bool& { return postgres_of(step).prepared; }, boolean());
    fields.optional(
        "pipeline", "How often the statements are sent before the first answer is read.",
        [](Step& step) -> int& { return postgres_of(step).pipeline; }, integer(1, longest_pipeline));
    fields.optional(
        "copy", "The rows that a COPY … FROM STDIN is given.",
        [](Step & step) -> auto& { return postgres_of(step).copy; }, copy_shape());
    fields.optional(
        "statement_timeout", "The server ends the statement after this time.",
        [](Step & step) -> auto& { return postgres_of(step).statement_timeout; }, positive_duration());
    fields.optional("expect", "What the answer must be; without `error` an error is one.", &Step::expect,
                    rows_expectation_shape());
    fields.optional("save", "Columns of the first row that become variables.", &Step::save,
                    keyed(column_shape(), &Save::name, identifier_key()));
    fields.finally(settle);
    return {"postgres", fields, default_name};
}

void add_postgres_database(Fields<Step>& fields)
{
    fields.optional(
        "database", "Where: a libpq URL or keyword string; without it ${postgres}.",
        [](Step& step) -> Template& { return postgres_of(step).database; }, template_text());
    fields.finally([](const Cursor& cursor, Step& step) {
        if (!cursor.has("database")) {
            auto standard = read_template("${postgres}", cursor);
            postgres_of(step).database = standard ? std::move(*standard) : Template();
        }
        return true;
    });
}

} // namespace squall::scenario
