#include "reporters/style.hpp"

namespace squall::reporters {
namespace {

/// The terminal's own palette: it fits light and dark backgrounds alike.
std::string_view code_of(Style style)
{
    switch (style) {
    case Style::plain:
        return "";
    case Style::strong:
        return "1";
    case Style::dim:
        return "2";
    case Style::good:
        return "32";
    case Style::bad:
        return "1;31";
    case Style::warning:
        return "33";
    case Style::good_badge:
        return "1;7;32";
    case Style::bad_badge:
        return "1;7;31";
    case Style::warning_badge:
        return "1;7;33";
    }
    return "";
}

} // namespace

std::string Painter::operator()(Style style, std::string_view text) const
{
    const auto code = code_of(style);
    if (!color_ || code.empty() || text.empty()) {
        return std::string(text);
    }
    std::string painted = "\x1b[";
    return painted.append(code).append("m").append(text).append("\x1b[0m");
}

} // namespace squall::reporters
