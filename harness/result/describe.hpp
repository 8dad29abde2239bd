// How a struct of this room describes itself, once, for writing, reading and the schema.
//
//   template <typename Visitor> void describe(Visitor& member, Of<Stamp>)
//   {
//       member("at_seconds", &Stamp::at_seconds, "Seconds since the start of the run.");
//   }
//   // in the order of the enumerators
//   constexpr auto words(Of<SloOutcome>) { return std::to_array<std::string_view>({"met", …}); }
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace squall::result {

/// Chooses the overload of describe() and words() without an object.
template <typename T>
using Of = std::type_identity<T>;

namespace detail {

struct IgnoreMember {
    template <typename Struct, typename Member>
    void operator()(std::string_view, Member Struct::*, std::string_view) const
    {}
};

template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <typename T>
struct IsTextMap : std::false_type {};
template <typename T>
struct IsTextMap<std::map<std::string, T>> : std::true_type {};

} // namespace detail

/// A struct with a describe().
template <typename T>
concept Described = requires(detail::IgnoreMember& ignore)
{
    describe(ignore, Of<T>{});
};

/// An enumeration with words(), whose enumerators count from 0.
template <typename T>
concept Worded = std::is_enum_v<T> && requires
{
    words(Of<T>{});
};

template <typename T>
concept ListOfValues = detail::IsVector<T>::value;

template <typename T>
concept MaybeValue = detail::IsOptional<T>::value;

template <typename T>
concept MapByText = detail::IsTextMap<T>::value;

template <typename T>
concept WholeNumber = std::integral<T> && !std::same_as<T, bool>;

/// The word of an enumerator, as it stands in JSON.
template <Worded T>
[[nodiscard]] constexpr std::string_view word_of(T value)
{
    return words(Of<T>{})[static_cast<std::size_t>(value)];
}

} // namespace squall::result
