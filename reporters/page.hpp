// A text page of a given width that sections are written to, one after the other.
#pragma once

#include "reporters/style.hpp"
#include "reporters/table.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace squall::reporters {

class Page {
public:
    /// Narrower than 40 columns is laid out as 40.
    Page(std::size_t width, bool color);

    /// A blank line, then a rule between the title and a detail that may be empty; a detail too long for the line
    /// stands below it.
    void heading(std::string_view title, std::string_view detail = {});
    void blank() { text_ += '\n'; }
    void table(const Table& table);
    /// Wrapped, one step in.
    void paragraph(std::string_view text, Style style = Style::plain);
    /// Items with " · " between, broken between items only.
    void flow(const std::vector<Cell>& items);
    /// A line that is already laid out and painted, one step in; raw_line: from the edge.
    void line(std::string_view painted);
    void raw_line(std::string_view painted) { text_.append(painted).append("\n"); }

    /// Whether long texts belong below their row rather than beside it.
    [[nodiscard]] bool narrow() const { return width_ < 80; }
    [[nodiscard]] std::size_t width() const { return width_; }
    /// Columns between the margin and the right edge.
    [[nodiscard]] std::size_t inner_width() const;
    [[nodiscard]] const Painter& paint() const { return paint_; }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::size_t width_;
    Painter paint_;
    std::string text_;
};

} // namespace squall::reporters
