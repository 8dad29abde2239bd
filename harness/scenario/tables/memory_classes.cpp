// memory_classes.SERVICE: from how many bytes on its memory is worth a warning.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

auto threshold(ByteCount MemoryThresholds::*member)
{
    return [member](MemoryClasses& classes) -> ByteCount& { return classes.thresholds.*member; };
}

bool check_order(const Cursor& cursor, MemoryClasses& classes)
{
    const auto& [warning, critical, emergency] = classes.thresholds;
    bool ok = true;
    const auto expect_above = [&](const char* higher, ByteCount above, const char* lower, ByteCount below) {
        if (above <= below) {
            cursor.at(higher).report(
                fmt::format("{} ({}) is not above {} ({}); expected warning < critical < emergency", higher,
                            format_bytes(above), lower, format_bytes(below)));
            ok = false;
        }
    };
    expect_above("critical", critical, "warning", warning);
    expect_above("emergency", emergency, "critical", critical);
    return ok;
}

} // namespace

ShapePtr<std::vector<MemoryClasses>> memory_classes_shape()
{
    Fields<MemoryClasses> fields;
    fields.required("warning", "Class 1 from this size on.", threshold(&MemoryThresholds::warning), size());
    fields.required("critical", "Class 2 from this size on.", threshold(&MemoryThresholds::critical), size());
    fields.required("emergency", "Class 3 from this size on.", threshold(&MemoryThresholds::emergency), size());
    fields.finally(check_order);
    return keyed(
        ShapePtr<MemoryClasses>(table<MemoryClasses>(
            "a table such as { warning = \"300MiB\", critical = \"400MiB\", emergency = \"480MiB\" }", fields)),
        &MemoryClasses::service, identifier_key());
}

} // namespace squall::scenario
