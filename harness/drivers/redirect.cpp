#include "drivers/redirect.hpp"

#include "base/text.hpp"

#include <boost/url.hpp>

namespace squall::drivers {

bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<wire::Url> redirect_target(const wire::Url& from, std::string_view location)
{
    const auto base_text = fmt::format("{}://{}{}", from.scheme, from.authority(), from.target);
    const auto base = boost::urls::parse_uri(base_text);
    const auto reference = boost::urls::parse_uri_reference({location.data(), location.size()});
    if (!base || !reference) {
        return fail("\"{}\" is not a location", redact(location));
    }
    boost::urls::url resolved;
    if (!boost::urls::resolve(*base, *reference, resolved)) {
        return fail("\"{}\" is not a location", redact(location));
    }
    return wire::parse_url({resolved.buffer().data(), resolved.buffer().size()});
}

bool becomes_get(int status, std::string_view method)
{
    if (status == 303) {
        return method != "GET" && method != "HEAD";
    }
    return (status == 301 || status == 302) && method == "POST";
}

bool same_origin(const wire::Url& left, const wire::Url& right)
{
    return left.port == right.port && left.host == right.host &&
           (left.scheme == right.scheme || left.secure() == right.secure());
}

} // namespace squall::drivers
