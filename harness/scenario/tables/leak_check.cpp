// leak_check, declared_caps and gc: what a scenario says about the search for leaks.
#include "base/quantity.hpp"
#include "scenario/shapes/collections.hpp"
#include "scenario/shapes/scalars.hpp"
#include "scenario/tables/tables.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>

namespace squall::scenario {
namespace {

const std::vector<std::pair<std::string, LeakCheck>>& levels()
{
    static const std::vector<std::pair<std::string, LeakCheck>> all{
        {"quick", LeakCheck::quick}, {"standard", LeakCheck::standard}, {"certify", LeakCheck::certify}};
    return all;
}

// ---- declared_caps ----------------------------------------------------------------------------------------------

constexpr std::string_view cap_expected = "a number such as 100, or a size such as \"200MiB\"";

/// 100 or "200MiB", at least 0.
class CapShape final : public ShapeOf<DeclaredCap> {
public:
    [[nodiscard]] std::string expected() const override { return std::string(cap_expected); }

    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override
    {
        return {{"anyOf", boost::json::array{boost::json::object{{"type", "number"}, {"minimum", 0}},
                                             boost::json::object{{"type", "string"}}}}};
    }

    bool read(const Cursor& cursor, DeclaredCap& into) const override
    {
        into.place = cursor.key_place();
        const auto value = written(cursor);
        into.value = value.value_or(0);
        return value.has_value();
    }

private:
    static std::optional<double> written(const Cursor& cursor)
    {
        if (cursor.node().as<std::string>() != nullptr) {
            return size(cursor);
        }
        const auto* real = cursor.node().as<double>();
        const auto* whole = cursor.node().as<std::int64_t>();
        if (real == nullptr && whole == nullptr) {
            cursor.report_type(cap_expected);
            return std::nullopt;
        }
        const double number = real != nullptr ? *real : static_cast<double>(*whole);
        if (!(number >= 0) || number > 1e18) {
            cursor.report(fmt::format("{} is out of range; expected {}, at least 0", number, cap_expected));
            return std::nullopt;
        }
        return number;
    }

    static std::optional<double> size(const Cursor& cursor)
    {
        const auto text = cursor.text(cap_expected);
        if (!text) {
            return std::nullopt;
        }
        const auto bytes = parse_bytes(*text);
        if (!bytes) {
            cursor.report(fmt::format("\"{}\" is no size; expected {}", *text, cap_expected));
            return std::nullopt;
        }
        return static_cast<double>(bytes->bytes);
    }
};

bool is_word(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '_' || letter == '-';
    });
}

/// "postgres.connections", with labels behind it where wanted: "postgres.connections{user=x}".
bool is_gauge_name(std::string_view name)
{
    const auto labels = name.find('{');
    if (labels != std::string_view::npos && name.back() != '}') {
        return false;
    }
    auto rest = name.substr(0, labels);
    int parts = 1;
    for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
        if (!is_word(rest.substr(0, dot))) {
            return false;
        }
        rest.remove_prefix(dot + 1);
        ++parts;
    }
    return parts >= 2 && is_word(rest);
}

// ---- gc ---------------------------------------------------------------------------------------------------------

constexpr std::string_view hook_expected = "a request such as \"POST /debug/gc\", or a signal such as \"SIGUSR2\"";

/// Signals that a program may be asked to collect with. One that it does not handle ends it: that is not to be known
/// here.
constexpr std::array<std::pair<std::string_view, int>, 5> signals{
    {{"SIGUSR1", SIGUSR1}, {"SIGUSR2", SIGUSR2}, {"SIGHUP", SIGHUP}, {"SIGWINCH", SIGWINCH}, {"SIGURG", SIGURG}}};

Result<CollectHook> signal_named(const std::string& name)
{
    std::vector<std::string> known;
    for (const auto& [word, number] : signals) {
        if (word == name) {
            return CollectHook(CollectSignal{name, number});
        }
        known.emplace_back(word);
    }
    return fail("\"{}\" is no signal that is sent here{}", name, suggestion(name, known));
}

Result<CollectHook> parse_hook(const std::string& text)
{
    const auto space = text.find(' ');
    if (space == std::string::npos) {
        if (text.starts_with("SIG")) {
            return signal_named(text);
        }
        return fail("\"{}\" has neither a method nor the name of a signal; expected {}", text, hook_expected);
    }
    const auto method = text.substr(0, space);
    const auto path = text.substr(space + 1);
    if (method != "GET" && method != "POST") {
        return fail("\"{}\" is no method that is used here{}", method, suggestion(method, {"GET", "POST"}));
    }
    const bool has_space = std::any_of(path.begin(), path.end(), [](unsigned char letter) { return letter <= ' '; });
    if (!path.starts_with('/') || has_space) {
        return fail("\"{}\" is no path; expected one from the service's address on, such as \"/debug/gc\"", path);
    }
    return CollectHook(CollectRequest{method, path});
}

} // namespace

std::string_view to_string(LeakCheck level)
{
    return std::find_if(levels().begin(), levels().end(), [level](const auto& known) { return known.second == level; })
        ->first;
}

ShapePtr<LeakCheck> leak_check_shape()
{
    return one_of<LeakCheck>(levels());
}

ShapePtr<std::vector<DeclaredCap>> declared_caps_shape()
{
    const KeyRule gauge{"the name of a gauge in quotes such as \"postgres.connections\"",
                        R"(^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+(\{.*\})?$)", is_gauge_name};
    return keyed(ShapePtr<DeclaredCap>(std::make_shared<CapShape>()), &DeclaredCap::gauge, gauge);
}

ShapePtr<CollectHook> collect_hook_shape()
{
    StringRules<CollectHook> rules;
    rules.expected = hook_expected;
    rules.schema = {{"pattern", R"(^((GET|POST) /\S*|SIG[A-Z0-9]+)$)"}};
    rules.parse = [](const std::string& text, const Cursor&) { return parse_hook(text); };
    return string_shape(std::move(rules));
}

} // namespace squall::scenario
