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

} // namespace squall::engine
