// CSV files of users: RFC 4180 with a header line.
#pragma once

#include "scenario/place.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace squall::plan {

struct CsvContent {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows; // each as long as columns; at least one
};

/// Reads a CSV text: quoted fields ("" is a quote, line breaks allowed), LF or CRLF, a byte order mark and blank lines
/// ignored. The first thing wrong is a problem at `file`:line: a ragged row, a quote never closed, text after a closing
/// quote, an empty or repeated column name, no header, no rows.
[[nodiscard]] std::variant<CsvContent, scenario::Problem> read_csv(std::string_view text, const std::string& file);

} // namespace squall::plan
