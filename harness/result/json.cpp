#include "result/json.hpp"

#include "result/comparison_fields.hpp"
#include "result/json_read.hpp"
#include "result/json_schema.hpp"
#include "result/json_write.hpp"
#include "result/load_limit_fields.hpp"
#include "result/run_result_fields.hpp"

namespace squall::result {
namespace {

constexpr std::string_view schema_dialect = "https://json-schema.org/draft/2020-12/schema";

/// The format is judged before anything else: a newer writer may have changed every other member.
template <typename T>
Result<T> read_document(const boost::json::value& json, int newest_format, std::string_view what)
{
    struct FormatOnly {
        int format = 0;
    } head;
    detail::JsonReader head_reader;
    if (const auto* object = json.if_object()) {
        head_reader.read_member(*object, "format", head.format);
        if (!head_reader.error() && (head.format < 1 || head.format > newest_format)) {
            return fail("format: this is a {} of format {}, and this squall reads formats 1 to {}; "
                        "read it with the squall that wrote it, or a newer one",
                        what, head.format, newest_format);
        }
    }
    if (head_reader.error()) {
        return *head_reader.error();
    }
    T document;
    detail::JsonReader reader;
    reader.read(json, document);
    if (reader.error()) {
        return *reader.error();
    }
    return document;
}

template <typename T>
boost::json::value schema_document(std::string_view title)
{
    boost::json::object schema{{"$schema", schema_dialect}, {"title", title}};
    for (auto& member : detail::schema_of<T>()) {
        schema.emplace(member.key(), std::move(member.value()));
    }
    return schema;
}

} // namespace

boost::json::value to_json(const RunResult& result)
{
    return detail::write_value(result);
}

boost::json::value to_json(const Comparison& comparison)
{
    return detail::write_value(comparison);
}

boost::json::value to_json(const LoadLimit& limit)
{
    return detail::write_value(limit);
}

Result<RunResult> run_result_from_json(const boost::json::value& json)
{
    return read_document<RunResult>(json, run_result_format, "run result");
}

Result<Comparison> comparison_from_json(const boost::json::value& json)
{
    return read_document<Comparison>(json, comparison_format, "comparison");
}

Result<LoadLimit> load_limit_from_json(const boost::json::value& json)
{
    return read_document<LoadLimit>(json, load_limit_format, "load limit");
}

boost::json::value run_result_schema()
{
    return schema_document<RunResult>("The result of a squall run (result.json)");
}

boost::json::value comparison_schema()
{
    return schema_document<Comparison>("The comparison of two squall runs");
}

boost::json::value load_limit_schema()
{
    return schema_document<LoadLimit>("What squall find found (limit.json)");
}

} // namespace squall::result
