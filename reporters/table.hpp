// A text table: columns aligned by the width they take on a terminal, fitted to a line. Pure.
//
// When it is too wide, in this order: columns that wrap shrink, then columns that may be cut, the widest first and down
// to their least width; then columns that may be dropped go, the highest `drop` first. Columns without any content are
// not shown.
#pragma once

#include "reporters/style.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace squall::reporters {

enum class Align { left, right };

/// What a column may do with a text that is too long: nothing, lose its middle, or take more lines.
enum class Fit { keep, cut, wrap };

struct Column {
    std::string title;
    Align align = Align::left;
    Fit fit = Fit::keep;
    std::size_t least = 12; // columns on the terminal that a cut or wrapped column keeps at least
    int drop = 0;           // 0: never dropped
};

struct Cell {
    std::string text; // made printable when added
    Style style = Style::plain;
};

class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// Missing cells at the end are empty.
    void add_row(std::vector<Cell> cells);

    /// A line of its own below the last row, over the whole table, wrapped, `indent` columns in.
    void add_note(std::string text, std::size_t indent = 0, Style style = Style::plain);

    [[nodiscard]] bool empty() const { return rows_.empty(); }

    /// Lines of at most `width` columns where that is possible, without blanks at their ends; titles first, if any.
    [[nodiscard]] std::vector<std::string> lines(std::size_t width, const Painter& paint) const;

private:
    struct Row {
        std::vector<Cell> cells;
        bool note = false;
        std::size_t indent = 0;
    };
    struct Shown {
        std::size_t column = 0;
        std::size_t width = 0;
    };

    [[nodiscard]] std::vector<Shown> layout(std::size_t width) const;
    [[nodiscard]] std::size_t natural_width(std::size_t column) const;
    [[nodiscard]] bool shrink(std::vector<Shown>& shown, std::size_t width) const;
    [[nodiscard]] bool drop_one(std::vector<Shown>& shown) const;
    void write_row(const Row& row, const std::vector<Shown>& shown, const Painter& paint,
                   std::vector<std::string>& out) const;

    std::vector<Column> columns_;
    std::vector<Row> rows_;
};

} // namespace squall::reporters
