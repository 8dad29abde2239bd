#include "base/text.hpp"
#include "refkit/limiter/pressure_shedder.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace squall::refkit {
namespace {

std::optional<std::uint64_t> number_of(std::string_view text)
{
    text = trim(text);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::string text_of(const std::string& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::uint64_t inactive_file_of(std::string_view stat)
{
    constexpr std::string_view key = "inactive_file ";
    for (const auto& line : split(stat, '\n')) {
        if (line.starts_with(key)) {
            return number_of(std::string_view(line).substr(key.size())).value_or(0);
        }
    }
    return 0;
}

} // namespace

std::optional<ByteCount> resident_of_statm(std::string_view text, ByteCount page)
{
    const auto parts = split(trim(text), ' ');
    const auto pages = parts.size() < 2 ? std::nullopt : number_of(parts[1]);
    return pages ? std::optional(ByteCount{*pages * page.bytes}) : std::nullopt;
}

std::optional<MemoryUse> use_of_cgroup(std::string_view current, std::string_view max, std::string_view stat)
{
    const auto used = number_of(current);
    const auto limit = number_of(max);
    if (!used || !limit) {
        return std::nullopt;
    }
    const auto cache = std::min(*used, inactive_file_of(stat));
    return MemoryUse{{*used - cache}, {*limit}};
}

MemoryReader process_memory(ByteCount limit)
{
    const ByteCount page{static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE))};
    return [limit, page]() -> std::optional<MemoryUse> {
        const auto resident = resident_of_statm(text_of("/proc/self/statm"), page);
        return resident ? std::optional(MemoryUse{*resident, limit}) : std::nullopt;
    };
}

MemoryReader cgroup_memory(std::string directory)
{
    return [directory = std::move(directory)] {
        return use_of_cgroup(text_of(directory + "/memory.current"), text_of(directory + "/memory.max"),
                             text_of(directory + "/memory.stat"));
    };
}

} // namespace squall::refkit
