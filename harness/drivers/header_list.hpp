// The header fields of one message in one reusable piece of memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::drivers {

/// True when two header names are the same (ASCII letters without regard to case).
[[nodiscard]] bool same_name(std::string_view left, std::string_view right);

/// Fields in the order of arrival. clear() keeps the memory, so that a list that is used again allocates nothing.
class HeaderList {
public:
    void add(std::string_view name, std::string_view value);
    void clear();

    [[nodiscard]] std::size_t size() const { return fields_.size(); }
    [[nodiscard]] std::string_view name(std::size_t index) const;
    [[nodiscard]] std::string_view value(std::size_t index) const;

    /// The first field of that name. The view lives until the list is changed.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

private:
    struct Field {
        std::uint32_t start;
        std::uint32_t name_size;
        std::uint32_t value_size;
    };

    std::string text_;
    std::vector<Field> fields_;
};

} // namespace squall::drivers
