// A step over HTTP: http = "POST ${api}/login".
#include "base/text.hpp"
#include "scenario/bodies.hpp"
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

#include <algorithm>
#include <cctype>

namespace squall::scenario {
namespace {

const std::vector<std::string> methods{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};
constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";
constexpr int most_redirects = 20;
constexpr std::int64_t most_slow_bytes = 16LL * 1024;
constexpr std::string_view request_expected = "a method and a URL such as \"POST ${api}/login\"";

std::string upper(std::string_view text)
{
    std::string raised(text);
    std::transform(raised.begin(), raised.end(), raised.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    return raised;
}

Result<HttpStep> parse_request(const std::string& text, const Cursor& cursor)
{
    const auto space = text.find(' ');
    const auto method = text.substr(0, space);
    const auto url = space == std::string::npos ? std::string_view() : trim(std::string_view(text).substr(space));
    if (method.empty() || url.empty()) {
        return fail("\"{}\" is not a request; expected {}", text, request_expected);
    }
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
        return fail("unknown HTTP method \"{}\"{}", method, suggestion(upper(method), methods));
    }
    auto target = read_template(std::string(url), cursor);
    if (!target) {
        return Error(); // reported
    }
    HttpStep step;
    step.method = method;
    step.url = std::move(*target);
    return step;
}

HttpStep& http_of(Step& step)
{
    return std::get<HttpStep>(step.action);
}

KeyRule header_name_key()
{
    const auto is_token = [](std::string_view name) {
        return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char letter) {
            return std::isalnum(letter) != 0 || token_marks.find(static_cast<char>(letter)) != std::string_view::npos;
        });
    };
    return {"the name of a header (RFC 9110 section 5.1)", R"(^[!#$%&'*+.^_`|~0-9A-Za-z-]+$)", is_token};
}

void add_content_type(HttpStep& http, std::string_view type)
{
    const bool given = std::any_of(http.headers.begin(), http.headers.end(),
                                   [](const auto& header) { return upper(header.first) == "CONTENT-TYPE"; });
    if (!given) {
        const std::string value(type);
        http.headers.emplace_back("content-type", Template{value, http.url.place, {Segment{value, false}}});
    }
}

ShapePtr<SlowPace> pace_shape(SlowPace::Kind kind)
{
    Fields<SlowPace> fields;
    const bool stops = kind == SlowPace::Kind::half_open;
    fields.optional("bytes", stops ? "So many bytes of the body are sent." : "So many bytes each time.",
                    &SlowPace::bytes, integer<std::uint64_t>(stops ? 0 : 1, most_slow_bytes));
    if (!stops) {
        fields.optional("every", "The time from one piece to the next.", &SlowPace::every, positive_duration());
    }
    fields.optional("for", "After this time the user goes on.", &SlowPace::length, positive_duration());
    fields.finally([kind](const Cursor&, SlowPace& pace) {
        pace.kind = kind;
        return true;
    });
    return table<SlowPace>(stops ? "a table such as { bytes = 100, for = \"5s\" }"
                                 : "a table such as { bytes = 1, every = \"1s\", for = \"30s\" }",
                           fields);
}

/// Such a step looks at nothing but whether a status came.
bool check_pace(const Cursor& cursor, Step& step)
{
    if (!http_of(step).pace) {
        return true;
    }
    bool ok = true;
    for (const auto* key : {"save", "expect", "follow_redirects"}) {
        if (cursor.has(key)) {
            cursor.at(key).report_at_key(
                fmt::format("{} does not go with a slow or half-open request, whose answer nobody judges", key));
            ok = false;
        }
    }
    return ok;
}

bool settle_content_type(const Cursor& cursor, Step& step)
{
    if (cursor.has("json")) {
        add_content_type(http_of(step), "application/json");
    } else if (cursor.has("form")) {
        add_content_type(http_of(step), "application/x-www-form-urlencoded");
    }
    return true;
}

/// "POST ${api}/login?x=1" → "POST /login".
std::string default_name(std::string_view request_line)
{
    const auto space = request_line.find(' ');
    if (space == std::string_view::npos) {
        return std::string(request_line);
    }
    const auto method = request_line.substr(0, space);
    auto path = trim(request_line.substr(space));
    if (path.starts_with("${")) {
        const auto end = path.find('}');
        path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    } else if (const auto scheme = path.find("://"); scheme != std::string_view::npos) {
        const auto host_end = path.find('/', scheme + 3);
        path.remove_prefix(host_end == std::string_view::npos ? path.size() : host_end);
    }
    path = path.substr(0, path.find('?'));
    return fmt::format("{} {}", method, path.empty() ? "/" : path);
}

} // namespace

/// Reads method and URL into a fresh HttpStep: it stands first among the keys.
ShapePtr<HttpStep> http_request_shape()
{
    StringRules<HttpStep> rules;
    rules.expected = request_expected;
    rules.schema = {{"pattern", fmt::format(R"(^({}) +\S)", fmt::join(methods, "|"))}};
    rules.keeps_environment = true;
    rules.parse = parse_request;
    return string_shape(std::move(rules));
}

ShapePtr<std::vector<std::pair<std::string, Template>>> http_headers_shape()
{
    return pairs_of(template_scalar(), header_name_key());
}

StepKind http_step()
{
    const auto body = [](Step& step) -> std::optional<Template>& { return http_of(step).body; };
    Fields<Step> fields([](Step& step) { step.action = HttpStep{}; });
    fields.required("http", "The request: method and URL.", http_of, http_request_shape());
    fields.optional(
        "headers", "Request headers.", [](Step & step) -> auto& { return http_of(step).headers; },
        http_headers_shape());
    fields.optional("json", "The body as JSON; ${…} inside its strings is escaped as JSON and stays a string.", body,
                    json_body());
    fields.optional("form", "The body as a form; what stands in the file is URL-encoded, what ${…} gives is not.", body,
                    form_body());
    fields.optional("body", "The body as text.", body, template_text());
    fields.optional(
        "follow_redirects", "How many redirects are followed.",
        [](Step& step) -> int& { return http_of(step).follow_redirects; }, integer(0, most_redirects));
    fields.optional("expect", "What the answer must be; without a status, any below 400.", &Step::expect,
                    expectation_shape());
    fields.optional("save", "Parts of the answer that become variables.", &Step::save, saves_shape());
    const auto pace = [](Step& step) -> std::optional<SlowPace>& { return http_of(step).pace; };
    fields.optional("slow_write", "The request is sent so slowly, on a connection of its own.", pace,
                    pace_shape(SlowPace::Kind::write));
    fields.optional("slow_read", "The answer is read so slowly, on a connection of its own.", pace,
                    pace_shape(SlowPace::Kind::read));
    fields.optional("half_open", "The request stops in its body, and the connection is neither used again nor closed.",
                    pace, pace_shape(SlowPace::Kind::half_open));
    fields.at_most_one({"slow_write", "slow_read", "half_open"});
    fields.finally(check_pace);
    fields.at_most_one({"json", "form", "body"});
    fields.finally(settle_content_type);
    return {"http", fields, default_name};
}

} // namespace squall::scenario
