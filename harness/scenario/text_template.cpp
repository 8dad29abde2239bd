#include "scenario/text_template.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace squall::scenario {
namespace {

const std::vector<std::string> generators{"uuid", "seq", "random.int(1,100)"};

void append_literal(std::vector<Segment>& segments, std::string_view text)
{
    if (text.empty()) {
        return;
    }
    if (!segments.empty()) {
        if (auto* before = std::get_if<std::string>(&segments.back().content)) {
            before->append(text);
            return;
        }
    }
    segments.push_back({std::string(text), false});
}

std::optional<std::int64_t> whole_number(std::string_view text)
{
    text = trim(text);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

Result<Segment> call(std::string_view inside)
{
    const auto open = inside.find('(');
    const auto name = inside.substr(0, open);
    if (name != "random.int") {
        const auto near = closest_match(name, {"uuid", "seq", "random.int"});
        return fail("unknown generator ${{{}}}; {}", inside,
                    near ? fmt::format("did you mean \"{}\"?", *near)
                         : fmt::format("expected one of {}", join(generators, ", ")));
    }
    const auto arguments = split(inside.substr(open + 1, inside.size() - open - 2), ',');
    const bool closed = inside.back() == ')';
    const auto low = closed && arguments.size() == 2 ? whole_number(arguments[0]) : std::nullopt;
    const auto high = closed && arguments.size() == 2 ? whole_number(arguments[1]) : std::nullopt;
    if (!low || !high) {
        return fail("${{{}}} has wrong arguments; expected two integers such as ${{random.int(1,100)}}", inside);
    }
    if (*low > *high) {
        return fail("${{{}}} has a lower end above its upper end; expected ${{random.int({},{})}}", inside, *high,
                    *low);
    }
    return Segment{Generator{Generator::Kind::random_int, *low, *high}, false};
}

bool is_variable_name(std::string_view name)
{
    constexpr std::string_view column = "data.";
    if (name.starts_with(column)) {
        return name.size() > column.size(); // a column may be called anything
    }
    const auto is_allowed = [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '_' || letter == '-' || letter == '.';
    };
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::all_of(name.begin(), name.end(), is_allowed);
}

Result<Segment> parse_expression(std::string_view inside)
{
    if (inside == "uuid") {
        return Segment{Generator{Generator::Kind::uuid, 0, 0}, false};
    }
    if (inside == "seq") {
        return Segment{Generator{Generator::Kind::sequence, 0, 0}, false};
    }
    if (inside == "random.int") {
        return fail("${{random.int}} has no arguments; expected two integers such as ${{random.int(1,100)}}");
    }
    if (inside.find('(') != std::string_view::npos && !inside.starts_with("data.")) {
        return call(inside);
    }
    if (!is_variable_name(inside)) {
        return fail("${{{}}} is not the name of a variable; expected letters, digits, \"_\", \"-\" and \".\"", inside);
    }
    return Segment{Reference{std::string(inside)}, false};
}

} // namespace

bool Template::is_constant() const
{
    return std::all_of(segments.begin(), segments.end(),
                       [](const Segment& segment) { return std::holds_alternative<std::string>(segment.content); });
}

Result<Template> parse_template(std::string_view text, Place place)
{
    Template parsed{std::string(text), std::move(place), {}};
    for (;;) {
        const auto start = text.find("${");
        if (start == std::string_view::npos) {
            append_literal(parsed.segments, text);
            return parsed;
        }
        if (start > 0 && text[start - 1] == '$') { // "$${" stands for a literal "${"
            append_literal(parsed.segments, text.substr(0, start - 1));
            append_literal(parsed.segments, "${");
            text.remove_prefix(start + 2);
            continue;
        }
        append_literal(parsed.segments, text.substr(0, start));
        const auto end = text.find('}', start);
        if (end == std::string_view::npos) {
            return fail("opens a \"${{\" that is never closed; expected ${{name}}, or $${{ for the letters themselves");
        }
        auto segment = parse_expression(text.substr(start + 2, end - start - 2));
        if (!segment) {
            return segment.error();
        }
        parsed.segments.push_back(std::move(*segment));
        text.remove_prefix(end + 1);
    }
}

} // namespace squall::scenario
