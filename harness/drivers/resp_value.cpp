#include "drivers/resp_value.hpp"

#include "base/assert.hpp"

#include <boost/json.hpp>

#include <charconv>
#include <cmath>

namespace squall::drivers {
namespace {

namespace json = boost::json;

constexpr int deepest = 32;
constexpr std::size_t line_end_bytes = 2;
constexpr std::size_t verbatim_kind_bytes = 4; // "txt:"

struct Line {
    char type = 0;
    std::string_view text;
};

Line take_line(std::string_view& bytes)
{
    const auto end = bytes.find("\r\n");
    SQUALL_ASSERT(end != std::string_view::npos && end > 0);
    const Line line{bytes.front(), bytes.substr(1, end - 1)};
    bytes.remove_prefix(end + line_end_bytes);
    return line;
}

std::int64_t number(std::string_view text)
{
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

json::value decimal(std::string_view text)
{
    double value = 0;
    const auto* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    const bool plain = error == std::errc{} && end == last && std::isfinite(value);
    return plain ? json::value(value) : json::value(json::string(text));
}

std::string_view take_payload(std::string_view& bytes, std::int64_t length)
{
    const auto size = static_cast<std::size_t>(length);
    SQUALL_ASSERT(bytes.size() >= size + line_end_bytes);
    const auto payload = bytes.substr(0, size);
    bytes.remove_prefix(size + line_end_bytes);
    return payload;
}

/// Reads values one inside the other; `too_deep_` is the only thing that can be wrong.
class Builder {
public:
    explicit Builder(std::string_view& bytes) : bytes_(bytes) {}

    json::value read(int depth)
    {
        if (depth > deepest) {
            too_deep_ = true;
            return nullptr;
        }
        auto line = take_line(bytes_);
        while (line.type == '|') {
            for (auto left = 2 * number(line.text); left > 0 && !too_deep_; --left) {
                read(depth + 1);
            }
            if (too_deep_) {
                return nullptr;
            }
            line = take_line(bytes_);
        }
        return read_value(line, depth);
    }
    [[nodiscard]] bool too_deep() const { return too_deep_; }

private:
    json::value read_value(Line line, int depth)
    {
        switch (line.type) {
        case ':':
            return number(line.text);
        case '#':
            return line.text == "t";
        case ',':
            return decimal(line.text);
        case '_':
            return nullptr;
        case '-':
            return json::object{{"error", line.text}};
        case '$':
        case '=':
        case '!':
            return read_bulk(line);
        case '%':
            return read_map(number(line.text), depth);
        case '*':
        case '~':
        case '>':
            return read_list(number(line.text), depth);
        default: // + and (
            return json::string(line.text);
        }
    }

    json::value read_bulk(Line line)
    {
        const auto length = number(line.text);
        if (length < 0) {
            return nullptr;
        }
        auto payload = take_payload(bytes_, length);
        if (line.type == '!') {
            return json::object{{"error", payload}};
        }
        if (line.type == '=' && payload.size() >= verbatim_kind_bytes) {
            payload.remove_prefix(verbatim_kind_bytes);
        }
        return json::string(payload);
    }

    json::value read_list(std::int64_t count, int depth)
    {
        if (count < 0) {
            return nullptr;
        }
        json::array list;
        for (std::int64_t at = 0; at < count && !too_deep_; ++at) {
            list.push_back(read(depth + 1));
        }
        return list;
    }

    json::value read_map(std::int64_t count, int depth)
    {
        json::object map;
        for (std::int64_t at = 0; at < count && !too_deep_; ++at) {
            const auto key = read(depth + 1);
            if (too_deep_) {
                break;
            }
            map[key.is_string() ? std::string(key.get_string()) : json::serialize(key)] = read(depth + 1);
        }
        return map;
    }

    std::string_view& bytes_;
    bool too_deep_ = false;
};

} // namespace

Result<json::value> take_reply(std::string_view& bytes, bool messages)
{
    for (;;) {
        const bool is_message = bytes.starts_with('>');
        Builder builder(bytes);
        auto value = builder.read(0);
        if (builder.too_deep()) {
            return fail("the reply is nested deeper than {}", deepest);
        }
        if (!is_message || messages) {
            return value;
        }
    }
}

} // namespace squall::drivers
