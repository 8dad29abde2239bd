#include "support.hpp"

using namespace squall::scenario;
using namespace squall::scenario::testing;
using namespace std::chrono_literals;

namespace {

/// The keys of the step begin in line 5.
std::string with_step(const std::string& keys)
{
    return "[[user]]\nname = \"u\"\narrival = { closed = 1 }\n[[user.step]]\n" + keys;
}

Step step_of(const std::string& keys)
{
    return parsed(with_step(keys)).users.at(0).steps.at(0);
}

HttpStep http_of(const std::string& keys)
{
    return std::get<HttpStep>(step_of(keys).action);
}

/// Text and names, those inside JSON marked.
std::string shown(const Template& text)
{
    std::string all;
    for (const auto& segment : text.segments) {
        if (const auto* literal = std::get_if<std::string>(&segment.content)) {
            all += *literal;
        } else if (const auto* reference = std::get_if<Reference>(&segment.content)) {
            all += (segment.inside_json ? "<json " : "<") + reference->name + ">";
        } else {
            all += segment.inside_json ? "<json generator>" : "<generator>";
        }
    }
    return all;
}

} // namespace

TEST_CASE("a step is called by method and path when it has no name")
{
    CHECK(step_of("http = \"GET ${api}/meals?page=2\"\n").name == "GET /meals");
    CHECK(step_of("http = \"GET ${api}\"\n").name == "GET /");
    CHECK(step_of("http = \"PUT http://127.0.0.1:80/a/${id}\"\n").name == "PUT /a/${id}");
    CHECK(step_of("http = \"GET ${api}/\"\nname = \"home\"\n").name == "home");
}

TEST_CASE("a request is a method and a URL")
{
    const auto http = http_of("http = \"DELETE ${api}/meals/${id}\"\nfollow_redirects = 3\n");
    CHECK(http.method == "DELETE");
    CHECK(shown(http.url) == "<api>/meals/<id>");
    CHECK(http.url.place.line == 5);
    CHECK(http.follow_redirects == 3);
    CHECK(
        problems(with_step("http = \"${api}/login\"\n")) ==
        Lines{"s.toml:5:8: user[u].step[${api}/login].http: \"${api}/login\" is not a request; expected a method and a "
              "URL such as \"POST ${api}/login\""});
    CHECK(problems(with_step("http = \"post ${api}/\"\n")) ==
          Lines{"s.toml:5:8: user[u].step[post /].http: unknown HTTP method \"post\"; did you mean \"POST\"?"});
    CHECK(
        problems(with_step("http = \"GET ${api/\"\nname = \"x\"\n")) ==
        Lines{"s.toml:5:8: user[u].step[x].http: opens a \"${\" that is never closed; expected ${name}, or $${ for the "
              "letters themselves"});
}

TEST_CASE("a step without an action is a problem")
{
    const auto found = problems(with_step("name = \"x\"\n"));
    REQUIRE(found.size() == 1);
    CHECK(found[0].starts_with(
        "s.toml:4:1: user[u].step[x]: the action is missing; expected exactly one of the keys http,"));
}

TEST_CASE("a JSON body keeps strings strings and marks what must be escaped")
{
    const auto http =
        http_of("http = \"POST ${api}/\"\njson = { a = \"${x}\", b = [1, 2.5, true, \"q\\\"${uuid}\"], c = "
                "{ \"k\\n\" = \"v\" } }\n");
    CHECK(shown(*http.body) ==
          "{\"a\":\"<json x>\",\"b\":[1,2.5,true,\"q\\\"<json generator>\"],\"c\":{\"k\\n\":\"v\"}}");
    REQUIRE(http.headers.size() == 1);
    CHECK(http.headers[0].first == "content-type");
    CHECK(shown(http.headers[0].second) == "application/json");
}

TEST_CASE("a problem inside a JSON body is told at its string")
{
    CHECK(problems(with_step("http = \"POST ${api}/\"\n[user.step.json]\na = 1\nb = [\"${}\"]\nc = inf\n")) ==
          Lines{"s.toml:8:6: user[u].step[POST /].json.b[#1]: ${} is not the name of a variable; expected letters, "
                "digits, \"_\", \"-\" and \".\"",
                "s.toml:9:5: user[u].step[POST /].json.c: inf has no form in JSON; expected a finite number"});
}

