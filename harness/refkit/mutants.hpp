// Bugs of the field that can be put back into the kit, to see that its simulation finds them. Only the mutation build
// (SQUALL_MUTATION, ci/run.sh mutants) has them; in every other SQUALL_MUTANT(name) is the constant false.
#pragma once

/// X(name, number in the list of bugs, what is wrong then)
#define SQUALL_MUTANTS(X)                                                                                              \
    X(hand_off_to_nobody, "1", "a cancelled caller keeps its place, and is handed a connection")                       \
    X(hand_off_dropped, "1", "what was assigned to a caller that is gone is passed on to nobody")                      \
    X(released_twice, "2", "a loan that has come back comes back again")                                               \
    X(dial_by_callers_deadline, "3", "a dial ends with the patience of the caller that caused it")                     \
    X(failed_dial_wakes_nobody, "4", "after a failed dial nobody dials again for those who wait")                      \
    X(silent_peer_keeps_slot, "5", "a question to an idle connection has no deadline")                                 \
    X(newest_first, "6", "whoever came last is served first")                                                          \
    X(barging_always, "6", "whoever asks while one is idle gets it, though first come, first served was promised")     \
    X(offer_lost, "6", "with barging, those who wait are never offered what became idle")                              \
    X(one_timeout_drops_all, "6", "one caller's timeout takes everybody out of the queue")                             \
    X(answers_shifted, "7", "a connection with an answer still unread goes to the next caller")                        \
    X(late_cancel_request, "8", "a connection is lent again before its cancel request is known to be delivered")       \
    X(snowball, "9", "connections that are still closing do not count towards max")                                    \
    X(never_reaped, "11", "idle connections are never closed")                                                         \
    X(retired_is_lent, "11", "connections live on past their usage and reset()")                                       \
    X(lifetime_ignored, "11", "connections live on past their lifetime")                                               \
    X(dirty_return, "14", "a connection comes back inside a transaction and is given out so")                          \
    X(reset_left_out, "14", "what reset_on_return asks for every return is not done")                                  \
    X(shutdown_race, "15", "what is ready after the end of the pool is kept")                                          \
    X(factory_drain_race, "15", "a shared pool's successor does not wait for the connections of the one that drains")  \
    X(factory_forgets_pool, "9", "who asks for a shared pool that exists gets another one")                            \
    X(tier_takes_all, "6", "a tier may dial what is kept for another's minimum")                                       \
    X(lost_wake_up, "-", "the last caller that waits is not told of what becomes idle")                                \
    X(slot_of_failed_dial, "-", "the connection of a failed dial is never forgotten")                                  \
    X(deadline_not_armed, "-", "no timer is set for the callers' deadlines")                                           \
    X(permit_settled_twice, "2", "a permit that was moved still gives its place back when it is destroyed")            \
    X(permit_lost, "2", "a permit that is destroyed without a word gives nothing back")                                \
    X(place_of_cancelled_lost, "1", "a place assigned to a caller that went away is nobody's")                         \
    X(cancelled_keeps_queueing, "1", "a caller that was cancelled stays in the limiter's queue")                       \
    X(limiter_newest_first, "6", "whoever came to the limiter last is served first")                                   \
    X(turn_of_cancelled_lost, "-", "a caller that goes away takes its turn of the rate with it")                       \
    X(half_open_over_admission, "17", "calls under way do not count towards the half-open permits")                    \
    X(half_open_permit_kept, "17", "a half-open permit that is ignored or destroyed never gives its place back")       \
    X(half_open_forever, "17", "half-open has no longest wait")                                                        \
    X(late_result_counted, "17", "a result of an earlier phase decides the phase of now")                              \
    X(breaker_trusts_clock, "18", "after the clock jumps back the breaker stays open until it is there again")         \
    X(rate_trusts_clock, "18", "after the clock jumps back nobody is admitted until it is there again")                \
    X(unused_limit_rises, "19", "the limit rises though it is not used")                                               \
    X(in_flight_drifts, "19", "calls that were dropped stay in flight")                                                \
    X(codel_sheds_first, "-", "an interval's first caller may be shed")                                                \
    X(flights_not_shared, "-", "a value that is being loaded is loaded again by whoever asks")                         \
    X(load_without_deadline, "5", "a load that never ends is waited for")                                              \
    X(invalidated_is_kept, "-", "what was being loaded when its key was invalidated is kept")

#ifdef SQUALL_MUTATION

namespace squall::refkit {

enum class Mutant {
    none,
#define SQUALL_ENUMERATOR(name, bug, what) name,
    SQUALL_MUTANTS(SQUALL_ENUMERATOR)
#undef SQUALL_ENUMERATOR
};

/// Set once, before anything of the kit is used.
inline Mutant active_mutant = Mutant::none;

} // namespace squall::refkit

#define SQUALL_MUTANT(name) (::squall::refkit::active_mutant == ::squall::refkit::Mutant::name)

#else

#define SQUALL_MUTANT(name) false

#endif
