#include "drivers/header_list.hpp"

#include <algorithm>

namespace squall::drivers {
namespace {

char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

} // namespace

bool same_name(std::string_view left, std::string_view right)
{
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

void HeaderList::add(std::string_view name, std::string_view value)
{
    fields_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                       static_cast<std::uint32_t>(value.size())});
    text_.append(name);
    text_.append(value);
}

void HeaderList::clear()
{
    text_.clear();
    fields_.clear();
}

std::string_view HeaderList::name(std::size_t index) const
{
    const auto& field = fields_.at(index);
    return std::string_view(text_).substr(field.start, field.name_size);
}

std::string_view HeaderList::value(std::size_t index) const
{
    const auto& field = fields_.at(index);
    return std::string_view(text_).substr(field.start + field.name_size, field.value_size);
}

std::optional<std::string_view> HeaderList::find(std::string_view wanted) const
{
    for (std::size_t index = 0; index < fields_.size(); ++index) {
        if (same_name(name(index), wanted)) {
            return value(index);
        }
    }
    return std::nullopt;
}

} // namespace squall::drivers
