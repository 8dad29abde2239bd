// TOML values as texts for the wire: JSON and form bodies, and the JSON values that answers are compared with.
#pragma once

#include "scenario/shapes/shape.hpp"
#include "scenario/text_template.hpp"

#include <string>

namespace squall::scenario {

/// Any TOML value → JSON text (RFC 8259). ${…} inside a string is a segment with inside_json; "${x}" stays a string.
[[nodiscard]] ShapePtr<Template> json_body();

/// A table → application/x-www-form-urlencoded (WHATWG URL standard, 5.2). Names and constant parts are encoded; what
/// ${…} gives is put in as it is.
[[nodiscard]] ShapePtr<Template> form_body();

/// Any TOML value → serialized JSON, ${env.NAME} expanded and other ${…} left alone.
[[nodiscard]] ShapePtr<std::string> json_value();

} // namespace squall::scenario
