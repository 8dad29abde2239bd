#include "scenario/bodies.hpp"

#include "scenario/shapes/collections.hpp"

#include <boost/json.hpp>

#include <cctype>
#include <cmath>

namespace squall::scenario {
namespace {

void append_literal(std::vector<Segment>& segments, std::string_view text)
{
    if (!segments.empty()) {
        if (auto* before = std::get_if<std::string>(&segments.back().content)) {
            before->append(text);
            return;
        }
    }
    segments.push_back({std::string(text), false});
}

std::string json_escaped(std::string_view text)
{
    const auto quoted = boost::json::serialize(boost::json::string(text));
    return quoted.substr(1, quoted.size() - 2);
}

/// What a string becomes differs: a template in a body, a constant in a comparison.
using WriteString = std::function<bool(const Cursor& at, const std::string& text, Template& out)>;

void append_text(Template& out, std::string_view text)
{
    out.source.append(text);
    append_literal(out.segments, text);
}

class JsonWriter {
public:
    JsonWriter(Template& out, WriteString write_string) : out_(out), write_string_(std::move(write_string)) {}

    bool write(const Cursor& at)
    {
        const auto& node = at.node();
        if (const auto* table = node.as<NodeTable>()) {
            return write_table(at, *table);
        }
        if (const auto* list = node.as<NodeList>()) {
            return write_list(at, *list);
        }
        if (const auto* text = node.as<std::string>()) {
            append_text(out_, "\"");
            const bool ok = write_string_(at, *text, out_);
            append_text(out_, "\"");
            return ok;
        }
        if (const auto* number = node.as<double>(); number != nullptr && !std::isfinite(*number)) {
            at.report(fmt::format("{} has no form in JSON; expected a finite number", scalar_text(node)));
            return false;
        }
        const bool is_moment = node.as<Moment>() != nullptr;
        append_text(out_, is_moment ? fmt::format("\"{}\"", scalar_text(node)) : scalar_text(node));
        return true;
    }

private:
    bool write_table(const Cursor& at, const NodeTable& table)
    {
        bool ok = true;
        const char* before = "{";
        for (const auto& entry : table.entries) {
            append_text(out_, fmt::format("{}\"{}\":", before, json_escaped(entry.key)));
            ok = write(at.child(entry)) && ok;
            before = ",";
        }
        append_text(out_, table.entries.empty() ? "{}" : "}");
        return ok;
    }

    bool write_list(const Cursor& at, const NodeList& list)
    {
        bool ok = true;
        append_text(out_, "[");
        for (std::size_t index = 0; index < list.items.size(); ++index) {
            append_text(out_, index == 0 ? "" : ",");
            ok = write(at.item(list.items[index], fmt::format("#{}", index + 1))) && ok;
        }
        append_text(out_, "]");
        return ok;
    }

    Template& out_;
    WriteString write_string_;
};

bool write_json_template(const Cursor& at, const std::string& text, Template& out)
{
    const auto parsed = read_template(text, at);
    if (!parsed) {
        return false;
    }
    out.source.append(json_escaped(text));
    for (const auto& segment : parsed->segments) {
        if (const auto* literal = std::get_if<std::string>(&segment.content)) {
            append_literal(out.segments, json_escaped(*literal));
        } else {
            out.segments.push_back({segment.content, true});
        }
    }
    return true;
}

bool write_json_constant(const Cursor& at, const std::string& text, Template& out)
{
    const auto expanded = at.expand_environment(text);
    append_text(out, json_escaped(expanded.value_or("")));
    return expanded.has_value();
}

class JsonBodyShape final : public ShapeOf<Template> {
public:
    [[nodiscard]] std::string expected() const override { return "a JSON document written as TOML"; }
    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override { return {}; }

    void merge(Node& base, const Cursor& overlay) const override
    {
        merge_tables(base, overlay, [this](std::string_view) { return this; });
    }

    bool read(const Cursor& cursor, Template& into) const override
    {
        into = Template{"", cursor.place(), {}};
        return JsonWriter(into, write_json_template).write(cursor);
    }
};

class JsonValueShape final : public ShapeOf<std::string> {
public:
    [[nodiscard]] std::string expected() const override { return "a JSON value written as TOML"; }
    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override { return {}; }

    bool read(const Cursor& cursor, std::string& into) const override
    {
        Template written;
        const bool ok = JsonWriter(written, write_json_constant).write(cursor);
        into = std::move(written.source);
        return ok;
    }
};

/// The application/x-www-form-urlencoded percent-encode set, with "+" for a space.
std::string form_encoded(std::string_view text)
{
    std::string encoded;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        const bool plain =
            byte < 0x80 && (std::isalnum(byte) != 0 || std::string_view("*-._").find(letter) != std::string_view::npos);
        if (plain) {
            encoded += letter;
        } else if (letter == ' ') {
            encoded += '+';
        } else {
            encoded += fmt::format("%{:02X}", byte);
        }
    }
    return encoded;
}

Template form_text(const Cursor& cursor, const std::vector<std::pair<std::string, Template>>& values)
{
    Template form{"", cursor.place(), {}};
    const char* before = "";
    for (const auto& [name, value] : values) {
        const auto start = fmt::format("{}{}=", before, form_encoded(name));
        append_text(form, start);
        form.source.append(value.source);
        for (const auto& segment : value.segments) {
            if (const auto* literal = std::get_if<std::string>(&segment.content)) {
                append_literal(form.segments, form_encoded(*literal));
            } else {
                form.segments.push_back(segment);
            }
        }
        before = "&";
    }
    return form;
}

} // namespace

ShapePtr<Template> json_body()
{
    return std::make_shared<JsonBodyShape>();
}

ShapePtr<Template> form_body()
{
    return converted<Template>(pairs_of(template_scalar()),
                               [](const Cursor& cursor, const std::vector<std::pair<std::string, Template>>& values) {
                                   return std::optional(form_text(cursor, values));
                               });
}

ShapePtr<std::string> json_value()
{
    return std::make_shared<JsonValueShape>();
}

} // namespace squall::scenario
