#include "scenario/node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace squall::scenario {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
// Clang 16 does not deduce an aggregate without it.
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::string with_fraction(double value)
{
    auto text = fmt::format("{}", value);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

} // namespace

const NodeEntry* NodeTable::find(std::string_view key) const
{
    const auto found =
        std::find_if(entries.begin(), entries.end(), [key](const NodeEntry& entry) { return entry.key == key; });
    return found == entries.end() ? nullptr : &*found;
}

NodeEntry* NodeTable::find(std::string_view key)
{
    return const_cast<NodeEntry*>(std::as_const(*this).find(key));
}

void NodeTable::erase(std::string_view key)
{
    std::erase_if(entries, [key](const NodeEntry& entry) { return entry.key == key; });
}

std::string describe(const Node& node)
{
    return std::visit(Overloaded{
                          [](const std::string& text) { return fmt::format("the string \"{}\"", text); },
                          [](std::int64_t number) { return fmt::format("an integer ({})", number); },
                          [](double number) { return fmt::format("a float ({})", with_fraction(number)); },
                          [](bool truth) { return fmt::format("a boolean ({})", truth); },
                          [](const Moment& moment) { return fmt::format("a date or time ({})", moment.text); },
                          [](const NodeList&) { return std::string("an array"); },
                          [](const NodeTable&) { return std::string("a table"); },
                      },
                      node.value);
}

std::string scalar_text(const Node& node)
{
    return std::visit(Overloaded{
                          [](const std::string& text) { return text; },
                          [](std::int64_t number) { return fmt::format("{}", number); },
                          [](double number) { return with_fraction(number); },
                          [](bool truth) { return fmt::format("{}", truth); },
                          [](const Moment& moment) { return moment.text; },
                          [](const NodeList&) { return std::string(); },
                          [](const NodeTable&) { return std::string(); },
                      },
                      node.value);
}

} // namespace squall::scenario
