#include "scenario/command_words.hpp"

#include <optional>

namespace squall::scenario {
namespace {

bool is_blank(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
}

std::optional<unsigned> hex_digit(char letter)
{
    if (letter >= '0' && letter <= '9') {
        return static_cast<unsigned>(letter - '0');
    }
    const char lower = static_cast<char>(letter | 0x20);
    return lower >= 'a' && lower <= 'f' ? std::optional(static_cast<unsigned>(lower - 'a') + 10U) : std::nullopt;
}

/// Reads one word after the other off the text.
class WordReader {
public:
    explicit WordReader(std::string_view text) : rest_(text) {}

    /// Nothing at the end of the text.
    Result<std::optional<std::string>> next()
    {
        while (!rest_.empty() && is_blank(rest_.front())) {
            rest_.remove_prefix(1);
        }
        if (rest_.empty()) {
            return std::optional<std::string>();
        }
        std::string word;
        while (!rest_.empty() && !is_blank(rest_.front())) {
            const char letter = rest_.front();
            if (rest_.starts_with("${")) {
                copy_reference(word);
            } else if (letter == '"' || letter == '\'') {
                const bool closed = letter == '"' ? copy_double_quoted(word) : copy_single_quoted(word);
                if (!closed) {
                    return fail("a {} quote is not closed", letter == '"' ? "double" : "single");
                }
                if (!rest_.empty() && !is_blank(rest_.front())) {
                    return fail("a closing quote is followed by \"{}\"; expected a blank", rest_.substr(0, 1));
                }
            } else {
                word += letter;
                rest_.remove_prefix(1);
            }
        }
        return std::optional(std::move(word));
    }

private:
    /// A "${" that is never closed is the template's to report.
    void copy_reference(std::string& word)
    {
        const auto end = rest_.find('}');
        const auto size = end == std::string_view::npos ? rest_.size() : end + 1;
        word.append(rest_.substr(0, size));
        rest_.remove_prefix(size);
    }

    bool copy_double_quoted(std::string& word)
    {
        rest_.remove_prefix(1);
        while (!rest_.empty()) {
            if (rest_.starts_with("${")) {
                copy_reference(word);
            } else if (rest_.front() == '"') {
                rest_.remove_prefix(1);
                return true;
            } else if (rest_.front() == '\\' && rest_.size() > 1) {
                copy_escape(word);
            } else {
                word += rest_.front();
                rest_.remove_prefix(1);
            }
        }
        return false;
    }

    void copy_escape(std::string& word)
    {
        const auto high = rest_.size() > 3 && rest_[1] == 'x' ? hex_digit(rest_[2]) : std::nullopt;
        const auto low = high ? hex_digit(rest_[3]) : std::nullopt;
        if (low) {
            word += static_cast<char>(*high * 16U + *low);
            rest_.remove_prefix(4);
            return;
        }
        constexpr std::string_view letters = "nrtba";
        constexpr std::string_view meanings = "\n\r\t\b\a";
        const auto known = letters.find(rest_[1]);
        word += known == std::string_view::npos ? rest_[1] : meanings[known];
        rest_.remove_prefix(2);
    }

    bool copy_single_quoted(std::string& word)
    {
        rest_.remove_prefix(1);
        while (!rest_.empty()) {
            if (rest_.starts_with("${")) {
                copy_reference(word);
                continue;
            }
            const bool escaped = rest_.starts_with("\\'");
            if (escaped) {
                rest_.remove_prefix(1);
            }
            const char letter = rest_.front();
            rest_.remove_prefix(1);
            if (letter == '\'' && !escaped) {
                return true;
            }
            word += letter;
        }
        return false;
    }

    std::string_view rest_;
};

} // namespace

Result<std::vector<std::string>> split_command(std::string_view text)
{
    std::vector<std::string> words;
    WordReader reader(text);
    for (;;) {
        auto word = reader.next();
        if (!word) {
            return word.error();
        }
        if (!*word) {
            return words;
        }
        words.push_back(std::move(**word));
    }
}

} // namespace squall::scenario
