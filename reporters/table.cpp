#include "reporters/table.hpp"

#include "reporters/text_width.hpp"

#include <algorithm>
#include <numeric>

namespace squall::reporters {
namespace {

constexpr std::size_t gap = 2;

std::string blanks(std::size_t count)
{
    return std::string(count, ' ');
}

} // namespace

void Table::add_row(std::vector<Cell> cells)
{
    cells.resize(columns_.size());
    for (auto& cell : cells) {
        cell.text = printable(cell.text);
    }
    rows_.push_back(Row{std::move(cells), false, 0});
}

void Table::add_note(std::string text, std::size_t indent, Style style)
{
    rows_.push_back(Row{{Cell{printable(text), style}}, true, indent});
}

std::size_t Table::natural_width(std::size_t column) const
{
    std::size_t widest = 0;
    for (const auto& row : rows_) {
        if (!row.note) {
            widest = std::max(widest, display_width(row.cells[column].text));
        }
    }
    return widest == 0 ? 0 : std::max(widest, display_width(columns_[column].title));
}

bool Table::shrink(std::vector<Shown>& shown, std::size_t width) const
{
    const auto total = [&] {
        return std::accumulate(shown.begin(), shown.end(), shown.empty() ? 0 : (shown.size() - 1) * gap,
                               [](std::size_t sum, const Shown& one) { return sum + one.width; });
    };
    for (const auto fit : {Fit::wrap, Fit::cut}) { // wrapping loses nothing
        while (total() > width) {
            Shown* widest = nullptr;
            for (auto& one : shown) {
                const auto& column = columns_[one.column];
                if (column.fit == fit && one.width > column.least && (!widest || one.width > widest->width)) {
                    widest = &one;
                }
            }
            if (widest == nullptr) {
                break;
            }
            --widest->width;
        }
    }
    return total() <= width;
}

bool Table::drop_one(std::vector<Shown>& shown) const
{
    const auto first_to_go = std::max_element(shown.begin(), shown.end(), [&](const Shown& left, const Shown& right) {
        return columns_[left.column].drop < columns_[right.column].drop;
    });
    if (first_to_go == shown.end() || columns_[first_to_go->column].drop == 0) {
        return false;
    }
    shown.erase(first_to_go);
    return true;
}

std::vector<Table::Shown> Table::layout(std::size_t width) const
{
    std::vector<Shown> kept;
    for (std::size_t column = 0; column < columns_.size(); ++column) {
        if (const auto natural = natural_width(column); natural > 0) {
            kept.push_back(Shown{column, natural});
        }
    }
    for (;;) {
        auto fitted = kept;
        if (shrink(fitted, width) || !drop_one(kept)) {
            return fitted;
        }
    }
}

void Table::write_row(const Row& row, const std::vector<Shown>& shown, const Painter& paint,
                      std::vector<std::string>& out) const
{
    std::vector<std::vector<std::string>> content;
    std::size_t height = 1;
    for (const auto& one : shown) {
        const auto& text = row.cells[one.column].text;
        content.push_back(
            columns_[one.column].fit == Fit::wrap
                ? wrap(text, one.width)
                : std::vector<std::string>{columns_[one.column].fit == Fit::cut ? cut_middle(text, one.width) : text});
        height = std::max(height, content.back().size());
    }
    for (std::size_t at = 0; at < height; ++at) {
        std::string line;
        std::size_t pending = 0; // blanks are written only before something that stands behind them
        for (std::size_t index = 0; index < shown.size(); ++index) {
            const auto text = at < content[index].size() ? content[index][at] : std::string();
            const auto used = display_width(text);
            const auto spare = shown[index].width - std::min(used, shown[index].width);
            const bool right = columns_[shown[index].column].align == Align::right;
            pending += right ? spare : 0;
            if (used > 0) {
                line += blanks(pending) + paint(row.cells[shown[index].column].style, text);
                pending = 0;
            }
            pending += (right ? 0 : spare) + gap;
        }
        out.push_back(std::move(line));
    }
}

std::vector<std::string> Table::lines(std::size_t width, const Painter& paint) const
{
    const auto shown = layout(width);
    std::vector<std::string> out;
    const bool titled =
        std::any_of(shown.begin(), shown.end(), [&](const Shown& one) { return !columns_[one.column].title.empty(); });
    if (titled) {
        Row titles;
        for (const auto& column : columns_) {
            titles.cells.push_back(Cell{column.title, Style::dim});
        }
        write_row(titles, shown, paint, out);
    }
    for (const auto& row : rows_) {
        if (!row.note) {
            write_row(row, shown, paint, out);
            continue;
        }
        for (const auto& line : wrap(row.cells.front().text, width > row.indent ? width - row.indent : 1)) {
            out.push_back(blanks(row.indent) + paint(row.cells.front().style, line));
        }
    }
    return out;
}

} // namespace squall::reporters