TEST_CASE("a content type that is given stays")
{
    const auto http =
        http_of("http = \"POST ${api}/\"\njson = {}\nheaders = { Content-Type = \"application/merge-patch+json\" }\n");
    REQUIRE(http.headers.size() == 1);
    CHECK(shown(http.headers[0].second) == "application/merge-patch+json");
    CHECK(shown(*http.body) == "{}");
}

TEST_CASE("a form is URL-encoded where it is constant")
{
    const auto http =
        http_of("http = \"POST ${api}/\"\nform = { \"full name\" = \"Ann & Bö\", id = \"${id}\", n = 3 }\n");
    CHECK(shown(*http.body) == "full+name=Ann+%26+B%C3%B6&id=<id>&n=3");
    CHECK(shown(http.headers.at(0).second) == "application/x-www-form-urlencoded");
}

TEST_CASE("a step has at most one body")
{
    CHECK(
        problems(with_step("http = \"POST ${api}/\"\njson = {}\nbody = \"x\"\n")) ==
        Lines{"s.toml:7:1: user[u].step[POST /].body: does not go together with \"json\"; expected one of json, form, "
              "body"});
}

TEST_CASE("headers keep their order and have names that HTTP allows")
{
    const auto http = http_of("http = \"GET ${api}/\"\nheaders = { z = \"1\", a = \"Bearer ${token}\" }\n");
    REQUIRE(http.headers.size() == 2);
    CHECK(http.headers[0].first == "z");
    CHECK(shown(http.headers[1].second) == "Bearer <token>");
    CHECK(
        problems(with_step("http = \"GET ${api}/\"\nheaders = { \"a b\" = \"1\" }\n")) ==
        Lines{"s.toml:6:13: user[u].step[GET /].headers.\"a b\": \"a b\" cannot be a key here; expected the name of a "
              "header (RFC 9110 section 5.1)"});
}

TEST_CASE("a status is a code, a class, or several of these")
{
    const auto several = step_of("http = \"GET ${api}/\"\nexpect = { status = [200, \"3xx\"] }\n").expect.status;
    REQUIRE(several.size() == 2);
    CHECK(several[0].first == 200);
    CHECK(several[0].last == 200);
    CHECK(several[1].first == 300);
    CHECK(several[1].last == 399);
    CHECK(step_of("http = \"GET ${api}/\"\nexpect = { status = 204 }\n").expect.status.size() == 1);
    CHECK(step_of("http = \"GET ${api}/\"\n").expect.status.empty());
    CHECK(
        problems(with_step("http = \"GET ${api}/\"\nexpect = { status = [200, \"2x\", 99] }\n")) ==
        Lines{"s.toml:6:27: user[u].step[GET /].expect.status[#2]: found the string \"2x\"; expected a status such as "
              "200 or \"2xx\"",
              "s.toml:6:33: user[u].step[GET /].expect.status[#3]: 99 is out of range; expected a status from 100 to "
              "599"});
}

TEST_CASE("what JSON must hold is a type, a value or a comparison")
{
    using Kind = JsonExpectation::Kind;
    const auto json =
        step_of("http = \"GET ${api}/\"\nexpect.json = { \"/a\" = \"string\", \"/b\" = 3, \"/c\" = \"ok\", "
                "\"/d\" = { equals = [1, \"string\"] }, \"/e\" = { matches = \"^a+$\" }, \"\" = "
                "\"object\" }\n")
            .expect.json;
    REQUIRE(json.size() == 6);
    CHECK(json[0].pointer == "/a");
    CHECK(json[0].kind == Kind::string);
    CHECK(json[1].kind == Kind::equals);
    CHECK(json[1].value == "3");
    CHECK(json[2].value == "\"ok\"");
    CHECK(json[3].kind == Kind::equals);
    CHECK(json[3].value == "[1,\"string\"]");
    CHECK(json[4].kind == Kind::matches);
    CHECK(json[4].value == "^a+$");
    CHECK(json[5].pointer.empty());
    CHECK(json[5].kind == Kind::object);
}

