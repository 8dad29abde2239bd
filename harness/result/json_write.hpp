// Described values → Boost.JSON. Private to this room; callers use json.hpp.
#pragma once

#include "result/describe.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cmath>
#include <string_view>

namespace squall::result::detail {

template <typename T>
[[nodiscard]] boost::json::value write_value(const T& value);

template <typename Struct>
struct WriteMember {
    const Struct& from;
    boost::json::object& to;

    template <typename Member>
    void operator()(std::string_view name, Member Struct::*member, std::string_view /*doc*/) const
    {
        to.emplace(name, write_value(from.*member));
    }
};

template <typename T>
boost::json::value write_value(const T& value)
{
    if constexpr (Described<T>) {
        boost::json::object object;
        const WriteMember<T> write{value, object};
        describe(write, Of<T>{});
        return object;
    } else if constexpr (Worded<T>) {
        return boost::json::string(word_of(value));
    } else if constexpr (ListOfValues<T>) {
        boost::json::array array;
        array.reserve(value.size());
        for (const auto& element : value) {
            array.push_back(write_value(element));
        }
        return array;
    } else if constexpr (MapByText<T>) {
        boost::json::object object;
        for (const auto& [key, element] : value) {
            object.emplace(key, write_value(element));
        }
        return object;
    } else if constexpr (MaybeValue<T>) {
        return value ? write_value(*value) : boost::json::value(nullptr);
    } else if constexpr (std::floating_point<T>) {
        return std::isfinite(value) ? boost::json::value(value) : boost::json::value(nullptr);
    } else {
        return boost::json::value(value);
    }
}

} // namespace squall::result::detail
