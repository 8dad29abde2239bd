// data: rows of a CSV file for the users.
#include "scenario/shapes/scalars.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {

ShapePtr<DataSource> data_shape()
{
    Fields<DataSource> fields;
    fields.required("file", "A CSV file with a header line, relative to this file; its columns are ${data.COLUMN}.",
                    &DataSource::file, text_of("the path of a CSV file"));
    fields.optional(
        "order", "sequential: row by row, over and over; random: any row; unique: each row once, then the users stop.",
        &DataSource::order,
        one_of<DataOrder>(
            {{"sequential", DataOrder::sequential}, {"random", DataOrder::random}, {"unique", DataOrder::unique}}));
    return table<DataSource>("a table such as { file = \"users.csv\", order = \"random\" }", fields);
}

} // namespace squall::scenario
