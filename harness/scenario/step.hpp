// The steps of a user as plain values: one struct a kind, and what they share.
#pragma once

#include "base/time.hpp"
#include "scenario/place.hpp"
#include "scenario/text_template.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace squall::scenario {

/// Status codes accepted: exact (200), or a class ("2xx").
struct StatusMatch {
    int first = 200;
    int last = 299;
};

struct HeaderExpectation {
    std::string name;
    std::string pattern; // regular expression, searched
};

struct JsonExpectation {
    std::string pointer; // RFC 6901
    enum class Kind { present, string, number, boolean, array, object, null, equals, matches };
    Kind kind = Kind::present;
    std::string value; // equals: serialized JSON; matches: regular expression on the text
};

/// What an answer must be; without `status`, any status below 400.
struct Expectation {
    std::vector<StatusMatch> status;
    std::vector<HeaderExpectation> headers;
    std::vector<std::string> body; // regular expressions, each found somewhere in the body
    std::vector<JsonExpectation> json;
    std::optional<int> rows;          // exactly so many
    std::optional<std::string> error; // regular expression: the server must refuse, with this text
};

/// Keeps a part of the answer as a variable of the user.
struct Save {
    Place place;
    std::string name;
    enum class Source { json, header, regex, column };
    Source source = Source::json;
    std::string argument; // JSON pointer, header name, column, or a regular expression whose first group is kept
};

/// The request sent, or its answer read, as a service fears it.
struct SlowPace {
    enum class Kind { write, read, half_open };
    Kind kind = Kind::write;
    std::uint64_t bytes = 1; // each time; half_open: of the body, before the silence
    Duration every = std::chrono::seconds(1);
    Duration length = std::chrono::seconds(30);
};

struct HttpStep {
    std::string method; // upper case
    Template url;
    std::vector<std::pair<std::string, Template>> headers;
    std::optional<Template> body; // json and form are turned into their text here, with the content type set in headers
    int follow_redirects = 0;
    std::optional<SlowPace> pace;
};

/// Which connection a step of PostgreSQL or Redis goes over.
struct ConnectionUse {
    enum class Kind { of_user, per_call, shared };
    Kind kind = Kind::of_user;
    int shared = 0; // so many in an engine thread
};

/// Commands that are sent at once, their replies awaited together; or a subscription.
struct RedisStep {
    std::vector<std::vector<Template>> commands; // words
    int repeat = 1;
    bool transaction = false; // between MULTI and EXEC
    int messages = 0;         // of a subscription, which the command then is: so many are waited for
    Template server;
    int resp = 2;
    ConnectionUse connection;
};

/// A time drawn uniformly; low == high is a constant.
struct DurationRange {
    Duration low{};
    Duration high{};
};

/// A WebSocket: opened, held, left.
struct WebSocketStep {
    Template url;
    std::vector<std::pair<std::string, Template>> headers;
    std::vector<std::string> subprotocols;
    bool deflate = false;
    std::optional<DurationRange> hold; // without it the step is over when all that it waits for has come
    /// What is said on it.
    struct Say {
        Place place;
        std::optional<Duration> every; // without it once
        bool binary = false;
        Template payload;
        bool echo = false; // each message is answered by one that holds its ${ws.id}
    };
    std::optional<Say> say;
    std::optional<Duration> ping_every;
    bool reads = true;
    /// What must come.
    std::optional<std::string> first_message; // regular expression
    int messages = 0;                         // at least
    /// Shares of the ways to leave; their sum is 1.
    struct Leave {
        double normal = 1; // with the closing handshake
        double abrupt = 0; // with RST
        double vanish = 0; // without a word: the socket stays, nobody reads it
    };
    Leave leave;
    struct Reconnect {
        int attempts = 5;
        DurationRange backoff{std::chrono::milliseconds(100), std::chrono::seconds(5)};
    };
    std::optional<Reconnect> reconnect;
};

/// What a PostgreSQL step does with connections rather than with a statement: the ways in which services exhaust
/// them.
struct PostgresPattern {
    enum class Kind { none, hoard, idle_in_transaction, nested_acquire, storm };
    Kind kind = Kind::none;
    int connections = 0; // hoard
    Duration length{};   // how long it holds what it took
    Duration every{};    // storm: at the next full multiple of this time
};

