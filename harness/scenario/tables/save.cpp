// save: parts of an answer that become variables.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

constexpr std::string_view save_expected = "\"json:/pointer\", \"header:name\" or \"regex:pattern with one ( )\"";

std::optional<Save::Source> source_of(std::string_view word)
{
    if (word == "json") {
        return Save::Source::json;
    }
    if (word == "header") {
        return Save::Source::header;
    }
    if (word == "regex") {
        return Save::Source::regex;
    }
    return std::nullopt;
}

std::optional<std::string> wrong_with_argument(Save::Source source, const std::string& argument)
{
    switch (source) {
    case Save::Source::json:
        return wrong_with_json_pointer(argument);
    case Save::Source::regex:
        return wrong_with_regex(argument, 1);
    case Save::Source::header:
    case Save::Source::column:
        break;
    }
    return argument.empty() ? std::optional<std::string>("the header has no name; expected \"header:name\"")
                            : std::nullopt;
}

ShapePtr<Save> save_shape()
{
    StringRules<Save> rules;
    rules.expected = save_expected;
    rules.schema = {{"pattern", R"(^(json:(/.*)?|header:.+|regex:.*\(.*)$|\$\{env\.)"}};
    rules.parse = [](const std::string& text, const Cursor& cursor) -> Result<Save> {
        const auto colon = text.find(':');
        const auto source = colon == std::string::npos ? std::nullopt : source_of(text.substr(0, colon));
        if (!source) {
            return fail("\"{}\" does not say what to keep; expected {}", text, save_expected);
        }
        const auto argument = text.substr(colon + 1);
        if (const auto wrong = wrong_with_argument(*source, argument)) {
            return Error::saying(*wrong);
        }
        return Save{cursor.place(), "", *source, argument};
    };
    return string_shape(std::move(rules));
}

} // namespace

ShapePtr<std::vector<Save>> saves_shape()
{
    return keyed(save_shape(), &Save::name, identifier_key());
}

} // namespace squall::scenario
