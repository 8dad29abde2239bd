// Judges an answer against a step's expectations and takes values out of it. Pure.
#pragma once

#include "drivers/header_list.hpp"
#include "measure/outcome.hpp"
#include "plan/plan.hpp"
#include "plan/render.hpp"

#include <boost/json/fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace squall::engine {

/// An answer as the checks see it.
struct AnswerView {
    int status = 0;
    const drivers::HeaderList* headers = nullptr; // null: none
    std::string_view body;
    const boost::json::value* document = nullptr; // the body, where it is a value already

    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const
    {
        return headers == nullptr ? std::nullopt : headers->find(name);
    }
};

/// What was wrong with an answer; `kind` none means nothing.
struct CheckOutcome {
    measure::ErrorKind kind = measure::ErrorKind::none;
    std::string text;
};

/// The first unmet expectation in the order status, headers, body, JSON; then the saves, which write into `memory`.
[[nodiscard]] CheckOutcome judge_answer(const plan::Step& step, const AnswerView& answer, plan::UserMemory& memory);

/// Of a step that expects to be refused: `met` is how it went, with the text of its error. An answer that is no
/// refusal, and a refusal in other words, are errors of the kind `body`; other errors stay what they are.
[[nodiscard]] CheckOutcome judge_refusal(const plan::Pattern& expected, CheckOutcome met);

} // namespace squall::engine
