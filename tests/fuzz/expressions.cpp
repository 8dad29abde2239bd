// Small texts of users and services: SLO expressions, URLs, Prometheus' text format and selectors, cookies' dates.
#include "drivers/cookie_jar.hpp"
#include "probes/prometheus_text.hpp"
#include "slo/check.hpp"
#include "wire/url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 5) {
    case 0:
        (void)squall::slo::parse(text);
        break;
    case 1:
        (void)squall::wire::parse_url(text);
        break;
    case 2:
        (void)squall::probes::parse_prometheus(text);
        break;
    case 3:
        (void)squall::probes::parse_selector(text);
        break;
    default:
        (void)squall::drivers::parse_cookie_date(text);
        break;
    }
    return 0;
}
