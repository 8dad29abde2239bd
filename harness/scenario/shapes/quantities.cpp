// Numbers, shares and sizes.
#include "scenario/shapes/scalars.hpp"

namespace squall::scenario {
namespace {

std::optional<double> number_of(const Node& node)
{
    if (const auto* real = node.as<double>()) {
        return *real;
    }
    const auto* whole = node.as<std::int64_t>();
    return whole != nullptr ? std::optional(static_cast<double>(*whole)) : std::nullopt;
}

class NumberShape final : public ShapeOf<double> {
public:
    NumberShape(double low, double high, std::string expected) : low_(low), high_(high), expected_(std::move(expected))
    {}

    [[nodiscard]] std::string expected() const override { return expected_; }
    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override
    {
        return {{"type", "number"}, {"minimum", low_}, {"maximum", high_}};
    }
    bool read(const Cursor& cursor, double& into) const override
    {
        const auto written = number_of(cursor.node());
        if (!written) {
            cursor.report_type(expected());
            return false;
        }
        if (!(*written >= low_ && *written <= high_)) {
            cursor.report(fmt::format("{} is out of range; expected {}", *written, expected()));
            return false;
        }
        into = *written;
        return true;
    }
    [[nodiscard]] std::optional<boost::json::value> show(const double& value) const override
    {
        return boost::json::value(value);
    }

private:
    double low_;
    double high_;
    std::string expected_;
};

class RatioShape final : public ShapeOf<Ratio> {
public:
    [[nodiscard]] std::string expected() const override { return "a share such as \"50%\" or 0.5"; }
    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override
    {
        boost::json::object text{{"type", "string"}, {"pattern", R"(^[0-9]+(\.[0-9]+)? *%$)"}};
        boost::json::object number{{"type", "number"}, {"minimum", 0}, {"maximum", 1}};
        return {{"anyOf", boost::json::array{std::move(text), std::move(number)}}};
    }
    bool read(const Cursor& cursor, Ratio& into) const override
    {
        const auto written = number_of(cursor.node());
        if (written && *written >= 0 && *written <= 1) {
            into = Ratio::of(*written);
            return true;
        }
        if (written) {
            cursor.report(fmt::format("{} is out of range; expected {}", *written, expected()));
            return false;
        }
        const auto text = cursor.text(expected());
        if (!text) {
            return false;
        }
        const auto parsed = parse_ratio(*text);
        if (!parsed) {
            cursor.report(parsed.error().message);
            return false;
        }
        into = *parsed;
        return true;
    }
    [[nodiscard]] std::optional<boost::json::value> show(const Ratio& value) const override
    {
        return boost::json::value(value.value());
    }
};

} // namespace

ShapePtr<double> share()
{
    return std::make_shared<NumberShape>(0, 1, "a share from 0 to 1");
}

ShapePtr<double> number(double low, double high)
{
    return std::make_shared<NumberShape>(low, high, fmt::format("a number from {} to {}", low, high));
}

ShapePtr<Ratio> ratio()
{
    return std::make_shared<RatioShape>();
}

ShapePtr<ByteCount> size()
{
    StringRules<ByteCount> rules;
    rules.expected = "a size such as \"300MiB\"";
    rules.schema = {{"pattern", "^[0-9]+(\\.[0-9]+)? *([KMG]i?B|B)$"}};
    rules.parse = [](const std::string& text, const Cursor&) -> Result<ByteCount> {
        const auto bytes = parse_bytes(text);
        if (!bytes || bytes->bytes == 0) {
            return fail("\"{}\" is not a size above 0; expected a size such as \"300MiB\"", text);
        }
        return *bytes;
    };
    return string_shape(std::move(rules));
}

} // namespace squall::scenario
