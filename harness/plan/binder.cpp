#include "plan/binder.hpp"

#include "base/text.hpp"
#include "plan/render.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace squall::plan {
namespace {

void append_literal(BoundText& bound, std::string_view text)
{
    if (text.empty()) {
        return;
    }
    if (!bound.segments.empty()) {
        if (auto* before = std::get_if<std::string>(&bound.segments.back().content)) {
            before->append(text);
            return;
        }
    }
    bound.segments.push_back({std::string(text), false});
}

void fold_constant(BoundText& bound)
{
    if (bound.segments.empty()) {
        bound.constant = "";
    } else if (bound.segments.size() == 1) {
        if (const auto* only = std::get_if<std::string>(&bound.segments.front().content)) {
            bound.constant = *only;
        }
    }
}

constexpr std::string_view data_prefix = "data.";

bool is_available(const std::string& name, const Scope& scope)
{
    return scope.available.contains(name) || (scope.any_column && name.starts_with(data_prefix));
}

bool has_data(const Scope& scope)
{
    const auto first = scope.available.lower_bound(std::string(data_prefix));
    return first != scope.available.end() && first->starts_with(data_prefix);
}

/// Depth-first search over the definitions that refer to each other.
class DependencyWalk {
public:
    DependencyWalk(const std::map<std::string, scenario::Template>& definitions, Binder& binder)
        : definitions_(definitions),
          binder_(binder)
    {}

    std::vector<std::string> order()
    {
        for (const auto& [name, text] : definitions_) {
            visit(name);
        }
        return std::move(done_);
    }

private:
    void visit(const std::string& name)
    {
        if (std::find(done_.begin(), done_.end(), name) != done_.end()) {
            return;
        }
        if (const auto seen = std::find(open_.begin(), open_.end(), name); seen != open_.end()) {
            binder_.report(definitions_.at(name).place,
                           fmt::format("the variables refer to each other in a circle: {} → {}",
                                       fmt::join(seen, open_.end(), " → "), name));
            return;
        }
        open_.push_back(name);
        for (const auto& segment : definitions_.at(name).segments) {
            const auto* reference = std::get_if<scenario::Reference>(&segment.content);
            if (reference != nullptr && definitions_.contains(reference->name)) {
                visit(reference->name);
            }
        }
        open_.pop_back();
        done_.push_back(name);
    }

    const std::map<std::string, scenario::Template>& definitions_;
    Binder& binder_;
    std::vector<std::string> open_;
    std::vector<std::string> done_;
};

} // namespace

Slot Binder::slot(const std::string& name)
{
    const auto [found, added] = slots_.emplace(name, static_cast<Slot>(names_.size()));
    if (added) {
        names_.push_back(name);
    }
    return found->second;
}

BoundText Binder::bind(const scenario::Template& text, const Scope& scope)
{
    BoundText bound;
    bound.source = text.source;
    for (const auto& segment : text.segments) {
        if (const auto* literal = std::get_if<std::string>(&segment.content)) {
            append_literal(bound, *literal);
        } else if (const auto* generator = std::get_if<scenario::Generator>(&segment.content)) {
            bound.segments.push_back({*generator, segment.inside_json});
        } else {
            const auto& name = std::get<scenario::Reference>(segment.content).name;
            if (const auto constant = scope.constants.find(name); constant != scope.constants.end()) {
                std::string value = constant->second;
                if (segment.inside_json) {
                    value.clear();
                    append_json_escaped(constant->second, value);
                }
                append_literal(bound, value);
            } else {
                if (!is_available(name, scope)) {
                    report_unknown(text.place, name, scope);
                }
                bound.segments.push_back({slot(name), segment.inside_json});
            }
        }
    }
    fold_constant(bound);
    return bound;
}

Pattern Binder::compile(const std::string& source, const scenario::Place& place, std::string_view key)
{
    Pattern pattern{source, nullptr};
    try {
        pattern.regex = std::make_shared<const std::regex>(source, std::regex::ECMAScript | std::regex::optimize);
    } catch (const std::regex_error& error) {
        report(place, fmt::format("{}: \"{}\" is not a regular expression: {}", key, source, error.what()));
    }
    return pattern;
}

void Binder::report(const scenario::Place& place, std::string message)
{
    const auto text = to_string(scenario::Problem{place, message});
    if (std::ranges::none_of(problems_, [&text](const auto& known) { return to_string(known) == text; })) {
        problems_.push_back({place, std::move(message)});
    }
}

void Binder::report_unknown(const scenario::Place& place, const std::string& name, const Scope& scope)
{
    if (const auto known = scope.unavailable.find(name); known != scope.unavailable.end()) {
        report(place, fmt::format("${{{}}} {}", name, known->second));
        return;
    }
    if (name.starts_with(data_prefix) && !has_data(scope)) {
        report(place,
               fmt::format("${{{}}} needs a data file here; add data = {{ file = \"….csv\" }} to the user", name));
        return;
    }
    std::vector<std::string> candidates(scope.available.begin(), scope.available.end());
    for (const auto& [constant, value] : scope.constants) {
        candidates.push_back(constant);
    }
    std::sort(candidates.begin(), candidates.end());
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
    if (const auto nearest = closest_match(name, candidates)) {
        report(place, fmt::format("unknown variable ${{{}}}; did you mean ${{{}}}?", name, *nearest));
    } else if (candidates.empty()) {
        report(place, fmt::format("unknown variable ${{{}}}; nothing is defined here", name));
    } else {
        report(place, fmt::format("unknown variable ${{{}}}; expected one of {}", name, fmt::join(candidates, ", ")));
    }
}

std::vector<std::string> dependency_order(const std::map<std::string, scenario::Template>& definitions, Binder& binder)
{
    return DependencyWalk(definitions, binder).order();
}

} // namespace squall::plan
