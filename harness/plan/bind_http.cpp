#include "plan/bind_action.hpp"
#include "plan/globals.hpp"

#include <fmt/format.h>

#include <string_view>

namespace squall::plan {
namespace {

bool is_http(std::string_view url)
{
    return url.starts_with("http://") || url.starts_with("https://");
}

void check_url(const BoundText& url, const StepPlace& at)
{
    const auto* literal = url.segments.empty() ? nullptr : std::get_if<std::string>(&url.segments.front().content);
    if (url.constant && (literal == nullptr || !is_http(*literal))) {
        at.binder.report(
            at.place, fmt::format("\"{}\" is not an http or https URL; write for example ${{api}}/path", url.source));
    } else if (literal != nullptr) {
        if (literal->starts_with('/')) {
            at.binder.report(at.place, fmt::format("\"{}\" names no host; write ${{api}}{}", url.source, url.source));
        }
        check_host(url, at.place, at.allow_hosts, at.binder);
    }
}

void check_plain(const BoundText& url, const StepPlace& at)
{
    const auto* literal = url.segments.empty() ? nullptr : std::get_if<std::string>(&url.segments.front().content);
    if (literal != nullptr && literal->starts_with("https://")) {
        at.binder.report(at.place, "a slow or half-open request goes over plain TCP; expected http://");
    }
}

} // namespace

HttpAction bind_action(const scenario::HttpStep& http, const StepPlace& at)
{
    HttpAction action;
    action.method = http.method;
    action.follow_redirects = http.follow_redirects;
    action.pace = http.pace;
    action.url = at.binder.bind(http.url, at.scope);
    check_url(action.url, at);
    if (action.pace) {
        check_plain(action.url, at);
    }
    for (const auto& [name, value] : http.headers) {
        action.headers.emplace_back(name, at.binder.bind(value, at.scope));
    }
    if (http.body) {
        action.body = at.binder.bind(*http.body, at.scope);
    }
    return action;
}

} // namespace squall::plan
