// [tls]
#include "scenario/shapes/scalars.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {

ShapePtr<TlsOptions> tls_shape()
{
    Fields<TlsOptions> fields;
    fields.optional("verify", "Certificates are verified; false is said in the report.", &TlsOptions::verify,
                    boolean());
    fields.optional("ca_file", "A PEM file of certificates to trust instead of the system's, relative to this file.",
                    &TlsOptions::ca_file, text_of("the path of a PEM file"));
    return table<TlsOptions>("a table such as { verify = true }", fields);
}

} // namespace squall::scenario
