// Boost.JSON → described values, with the path of what is wrong. Private to this room; callers use json.hpp.
#pragma once

#include "base/result.hpp"
#include "result/describe.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <fmt/ranges.h>

#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace squall::result::detail {

/// "the text \"fast\"", "the number -3", "a list": what stands where something else was expected.
[[nodiscard]] std::string found_in(const boost::json::value& json);

/// Reads one document; keeps the first error and its path, and reads nothing after it.
class JsonReader {
public:
    template <typename T>
    void read(const boost::json::value& json, T& into);

    [[nodiscard]] const std::optional<Error>& error() const { return error_; }

    template <typename T>
    void read_member(const boost::json::object& object, std::string_view name, T& into)
    {
        if (error_) {
            return;
        }
        const auto before = path_.size();
        path_ += path_.empty() ? "" : ".";
        path_ += name;
        if (const auto* found = object.if_contains(name)) {
            read(*found, into);
        } else if constexpr (!MaybeValue<T>) {
            refuse("is missing");
        }
        path_.resize(before);
    }

private:
    void refuse(std::string_view what);
    void expected(std::string_view what, const boost::json::value& found);

    template <Described T>
    void read_struct(const boost::json::value& json, T& into);
    template <Worded T>
    void read_word(const boost::json::value& json, T& into);
    template <typename T>
    void read_list(const boost::json::value& json, std::vector<T>& into);
    template <typename T>
    void read_map(const boost::json::value& json, std::map<std::string, T>& into);
    template <WholeNumber T>
    void read_whole(const boost::json::value& json, T& into);
    void read_number(const boost::json::value& json, double& into);
    void read_bool(const boost::json::value& json, bool& into);
    void read_text(const boost::json::value& json, std::string& into);

    std::string path_;
    std::optional<Error> error_;
};

template <typename Struct>
struct ReadMember {
    JsonReader& reader;
    const boost::json::object& from;
    Struct& to;

    template <typename Member>
    void operator()(std::string_view name, Member Struct::*member, std::string_view /*doc*/) const
    {
        reader.read_member(from, name, to.*member);
    }
};

template <typename T>
void JsonReader::read(const boost::json::value& json, T& into)
{
    if constexpr (Described<T>) {
        read_struct(json, into);
    } else if constexpr (Worded<T>) {
        read_word(json, into);
    } else if constexpr (ListOfValues<T>) {
        read_list(json, into);
    } else if constexpr (MapByText<T>) {
        read_map(json, into);
    } else if constexpr (MaybeValue<T>) {
        json.is_null() ? into.reset() : read(json, into.emplace());
    } else if constexpr (WholeNumber<T>) {
        read_whole(json, into);
    } else if constexpr (std::same_as<T, double>) {
        read_number(json, into);
    } else if constexpr (std::same_as<T, bool>) {
        read_bool(json, into);
    } else {
        read_text(json, into);
    }
}

template <Described T>
void JsonReader::read_struct(const boost::json::value& json, T& into)
{
    const auto* object = json.if_object();
    if (object == nullptr) {
        return expected("an object", json);
    }
    const ReadMember<T> member{*this, *object, into};
    describe(member, Of<T>{});
}

template <Worded T>
void JsonReader::read_word(const boost::json::value& json, T& into)
{
    constexpr auto accepted = words(Of<T>{});
    if (const auto* text = json.if_string()) {
        for (std::size_t at = 0; at < accepted.size(); ++at) {
            if (std::string_view(*text) == accepted[at]) {
                into = static_cast<T>(at);
                return;
            }
        }
    }
    expected(fmt::format("one of {}", fmt::join(accepted, ", ")), json);
}

template <typename T>
void JsonReader::read_list(const boost::json::value& json, std::vector<T>& into)
{
    const auto* array = json.if_array();
    if (array == nullptr) {
        return expected("a list", json);
    }
    into.clear();
    into.reserve(array->size());
    const auto before = path_.size();
    for (std::size_t at = 0; at < array->size() && !error_; ++at) {
        path_ += fmt::format("[{}]", at);
        read((*array)[at], into.emplace_back());
        path_.resize(before);
    }
}

template <typename T>
void JsonReader::read_map(const boost::json::value& json, std::map<std::string, T>& into)
{
    const auto* object = json.if_object();
    if (object == nullptr) {
        return expected("an object", json);
    }
    into.clear();
    for (const auto& member : *object) {
        const std::string key(member.key());
        read_member(*object, key, into[key]);
    }
}

template <WholeNumber T>
void JsonReader::read_whole(const boost::json::value& json, T& into)
{
    boost::system::error_code inexact;
    const auto number = json.is_number() ? json.to_number<T>(inexact) : T{};
    if (!json.is_number() || inexact) {
        return expected(
            fmt::format("a whole number from {} to {}", std::numeric_limits<T>::min(), std::numeric_limits<T>::max()),
            json);
    }
    into = number;
}

} // namespace squall::result::detail
