// Described types → JSON Schema (draft 2020-12). Private to this room; callers use json.hpp.
#pragma once

#include "result/describe.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string_view>

namespace squall::result::detail {

template <typename T>
[[nodiscard]] boost::json::object schema_of();

template <typename Struct>
struct SchemaMember {
    boost::json::object& properties;
    boost::json::array& required;

    template <typename Member>
    void operator()(std::string_view name, Member Struct::*, std::string_view doc) const
    {
        auto schema = schema_of<Member>();
        schema["description"] = doc;
        properties.emplace(name, std::move(schema));
        if constexpr (!MaybeValue<Member>) {
            required.emplace_back(name);
        }
    }
};

template <Described T>
[[nodiscard]] boost::json::object schema_of_struct()
{
    boost::json::object properties;
    boost::json::array required;
    const SchemaMember<T> member{properties, required};
    describe(member, Of<T>{});
    return {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

template <Worded T>
[[nodiscard]] boost::json::object schema_of_words()
{
    boost::json::array accepted;
    for (const auto word : words(Of<T>{})) {
        accepted.emplace_back(word);
    }
    return {{"type", "string"}, {"enum", std::move(accepted)}};
}

template <typename T>
boost::json::object schema_of()
{
    if constexpr (Described<T>) {
        return schema_of_struct<T>();
    } else if constexpr (Worded<T>) {
        return schema_of_words<T>();
    } else if constexpr (ListOfValues<T>) {
        return {{"type", "array"}, {"items", schema_of<typename T::value_type>()}};
    } else if constexpr (MapByText<T>) {
        return {{"type", "object"}, {"additionalProperties", schema_of<typename T::mapped_type>()}};
    } else if constexpr (MaybeValue<T>) {
        if constexpr (std::floating_point<typename T::value_type>) {
            return schema_of<typename T::value_type>();
        } else {
            return {{"anyOf", {schema_of<typename T::value_type>(), {{"type", "null"}}}}};
        }
    } else if constexpr (WholeNumber<T>) {
        boost::json::object schema{{"type", "integer"}};
        if constexpr (std::unsigned_integral<T>) {
            schema["minimum"] = 0;
        }
        return schema;
    } else if constexpr (std::floating_point<T>) {
        return {{"type", {"number", "null"}}}; // null: not finite, or an optional without a value
    } else if constexpr (std::same_as<T, bool>) {
        return {{"type", "boolean"}};
    } else {
        static_assert(std::same_as<T, std::string>, "a member of a type that JSON cannot hold");
        return {{"type", "string"}};
    }
}

} // namespace squall::result::detail
