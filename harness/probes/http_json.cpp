#include "probes/http_json.hpp"

#include "base/text.hpp"
#include "probes/json_gauges.hpp"
#include "wire/http_get.hpp"
#include "wire/url.hpp"

#include <utility>

namespace squall::probes {
namespace {

class HttpJsonProbe final : public Probe {
public:
    HttpJsonProbe(std::string name, std::string url, JsonGauges gauges, bool verify_tls)
        : name_(std::move(name)),
          url_(std::move(url)),
          gauges_(std::move(gauges)),
          verify_tls_(verify_tls)
    {}

    const std::string& name() const override { return name_; }

    Task<ProbeReading> read(Instant deadline) override
    {
        const auto answer = co_await wire::http_get(url_, deadline, verify_tls_);
        if (!answer) {
            co_return failed_reading(answer.error().message);
        }
        if (answer->status < 200 || answer->status > 299) {
            co_return failed_reading(fmt::format("{} answered with status {}", redact(url_), answer->status));
        }
        co_return gauges_.read(answer->body);
    }

private:
    std::string name_;
    std::string url_;
    JsonGauges gauges_;
    bool verify_tls_;
};

} // namespace

Result<std::unique_ptr<Probe>> make_http_json_probe(std::string name, std::string url,
                                                    const std::map<std::string, std::string>& gauges, bool verify_tls,
                                                    const std::string& label)
{
    const auto parsed = wire::parse_url(url);
    if (!parsed) {
        return fail("probe {}: {}", name, parsed.error().message);
    }
    auto made = JsonGauges::make(name, gauges, label);
    if (!made) {
        return made.error();
    }
    return std::unique_ptr<Probe>(
        std::make_unique<HttpJsonProbe>(std::move(name), std::move(url), std::move(*made), verify_tls));
}

} // namespace squall::probes
