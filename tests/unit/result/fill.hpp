// Fills every described member of a struct with a value of its own, and counts the members of a struct: what no test
// of this room can then forget.
#pragma once

#include "result/describe.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace squall::result {

class Filler {
public:
    template <typename T>
    void fill(T& value)
    {
        const auto number = ++next_;
        if constexpr (Described<T>) {
            Members<T> members{*this, value};
            describe(members, Of<T>{});
        } else if constexpr (Worded<T>) {
            constexpr auto count = words(Of<T>{}).size();
            const auto now = static_cast<std::size_t>(value);
            value = static_cast<T>((now + 1 + number % (count - 1)) % count); // never the default
        } else if constexpr (ListOfValues<T>) {
            value.resize(2);
            fill(value[0]);
            fill(value[1]);
        } else if constexpr (MapByText<T>) {
            fill(value["key " + std::to_string(number)]);
            fill(value["another"]);
        } else if constexpr (MaybeValue<T>) {
            fill(value.emplace());
        } else if constexpr (std::same_as<T, bool>) {
            value = !value;
        } else if constexpr (std::floating_point<T>) {
            value = static_cast<double>(number) / 7;
        } else if constexpr (std::same_as<T, std::uint64_t>) {
            value = UINT64_MAX - number; // beyond what a signed number or a double can hold
        } else if constexpr (WholeNumber<T>) {
            value = -static_cast<T>(number);
        } else {
            value = "text \"" + std::to_string(number) + "\"\n\t → \\ é";
        }
    }

private:
    template <typename Struct>
    struct Members {
        Filler& filler;
        Struct& into;
        template <typename Member>
        void operator()(std::string_view /*name*/, Member Struct::*member, std::string_view /*doc*/)
        {
            filler.fill(into.*member);
        }
    };

    std::uint64_t next_ = 0;
};

// An aggregate has as many members as braces accept initializers. Two kinds of "anything", because a class such as
// std::optional<double> could be made from a number too and the choice would be ambiguous.
struct AnyNumber {
    template <typename T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
    operator T() const;
};
struct AnyClass {
    template <typename T>
    requires std::is_class_v<T>
    operator T() const;
};

template <typename T, typename... Before>
constexpr std::size_t count_members()
{
    if constexpr (requires { T{Before{}..., AnyClass{}}; }) { // first: a number would go into a nested struct's first
        return count_members<T, Before..., AnyClass>();
    } else if constexpr (requires { T{Before{}..., AnyNumber{}}; }) {
        return count_members<T, Before..., AnyNumber>();
    } else {
        return sizeof...(Before);
    }
}

struct CountDescribed {
    std::size_t count = 0;
    template <typename Struct, typename Member>
    void operator()(std::string_view /*name*/, Member Struct::*, std::string_view /*doc*/)
    {
        ++count;
    }
};

template <typename T>
std::size_t count_described()
{
    CountDescribed counter;
    describe(counter, Of<T>{});
    return counter.count;
}

} // namespace squall::result