/// One statement, and the values of its $1, $2, ….
struct PostgresStatement {
    Template sql;
    std::vector<Template> parameters;
};

/// What a COPY … FROM STDIN is given: one line, rendered anew each time.
struct PostgresCopy {
    int rows = 1;
    Template row;
};

/// Notifications of a channel that are waited for.
struct PostgresListen {
    Template channel;
    int notifications = 1;           // 0: only to be subscribed from now on
    std::optional<Template> payload; // those that hold this text; the others do not count
};

struct PostgresStep {
    std::vector<PostgresStatement> statements; // several: sent as one pipeline; none: a pattern, or listening
    PostgresPattern pattern;
    std::optional<PostgresListen> listen;
    Template database; // a libpq URL or keyword string
    ConnectionUse connection;
    bool prepared = false;
    int pipeline = 1; // how often the statements are sent before the first answer is read
    std::optional<PostgresCopy> copy;
    std::optional<Duration> statement_timeout;
};

/// A message of JSON-RPC 2.0, over a child's stdin and stdout or by POST; or the end of such a server.
struct RpcStep {
    enum class Kind { call, notification, stop };
    Kind kind = Kind::call;
    Template method;
    Template server;                // the name of a stdio service, or a URL; empty: the only stdio service
    std::optional<Template> params; // JSON
    std::vector<std::pair<std::string, Template>> headers; // of the POST
    double killed = 0;                                     // stop: the share that is killed; the others are asked
};

struct Step;

/// "${status} == done". Alone, a text is true unless it is empty, "0" or "false".
struct Condition {
    enum class Comparison {
        is_true,
        equal,
        not_equal,
        less,
        less_or_equal,
        greater,
        greater_or_equal,
        contains,
        matches
    };
    Template left;
    Comparison comparison = Comparison::is_true;
    Template right; // matches: a regular expression, constant
};

/// Steps that order other steps. They send nothing and have no figures of their own.
struct GroupStep {
    std::vector<Step> steps;
};
struct RepeatStep {
    Template times;
    std::optional<Condition> condition; // looked at before each round
    std::vector<Step> steps;
};
struct IfStep {
    Condition condition;
    std::vector<Step> steps;
    std::vector<Step> otherwise;
};
struct ChooseStep {
    struct Way {
        std::string name;
        int weight = 1;
        std::vector<Step> steps;
    };
    std::vector<Way> ways;
};
struct PauseStep {
    DurationRange length;
};
struct EndStep {}; // of the iteration

template <typename Kind>
inline constexpr bool orders_steps =
    std::is_same_v<Kind, GroupStep> || std::is_same_v<Kind, RepeatStep> || std::is_same_v<Kind, IfStep> ||
    std::is_same_v<Kind, ChooseStep> || std::is_same_v<Kind, PauseStep> || std::is_same_v<Kind, EndStep>;

/// Asks for an answer that did not come in time: again and again until it is as expected.
struct Poll {
    HttpStep request;
    Duration every = std::chrono::seconds(1);
    Duration length = std::chrono::seconds(10);
    Expectation expect;
};

/// What follows a step that failed.
struct Reaction {
    enum class Kind { end_iteration, go_on, poll, steps };
    Kind kind = Kind::end_iteration;
    std::optional<Poll> poll;
    std::vector<Step> steps; // and then the step behind the failed one
};

struct Step {
    Place place;
    std::string name; // default: "METHOD /path"
    std::variant<HttpStep, WebSocketStep, PostgresStep, RedisStep, RpcStep, GroupStep, RepeatStep, IfStep, ChooseStep,
                 PauseStep, EndStep>
        action;
    Duration timeout = std::chrono::seconds(30);
    Expectation expect;
    std::vector<Save> save;
    Reaction on_error;
    std::optional<Reaction> on_timeout; // without it a timeout is an error as any other
};

/// Whether the step speaks to a service, or orders other steps.
[[nodiscard]] bool sends(const Step& step);
/// The steps that send something, also those inside other steps and reactions, in the order of the file.
[[nodiscard]] std::vector<const Step*> sending_steps(const std::vector<Step>& steps);

} // namespace squall::scenario
