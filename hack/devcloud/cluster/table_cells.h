/* table_cells.h - the columns of single built-in kinds; see table.h. */
#ifndef HACK_DEVCLOUD_CLUSTER_TABLE_CELLS_H
#define HACK_DEVCLOUD_CLUSTER_TABLE_CELLS_H

#include "hack/devcloud/cluster/cluster_impl.h"

/* A cell: either the value at a path, or what fn makes of the object (text owned by the caller). */
#define CELL_COUNT "count" /* a number in a column of strings, as the server has some */
struct cell {
    const char *name, *type; /* "string", "integer", CELL_COUNT */
    const char *path;
    char *(*give)(const json *obj, int64_t now_wall_ns);
    bool wide;
    const char *absent; /* shown for an absent value; NULL: "" or 0 */
};

struct cells {
    const char *collection;
    const struct cell *v;
    size_t len;
};
/* NULL: name and age alone. */
const struct cells *table_cells_of(const char *collection);

#endif
