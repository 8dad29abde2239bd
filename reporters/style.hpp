// What a piece of text means, and its colour on a terminal when colour is wanted.
#pragma once

#include <string>
#include <string_view>

namespace squall::reporters {

enum class Style { plain, strong, dim, good, bad, warning, good_badge, bad_badge, warning_badge };

/// Paints by ANSI codes (ECMA-48 SGR), or leaves the text alone. Both take the same columns.
class Painter {
public:
    explicit Painter(bool color) : color_(color) {}
    [[nodiscard]] std::string operator()(Style style, std::string_view text) const;

private:
    bool color_;
};

} // namespace squall::reporters
