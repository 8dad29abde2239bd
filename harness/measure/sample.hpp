// One request, as the driver measured it.
#pragma once

#include "base/time.hpp"
#include "measure/outcome.hpp"

#include <cstdint>

namespace squall::measure {

/// The parts of a request's service time. What did not happen is 0.
struct PhaseTimes {
    Duration blocked{};
    Duration connecting{};
    Duration tls_handshaking{};
    Duration sending{};
    Duration waiting{}; // to the first byte of the answer
    Duration receiving{};

    bool operator==(const PhaseTimes&) const = default;
    PhaseTimes& operator+=(const PhaseTimes& other)
    {
        blocked += other.blocked;
        connecting += other.connecting;
        tls_handshaking += other.tls_handshaking;
        sending += other.sending;
        waiting += other.waiting;
        receiving += other.receiving;
        return *this;
    }
};

struct Sample {
    std::uint32_t step = 0;
    Instant intended; // when it should have begun; response time counts from here
    Instant start;    // when it did; service time counts from here
    Instant end;
    ErrorKind error = ErrorKind::none;
    std::uint16_t status = 0; // 0: no answer
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    PhaseTimes phases;
    bool connected = false; // a new connection was made
    bool censored = false;  // given up while in flight: its age is a lower bound
};

} // namespace squall::measure
