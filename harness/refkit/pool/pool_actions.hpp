// What a PoolState wants done.
#pragma once

#include "base/time.hpp"
#include "refkit/error.hpp"
#include "refkit/pool/waiter_queue.hpp"

#include <optional>
#include <source_location>
#include <variant>

namespace squall::refkit {

/// How a connection comes back from its user.
enum class ReturnedAs {
    clean,  // no transaction is open: usable at once
    dirty,  // usable after a reset, which may have to end a statement that still runs
    broken, // nothing more can be asked of it: closed
};

/// The shell answers with dialed() or dial_failed().
struct Dial {
    ConnectionId connection;
    Instant deadline;
};
/// The shell answers with validated().
struct Validate {
    ConnectionId connection;
    Instant deadline;
};
/// The shell answers with reset_done().
struct Reset {
    ConnectionId connection;
    Instant deadline;
};
/// The shell answers with closed(). Without a deadline at once, also while something is under way on it or a user still
/// has it; such a Close may follow one with a deadline.
struct Close {
    ConnectionId connection;
    std::optional<Instant> deadline; // until then the shell may take leave of the server
};
/// A connection, or why there is none. After a connection the shell answers with collect() or cancel().
struct Complete {
    WaiterId waiter;
    std::variant<ConnectionId, Errc> outcome;
};
/// tick() is wanted at this instant; replaces an earlier wish.
struct ArmTimer {
    Instant at;
};

/// Somebody has a connection for suspiciously long, or brings one back that was reported.
struct ReportLeak {
    ConnectionId connection;
    std::source_location where; // of the acquire
    Duration held;
    bool returned;
};

/// The shell answers with offer_due() after one turn of its executor: until then whoever asks may take what is idle
/// before those who wait (Fairness::barging).
struct Offer {};

/// The other pools of the budget should look() again.
struct BudgetChanged {};

using Action = std::variant<Dial, Validate, Reset, Close, Complete, ArmTimer, ReportLeak, Offer, BudgetChanged>;

} // namespace squall::refkit
