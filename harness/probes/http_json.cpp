#include "probes/http_json.hpp"

#include "base/text.hpp"
#include "wire/http_get.hpp"
#include "wire/url.hpp"

#include <boost/json.hpp>

#include <utility>

namespace squall::probes {
namespace {

namespace json = boost::json;

/// RFC 6901: empty, or parts that each begin with "/", with "~" only as "~0" and "~1".
bool is_pointer(std::string_view text)
{
    if (!text.empty() && text.front() != '/') {
        return false;
    }
    for (auto at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
        if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) {
            return false;
        }
    }
    return true;
}

Result<double> gauge_value(const json::value& document, const std::string& pointer)
{
    error_code error;
    const auto* found = document.find_pointer(pointer, error);
    if (found == nullptr) {
        return fail("there is nothing at \"{}\"", pointer);
    }
    if (found->is_number()) {
        return found->to_number<double>();
    }
    if (found->is_bool()) {
        return found->get_bool() ? 1.0 : 0.0;
    }
    if (found->is_array()) {
        return static_cast<double>(found->get_array().size());
    }
    return fail("at \"{}\" stands {}; expected a number, true, false or an array", pointer,
                json::serialize(*found).substr(0, 40));
}

class HttpJsonProbe final : public Probe {
public:
    HttpJsonProbe(std::string name, std::string url, std::map<std::string, std::string> gauges, bool verify_tls)
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
        co_return read_json_gauges(name_, answer->body, gauges_);
    }

private:
    std::string name_;
    std::string url_;
    std::map<std::string, std::string> gauges_;
    bool verify_tls_;
};

} // namespace

ProbeReading read_json_gauges(const std::string& name, std::string_view body,
                              const std::map<std::string, std::string>& gauges)
{
    error_code error;
    const auto document = json::parse(json::string_view(body.data(), body.size()), error);
    if (error) {
        return failed_reading("the answer is not JSON: " + error.message());
    }
    ProbeReading reading;
    std::vector<std::string> failures;
    for (const auto& [gauge, pointer] : gauges) {
        const auto value = gauge_value(document, pointer);
        if (value) {
            reading.gauges.push_back({fmt::format("{}.{}", name, gauge), *value});
        } else {
            failures.push_back(fmt::format("{}.{}: {}", name, gauge, value.error().message));
        }
    }
    if (!failures.empty()) {
        reading.failure = join(failures, "; ");
    }
    return reading;
}

Result<std::unique_ptr<Probe>> make_http_json_probe(std::string name, std::string url,
                                                    std::map<std::string, std::string> gauges, bool verify_tls)
{
    const auto parsed = wire::parse_url(url);
    if (!parsed) {
        return fail("probe {}: {}", name, parsed.error().message);
    }
    for (const auto& [gauge, pointer] : gauges) {
        if (!is_pointer(pointer)) {
            return fail("probe {}: gauge {}: \"{}\" is not a JSON pointer; write for example \"/pool/in_use\"", name,
                        gauge, pointer);
        }
    }
    return std::unique_ptr<Probe>(
        std::make_unique<HttpJsonProbe>(std::move(name), std::move(url), std::move(gauges), verify_tls));
}

} // namespace squall::probes
