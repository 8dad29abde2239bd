#include "reporters/page.hpp"

#include "reporters/text_width.hpp"

#include <algorithm>

namespace squall::reporters {
namespace {

constexpr std::size_t margin = 2;
constexpr std::size_t least_width = 40;

std::string rule(std::size_t columns)
{
    std::string line;
    for (std::size_t column = 0; column < columns; ++column) {
        line += "─";
    }
    return line;
}

} // namespace

Page::Page(std::size_t width, bool color) : width_(std::max(width, least_width)), paint_(color) {}

std::size_t Page::inner_width() const
{
    return width_ - margin;
}

void Page::line(std::string_view painted)
{
    text_.append(painted.empty() ? 0 : margin, ' ').append(painted).append("\n");
}

void Page::heading(std::string_view title, std::string_view detail)
{
    constexpr std::size_t least_rule = 3;
    const auto whole = printable(detail);
    const auto detail_width = whole.empty() ? 0 : display_width(whole) + 1;
    const auto title_width = display_width(title) + 1;
    const bool beside = title_width + least_rule + detail_width <= width_;
    const auto bar = rule(width_ - std::min(width_, title_width + (beside ? detail_width : 0)));
    text_ += '\n' + paint_(Style::strong, title) + ' ';
    text_ += paint_(Style::dim, beside && !whole.empty() ? bar + " " + whole : bar) + '\n';
    if (!beside) {
        paragraph(whole, Style::dim);
    }
}

void Page::table(const Table& table)
{
    for (const auto& one : table.lines(inner_width(), paint_)) {
        line(one);
    }
}

void Page::paragraph(std::string_view text, Style style)
{
    for (const auto& one : wrap(printable(text), inner_width())) {
        line(paint_(style, one));
    }
}

void Page::flow(const std::vector<Cell>& items)
{
    std::string current;
    std::size_t used = 0;
    for (const auto& item : items) {
        const auto text = cut_middle(printable(item.text), inner_width());
        if (used > 0 && used + 3 + display_width(text) > inner_width()) {
            line(current);
            current.clear();
            used = 0;
        }
        current += (used > 0 ? paint_(Style::dim, " · ") : "") + paint_(item.style, text);
        used += (used > 0 ? 3 : 0) + display_width(text);
    }
    line(current);
}

} // namespace squall::reporters
