// Names to slots: binds templates and compiles patterns, collecting what is wrong.
#pragma once

#include "plan/plan.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace squall::plan {

/// The variables that a text may use at its place.
struct Scope {
    std::set<std::string> available;
    /// Names with a value that never changes: folded into the text.
    std::map<std::string, std::string> constants;
    /// Names that exist but not here → why, as the rest of "${name} …".
    std::map<std::string, std::string> unavailable;
    /// The data file could not be read: every ${data.…} is taken as it is, so that one mistake is one problem.
    bool any_column = false;
};

/// Owns the slots of a plan while it is made.
class Binder {
public:
    explicit Binder(std::vector<scenario::Problem>& problems) : problems_(problems) {}

    /// The slot of `name`, made at its first use.
    [[nodiscard]] Slot slot(const std::string& name);
    [[nodiscard]] BoundText bind(const scenario::Template& text, const Scope& scope);
    /// ECMAScript; a pattern that does not compile is a problem at `place` naming `key`.
    [[nodiscard]] Pattern compile(const std::string& source, const scenario::Place& place, std::string_view key);
    /// The same problem of the same place is told once, however many steps have it.
    void report(const scenario::Place& place, std::string message);
    [[nodiscard]] std::size_t problem_count() const { return problems_.size(); }

    /// The names by slot.
    [[nodiscard]] const std::vector<std::string>& slot_names() const { return names_; }

    /// Says that `name` is unknown (or unavailable) in `scope`, with the nearest name that is.
    void report_unknown(const scenario::Place& place, const std::string& name, const Scope& scope);

private:
    std::vector<scenario::Problem>& problems_;
    std::map<std::string, Slot> slots_;
    std::vector<std::string> names_;
};

/// The names of `definitions` so that each follows those it refers to; a circle is a problem at its template.
[[nodiscard]] std::vector<std::string> dependency_order(const std::map<std::string, scenario::Template>& definitions,
                                                        Binder& binder);

} // namespace squall::plan
