#include "base/quantity.hpp"

#include "base/text.hpp"

#include <array>
#include <cmath>

namespace squall {
namespace {

struct Unit {
    std::string_view name;
    double factor;
};

constexpr std::array<Unit, 5> rate_units{
    {{"ms", 1000}, {"s", 1}, {"m", 1.0 / 60}, {"h", 1.0 / 3600}, {"min", 1.0 / 60}}};
constexpr std::array<Unit, 8> byte_units{{{"B", 1},
                                          {"KB", 1e3},
                                          {"MB", 1e6},
                                          {"GB", 1e9},
                                          {"KiB", 1024},
                                          {"MiB", 1024.0 * 1024},
                                          {"GiB", 1024.0 * 1024 * 1024},
                                          {"TiB", 1024.0 * 1024 * 1024 * 1024}}};

template <std::size_t N>
const Unit* find_unit(const std::array<Unit, N>& units, std::string_view name)
{
    for (const auto& unit : units) {
        if (unit.name == name) {
            return &unit;
        }
    }
    return nullptr;
}

} // namespace

Result<Rate> parse_rate(std::string_view text)
{
    const auto wrong =
        fail("\"{}\" is not a rate; expected a count per time such as \"200/s\", \"90/m\" or \"1000/h\"", text);
    std::string_view rest = text;
    const auto count = take_number(rest);
    if (!count || rest.empty() || rest.front() != '/') {
        return wrong;
    }
    const auto* unit = find_unit(rate_units, rest.substr(1));
    if (unit == nullptr) {
        return wrong;
    }
    return Rate::per_second(*count * unit->factor);
}

Result<Ratio> parse_ratio(std::string_view text)
{
    std::string_view rest = text;
    auto share = take_number(rest);
    if (share && rest == "%") {
        *share /= 100;
        rest = {};
    }
    if (!share || !rest.empty() || *share > 1) {
        return fail("\"{}\" is not a share; expected a percentage such as \"0.1%\" or a number from 0 to 1", text);
    }
    return Ratio::of(*share);
}

Result<ByteCount> parse_bytes(std::string_view text)
{
    std::string_view rest = text;
    const auto count = take_number(rest);
    const auto* unit = count ? find_unit(byte_units, trim(rest)) : nullptr;
    if (unit == nullptr || *count * unit->factor > 9e18) {
        return fail("\"{}\" is not a size; expected bytes with a unit such as \"512B\", \"10KB\" or \"64MiB\"", text);
    }
    return ByteCount{static_cast<std::uint64_t>(std::llround(*count * unit->factor))};
}

std::string format_rate(Rate rate)
{
    const double count = rate.per_second();
    return (count >= 1000 ? format_thousands(std::llround(count)) : format_significant(count)) + "/s";
}

std::string format_ratio(Ratio ratio)
{
    return format_significant(ratio.value() * 100) + "%";
}

std::string format_bytes(ByteCount bytes)
{
    const double count = static_cast<double>(bytes.bytes);
    if (count < 1024) {
        return fmt::format("{} B", bytes.bytes);
    }
    if (count < 1024.0 * 1024) {
        return fmt::format("{:.1f} KiB", count / 1024);
    }
    if (count < 1024.0 * 1024 * 1024) {
        return fmt::format("{:.1f} MiB", count / (1024.0 * 1024));
    }
    return fmt::format("{:.2f} GiB", count / (1024.0 * 1024 * 1024));
}

} // namespace squall