TEST_CASE("pointers and regular expressions are checked when the file is read")
{
    const auto lines = problems(with_step("http = \"GET ${api}/\"\n"
                                          "[user.step.expect]\n"
                                          "body = \"(\"\n"
                                          "json = { token = \"string\", \"/x\" = { matches = \"[\" } }\n"
                                          "headers = { etag = \"*\" }\n"
                                          "[user.step.save]\n"
                                          "a = \"json:token\"\n"
                                          "b = \"regex:id=[0-9]+\"\n"
                                          "c = \"cookie:x\"\n"
                                          "d = \"header:\"\n"
                                          "e = \"json:/a~2\"\n"));
    REQUIRE(lines.size() == 9);
    const std::string step = "user[u].step[GET /].";
    CHECK_THAT(lines[0], Catch::Matchers::StartsWith("s.toml:7:8: " + step + "expect.body: \"(\" is not a regular "));
    CHECK(lines[1] ==
          "s.toml:8:10: " + step +
              "expect.json.token: \"token\" cannot be a key here; expected a JSON pointer such as \"/token\"");
    CHECK_THAT(lines[2],
               Catch::Matchers::StartsWith("s.toml:8:47: " + step + "expect.json.\"/x\".matches: \"[\" is not"));
    CHECK_THAT(lines[3], Catch::Matchers::StartsWith("s.toml:9:20: " + step + "expect.headers.etag: \"*\" is not a"));
    CHECK(lines[4] == "s.toml:11:5: " + step + "save.a: \"token\" is not a JSON pointer; did you mean \"/token\"?");
    CHECK(lines[5] ==
          "s.toml:12:5: " + step + "save.b: \"id=[0-9]+\" has no group; expected ( ) around the part to keep");
    CHECK(lines[6] ==
          "s.toml:13:5: " + step +
              "save.c: \"cookie:x\" does not say what to keep; expected \"json:/pointer\", \"header:name\" or "
              "\"regex:pattern with one ( )\"");
    CHECK(lines[7] == "s.toml:14:5: " + step + "save.d: the header has no name; expected \"header:name\"");
    CHECK(lines[8] == "s.toml:15:5: " + step +
                          "save.e: \"/a~2\" is not a JSON pointer; expected \"~0\" for \"~\" and \"~1\" for \"/\"");
}

TEST_CASE("what is saved has a name, a source and an argument")
{
    const auto save =
        step_of("http = \"GET ${api}/\"\nsave = { token = \"json:/token\", next = \"header:location\", id = "
                "\"regex:id=([0-9]+)\" }\n")
            .save;
    REQUIRE(save.size() == 3);
    CHECK(save[0].name == "token");
    CHECK(save[0].source == Save::Source::json);
    CHECK(save[0].argument == "/token");
    CHECK(save[0].place.line == 6);
    CHECK(save[1].source == Save::Source::header);
    CHECK(save[1].argument == "location");
    CHECK(save[2].source == Save::Source::regex);
    CHECK(save[2].argument == "id=([0-9]+)");
}

TEST_CASE("values of the environment are escaped inside JSON and kept out of the source")
{
    ParseOptions options;
    options.environment = [](const std::string&) { return std::optional<std::string>("a\"b${c}"); };
    const auto scenario = parsed(with_step("http = \"POST ${api}/\"\njson = { p = \"${env.P}\" }\n"), options);
    const auto& body = *std::get<HttpStep>(scenario.users.at(0).steps.at(0).action).body;
    CHECK(shown(body) == R"({"p":"a\"b${c}"})");
    CHECK(body.source == R"({"p":"${env.P}"})");
}

TEST_CASE("a request may be slow or half open, in one way")
{
    const auto writing = http_of("http = \"POST ${api}/\"\nslow_write = { bytes = 3, every = \"2s\", for = \"9s\" }\n");
    REQUIRE(writing.pace);
    CHECK(writing.pace->kind == SlowPace::Kind::write);
    CHECK(writing.pace->bytes == 3);
    CHECK(writing.pace->every == 2s);
    CHECK(writing.pace->length == 9s);
    CHECK(http_of("http = \"GET ${api}/\"\nslow_read = {}\n").pace->kind == SlowPace::Kind::read);
    CHECK(http_of("http = \"POST ${api}/\"\nhalf_open = { bytes = 0 }\n").pace->kind == SlowPace::Kind::half_open);
    CHECK_FALSE(http_of("http = \"GET ${api}/\"\n").pace);
    CHECK(problems(with_step("http = \"GET ${api}/\"\nslow_read = {}\nhalf_open = {}\n")).size() == 1);
    CHECK(problems(with_step("http = \"GET ${api}/\"\nslow_read = {}\nexpect = { status = 200 }\n")) ==
          Lines{"s.toml:7:1: user[u].step[GET /].expect: expect does not go with a slow or half-open request, whose "
                "answer nobody judges"});
}
