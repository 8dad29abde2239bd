#include "plan/data_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace squall::plan {
namespace {

struct Record {
    int line = 0; // where it starts
    std::vector<std::string> fields;
};

/// Takes one record after the other off the text.
class CsvReader {
public:
    CsvReader(std::string_view text, const std::string& file) : rest_(text), file_(file)
    {
        constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
        if (rest_.starts_with(byte_order_mark)) {
            rest_.remove_prefix(byte_order_mark.size());
        }
    }

    /// False at the end of the text or at a problem.
    bool next(Record& record)
    {
        skip_blank_lines();
        if (rest_.empty() || problem_) {
            return false;
        }
        record.line = line_;
        record.fields.clear();
        do {
            record.fields.push_back(take_field());
        } while (!problem_ && take(','));
        take_line_end();
        return !problem_;
    }

    [[nodiscard]] const std::optional<scenario::Problem>& problem() const { return problem_; }

    [[nodiscard]] scenario::Problem problem_at(int line, std::string message) const
    {
        return {{file_, line, 1, "data"}, std::move(message)};
    }

private:
    bool take(char wanted)
    {
        if (!rest_.starts_with(wanted)) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    bool take_line_end()
    {
        if (rest_.starts_with("\r\n")) {
            rest_.remove_prefix(2);
        } else if (!take('\n')) {
            return false;
        }
        ++line_;
        return true;
    }

    void skip_blank_lines()
    {
        while (take_line_end()) {
        }
    }

    std::string take_field() { return take('"') ? take_quoted() : take_plain(); }

    std::string take_plain()
    {
        auto end = std::min(rest_.find_first_of(",\n"), rest_.size());
        if (end > 0 && end < rest_.size() && rest_[end] == '\n' && rest_[end - 1] == '\r') {
            --end;
        }
        std::string field(rest_.substr(0, end));
        rest_.remove_prefix(end);
        return field;
    }

    std::string take_quoted()
    {
        const int opened = line_;
        std::string field;
        for (;;) {
            const auto quote = rest_.find('"');
            const auto part = rest_.substr(0, quote);
            field.append(part);
            line_ += static_cast<int>(std::count(part.begin(), part.end(), '\n'));
            if (quote == std::string_view::npos) {
                problem_ = problem_at(opened, "a quote is opened and never closed; close it with \"");
                return field;
            }
            rest_.remove_prefix(quote + 1);
            if (!take('"')) {
                break;
            }
            field.push_back('"');
        }
        const bool over = rest_.empty() || rest_.front() == ',' || rest_.front() == '\n' || rest_.starts_with("\r\n");
        if (!over) {
            problem_ = problem_at(line_, "text follows a closing quote; write a quote inside a field as \"\"");
        }
        return field;
    }

    std::string_view rest_;
    std::string file_;
    int line_ = 1;
    std::optional<scenario::Problem> problem_;
};

std::optional<std::string> wrong_with_columns(const std::vector<std::string>& columns)
{
    for (auto column = columns.begin(); column != columns.end(); ++column) {
        if (column->empty()) {
            return fmt::format("column {} of the header line has no name", column - columns.begin() + 1);
        }
        if (std::find(columns.begin(), column, *column) != column) {
            return fmt::format("the header line names the column \"{}\" twice", *column);
        }
    }
    return std::nullopt;
}

} // namespace

std::variant<CsvContent, scenario::Problem> read_csv(std::string_view text, const std::string& file)
{
    CsvReader reader(text, file);
    Record record;
    if (!reader.next(record)) {
        return reader.problem() ? *reader.problem()
                                : reader.problem_at(1, "the file is empty; expected a header line with column names");
    }
    CsvContent content;
    content.columns = record.fields;
    if (auto wrong = wrong_with_columns(content.columns)) {
        return reader.problem_at(record.line, std::move(*wrong));
    }
    while (reader.next(record)) {
        if (record.fields.size() != content.columns.size()) {
            return reader.problem_at(
                record.line, fmt::format("this row has {} field{}; the header line has {}", record.fields.size(),
                                         record.fields.size() == 1 ? "" : "s", content.columns.size()));
        }
        content.rows.push_back(record.fields);
    }
    if (reader.problem()) {
        return *reader.problem();
    }
    if (content.rows.empty()) {
        return reader.problem_at(record.line, "the file has a header line and no rows; add at least one row");
    }
    return content;
}

} // namespace squall::plan
