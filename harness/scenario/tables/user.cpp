// [[user]]: a population of virtual users.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {

ShapePtr<std::vector<User>> users_shape()
{
    Fields<User> fields;
    fields.required("name", "What results and --set call these users.", &User::name, text_of("a name"));
    fields.required("arrival", "How users or iterations come: closed, rate or stages.", &User::arrival,
                    arrival_shape());
    fields.optional("think", "A pause after each iteration: \"2s\", or drawn from \"1s..3s\".", &User::think,
                    duration_range());
    fields.optional("data", "A CSV file; each iteration takes one row.", &User::data, data_shape());
    fields.optional("variables", "Names for these users, set when an iteration starts.", &User::variables,
                    map_of(template_scalar(), identifier_key()));
    fields.optional(
        "connection", "per_user: kept alive over iterations; per_iteration: a new one each time.", &User::connection,
        one_of<Connection>({{"per_user", Connection::per_user}, {"per_iteration", Connection::per_iteration}}));
    fields.optional("cookies", "Cookies are kept and sent back.", &User::cookies, boolean());
    fields.required("step", "What one iteration does, in this order.", &User::steps, steps_shape());
    return named_list_of(Naming{"user", "user", true, name_key},
                         ShapePtr<User>(table<User>("a table with name, arrival and steps", fields)));
}

} // namespace squall::scenario
