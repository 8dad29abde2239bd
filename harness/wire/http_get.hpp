// One request over a connection of its own, for probes, readiness and hooks; load goes through drivers/http.
#pragma once

#include "base/quantity.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "wire/task.hpp"

#include <string>

namespace squall::wire {

struct HttpAnswer {
    int status = 0;
    std::string content_type;
    std::string body;
};

/// http:// and https:// (certificates verified unless `verify_tls` is false). Answers above `limit` are an error.
Task<Result<HttpAnswer>> http_get(std::string url, Instant deadline, bool verify_tls = true,
                                  ByteCount limit = {16U << 20U});

/// The same with another method and without a body.
Task<Result<HttpAnswer>> http_request(std::string method, std::string url, Instant deadline, bool verify_tls = true,
                                      ByteCount limit = {16U << 20U});

} // namespace squall::wire
