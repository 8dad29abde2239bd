#include "plan/data_file.hpp"

#include "catch.hpp"
#include "scenario_builder.hpp"

using Rows = std::vector<std::vector<std::string>>;

namespace squall::plan {
namespace {

Rows rows_of(std::string_view text)
{
    const auto content = read_csv(text, "users.csv");
    REQUIRE(std::holds_alternative<CsvContent>(content));
    return std::get<CsvContent>(content).rows;
}

std::string problem_of(std::string_view text)
{
    const auto content = read_csv(text, "users.csv");
    REQUIRE(std::holds_alternative<scenario::Problem>(content));
    const auto& problem = std::get<scenario::Problem>(content);
    return problem.place.file + ":" + std::to_string(problem.place.line) + ": " + problem.message;
}

} // namespace

TEST_CASE("CSV files are read as RFC 4180 has them")
{
    CHECK(rows_of("a,b\n1,2\n3,4") == Rows{{"1", "2"}, {"3", "4"}});
    CHECK(rows_of("a,b\r\n1,2\r\n") == Rows{{"1", "2"}});
    CHECK(rows_of("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n") == Rows{{"x,y", "say \"hi\""}});
    CHECK(rows_of("a,b\n\"two\nlines\",\n") == Rows{{"two\nlines", ""}});
    CHECK(rows_of("\xEF\xBB\xBF"
                  "a\n\n1\n\n") == Rows{{"1"}});
    CHECK(rows_of("a\n\"\"\n") == Rows{{""}});
}

TEST_CASE("what is wrong with a CSV file is said with its line")
{
    CHECK_THAT(problem_of("a,b\n\"1\n\",2\n3\n"),
               ContainsSubstring("users.csv:4: this row has 1 field; the header line has 2"));
    CHECK_THAT(problem_of("a\n1,2\n"), ContainsSubstring("users.csv:2: this row has 2 fields"));
    CHECK_THAT(problem_of("a\nx\n\"open\n\n"), ContainsSubstring("users.csv:3: a quote is opened and never closed"));
    CHECK_THAT(problem_of("a\n\"x\"y\n"), ContainsSubstring("users.csv:2: text follows a closing quote"));
    CHECK_THAT(problem_of(""), ContainsSubstring("the file is empty"));
    CHECK_THAT(problem_of("\r\n\n"), ContainsSubstring("the file is empty"));
    CHECK_THAT(problem_of("a,b\n"), ContainsSubstring("no rows"));
    CHECK_THAT(problem_of("a,b,a\n1,2,3\n"), ContainsSubstring("names the column \"a\" twice"));
    CHECK_THAT(problem_of("a,,b\n1,2,3\n"), ContainsSubstring("column 2 of the header line has no name"));
}

TEST_CASE("a plan reads data files beside the scenario file")
{
    const TemporaryFolder folder;
    folder.write("users.csv", "name\nada\n");
    auto scenario = small_scenario();
    scenario.file = folder.file("test.toml");
    scenario.users[0].data = {{"test.toml", 12, 8, "data"}, "users.csv", scenario::DataOrder::unique};
    scenario.users[0].steps[0] = step_of("home", "${api}/${data.name}");

    SECTION("and gives each column a slot")
    {
        const auto outcome = make_plan(scenario);
        REQUIRE(outcome.plan);
        const auto& table = *outcome.plan->populations[0].data;
        CHECK(table.order == scenario::DataOrder::unique);
        CHECK(table.rows == Rows{{"ada"}});
        CHECK(outcome.plan->slot_names.at(table.column_slots.at(0)) == "data.name");
    }
    SECTION("and says where it looked for one that is missing, once")
    {
        scenario.users[0].data->file = "absent.csv";
        CHECK(problems_of(scenario) == "12: cannot read the data file " + folder.file("absent.csv") +
                                           "; paths are relative to the scenario file\n");
    }
    SECTION("and takes no folder for a file")
    {
        scenario.users[0].data->file = ".";
        CHECK_THAT(problems_of(scenario), ContainsSubstring("cannot read the data file"));
    }
    SECTION("and suggests the nearest column")
    {
        scenario.users[0].steps[0] = step_of("home", "${api}/${data.nme}");
        CHECK_THAT(problems_of(scenario), ContainsSubstring("did you mean ${data.name}?"));
    }
    SECTION("and says when there is none")
    {
        scenario.users[0].data.reset();
        CHECK_THAT(problems_of(scenario), ContainsSubstring("${data.name} needs a data file"));
    }
}

} // namespace squall::plan
