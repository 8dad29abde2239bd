#include "base/text.hpp"
#include "slo/bound.hpp"
#include "slo/check.hpp"
#include "slo/metrics.hpp"
#include "slo/over.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace squall::slo {
namespace {

constexpr std::array comparators{Comparator::less_or_equal, Comparator::greater_or_equal,
                                 Comparator::equal,         Comparator::not_equal,
                                 Comparator::less,          Comparator::greater};

bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// ". Did you mean x?", or the whole list where nothing is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& known)
{
    const auto near = closest_match(word, known);
    return near ? fmt::format("did you mean \"{}\"?", *near) : fmt::format("known: {}", join(known, ", "));
}

/// Reads an expression from left to right; the first mistake ends it.
class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) { check_.expression = std::string(trim(text)); }

    Parsed parse()
    {
        for (const auto part : {&Parser::metric, &Parser::selector, &Parser::aggregation, &Parser::comparator,
                                &Parser::bound, &Parser::ending}) {
            skip_blanks();
            if (auto mistake = (this->*part)()) {
                return std::move(*mistake);
            }
        }
        return std::move(check_);
    }

private:
    using Step = std::optional<Mistake>;

    Step metric()
    {
        const auto column = at_;
        const auto name = take(is_word);
        if (name.empty()) {
            return Mistake{column, fmt::format("expected a metric; known: {}", join(metric_names(), ", "))};
        }
        info_ = find_metric(name);
        if (info_ == nullptr) {
            return Mistake{column, fmt::format("unknown metric \"{}\"; {}", name, suggestion(name, metric_names()))};
        }
        check_.metric = info_->metric;
        return std::nullopt;
    }

    Step selector()
    {
        if (!peek('[')) {
            return info_->selector_needed
                       ? wrong("expected \"[\" and the name of a gauge, as in {}[postgres.connections]", info_->name)
                       : Step{};
        }
        if (info_->selector == Selector::none) {
            return wrong("{} takes no name in brackets", info_->name);
        }
        const auto open = at_++;
        const auto close = closing_bracket();
        if (close == std::string_view::npos) {
            return Mistake{open, "this \"[\" is never closed"};
        }
        const auto inside = text_.substr(at_, close - at_);
        const auto name = trim(inside);
        if (name.empty()) {
            return Mistake{open, "there is no name in the brackets"};
        }
        check_.selector_column = at_ + inside.find(name);
        check_.selector = std::string(name);
        at_ = close + 1;
        return info_->selector == Selector::gauge ? divide() : Step{};
    }

    /// Names may hold brackets of their own: "GET /items?filter[kind]=1".
    [[nodiscard]] std::size_t closing_bracket() const
    {
        int depth = 1;
        for (auto at = at_; at < text_.size(); ++at) {
            depth += text_[at] == '[' ? 1 : (text_[at] == ']' ? -1 : 0);
            if (depth == 0) {
                return at;
            }
        }
        return std::string_view::npos;
    }

    /// gauge[a/b]: the first "/" outside of labels parts the two.
    Step divide()
    {
        int depth = 0;
        for (std::size_t i = 0; i < check_.selector.size(); ++i) {
            const char c = check_.selector[i];
            depth += c == '{' ? 1 : (c == '}' ? -1 : 0);
            if (c != '/' || depth > 0) {
                continue;
            }
            const auto column = check_.selector_column + i;
            if (check_.metric == Metric::leak) {
                return Mistake{column, "a share of two gauges cannot leak; name one gauge"};
            }
            const auto divisor = std::string(trim(check_.selector.substr(i + 1)));
            check_.divisor_column = column + 1 + check_.selector.substr(i + 1).find_first_not_of(' ');
            check_.selector = std::string(trim(check_.selector.substr(0, i)));
            if (divisor.empty() || check_.selector.empty()) {
                return Mistake{column, "a share needs a gauge on either side of \"/\""};
            }
            check_.divisor = divisor;
            return std::nullopt;
        }
        return std::nullopt;
    }

    Step aggregation()
    {
        const auto dot = at_;
        if (!peek('.')) {
            return info_->aggregations.empty()
                       ? Step{}
                       : wrong("{} needs an aggregation behind it: {}", info_->name, join(aggregation_names(), ", "));
        }
        ++at_;
        const auto column = at_;
        const auto name = take([](char c) { return is_word(c) || c == '.'; });
        if (info_->aggregations.empty()) {
            return Mistake{dot, fmt::format("{} takes no \".{}\"", info_->name, name)};
        }
        if (name == "growth" && !check_.divisor.empty()) {
            return Mistake{column, "a share of two gauges has no growth; name one gauge"};
        }
        for (const auto known : info_->aggregations) {
            if (known != Aggregation::percentile && name == name_of(known)) {
                check_.aggregation = known;
                return std::nullopt;
            }
            if (known == Aggregation::percentile && name.size() > 1 && name.front() == 'p' && is_digit(name[1])) {
                return percentile(name.substr(1), column);
            }
        }
        return Mistake{column,
                       fmt::format("unknown aggregation \"{}\"; {}", name, suggestion(name, aggregation_names()))};
    }

    Step percentile(std::string_view digits, std::size_t column)
    {
        auto rest = digits;
        const auto percent = take_number(rest);
        if (!percent || !rest.empty() || *percent <= 0 || *percent > 100) {
            return Mistake{column,
                           fmt::format("\"p{}\" is no percentile; above p0, at most p100, as p99 or p99.9", digits)};
        }
        check_.aggregation = Aggregation::percentile;
        check_.percentile = *percent;
        return std::nullopt;
    }

    Step comparator()
    {
        for (const auto known : comparators) {
            if (text_.substr(at_).starts_with(name_of(known))) {
                if (check_.metric == Metric::leak && known != Comparator::less && known != Comparator::less_or_equal) {
                    return wrong("a leak can only be shown to be small: use < or <=, not {}", name_of(known));
                }
                check_.comparator = known;
                at_ += name_of(known).size();
                return std::nullopt;
            }
        }
        return peek('=') ? wrong("to compare for equality write \"==\"")
                         : wrong("expected a comparison: < <= > >= == !=");
    }

    Step bound()
    {
        const auto column = at_;
        auto text = take([](char c) { return c != ' ' && c != '\t'; });
        return read_bound(text, column, check_);
    }

    Step ending()
    {
        const auto column = at_;
        const auto rest = trim(text_.substr(at_));
        if (rest.empty()) {
            return std::nullopt;
        }
        const auto word = take(is_word);
        if (word == "over") {
            skip_blanks();
            return read_over(trim(text_.substr(at_)), {column, at_}, check_);
        }
        if (check_.metric == Metric::leak && rest == "certified") {
            check_.certified = true;
            return std::nullopt;
        }
        const std::string expected = check_.metric == Metric::leak    ? "certified"
                                     : check_.metric == Metric::gauge ? ""
                                                                      : "over";
        const auto near = expected.empty() || word.empty() ? std::nullopt : closest_match(word, {expected});
        return Mistake{column, fmt::format("unexpected \"{}\" behind the bound{}", rest,
                                           near ? fmt::format("; did you mean \"{}\"?", *near) : "")};
    }

    [[nodiscard]] std::vector<std::string> aggregation_names() const
    {
        std::vector<std::string> names;
        for (const auto aggregation : info_->aggregations) {
            names.emplace_back(name_of(aggregation));
        }
        return names;
    }

    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    [[nodiscard]] bool peek(char c) const { return at_ < text_.size() && text_[at_] == c; }

    template <typename... Args>
    [[nodiscard]] Step wrong(fmt::format_string<Args...> format, Args&&... args) const
    {
        return Mistake{at_, fmt::format(format, std::forward<Args>(args)...)};
    }

    template <typename Accept>
    std::string_view take(Accept accept)
    {
        const auto begin = at_;
        while (at_ < text_.size() && accept(text_[at_])) {
            ++at_;
        }
        return text_.substr(begin, at_ - begin);
    }

    void skip_blanks()
    {
        take([](char c) { return c == ' ' || c == '\t'; });
    }

    std::string_view text_;
    std::size_t at_ = 0;
    const MetricInfo* info_ = nullptr;
    Check check_;
};

} // namespace

void throw_exception_from_error(const Mistake& mistake, const boost::source_location& /*where*/)
{
    throw std::runtime_error(mistake.message);
}

Parsed parse(std::string_view text)
{
    return Parser(text).parse();
}

bool holds(double measured, Comparator comparator, double bound)
{
    switch (comparator) {
    case Comparator::less:
        return measured < bound;
    case Comparator::less_or_equal:
        return measured <= bound;
    case Comparator::greater:
        return measured > bound;
    case Comparator::greater_or_equal:
        return measured >= bound;
    case Comparator::equal:
        return measured == bound;
    case Comparator::not_equal:
        return measured != bound;
    }
    return false;
}

} // namespace squall::slo
