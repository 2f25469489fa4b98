#include "hack/devcloud/cluster/table.h"

#include <string.h>

#include "hack/devcloud/cluster/table_cells.h"
#include "pkg/base/mem.h"

/* The ladder of k8s.io/apimachinery util/duration HumanDuration. */
static char *give_duration(int64_t seconds)
{
    int64_t minutes = seconds / 60, hours = seconds / 3600, days = hours / 24;
    if (seconds < 0)
        return xstrdup("0s");
    if (seconds < 120)
        return xasprintf("%llds", (long long)seconds);
    if (minutes < 10)
        return seconds % 60 ? xasprintf("%lldm%llds", (long long)minutes, (long long)(seconds % 60))
                            : xasprintf("%lldm", (long long)minutes);
    if (minutes < 180)
        return xasprintf("%lldm", (long long)minutes);
    if (hours < 8)
        return minutes % 60 ? xasprintf("%lldh%lldm", (long long)hours, (long long)(minutes % 60))
                            : xasprintf("%lldh", (long long)hours);
    if (hours < 48)
        return xasprintf("%lldh", (long long)hours);
    if (hours < 192)
        return hours % 24 ? xasprintf("%lldd%lldh", (long long)days, (long long)(hours % 24))
                          : xasprintf("%lldd", (long long)days);
    if (days < 365 * 2)
        return xasprintf("%lldd", (long long)days);
    if (days < 365 * 8)
        return xasprintf("%lldy%lldd", (long long)(days / 365), (long long)(days % 365));
    return xasprintf("%lldy", (long long)(days / 365));
}

char *table_give_age(const char *rfc3339, int64_t now_wall_ns)
{
    int64_t then;
    if (!rfc3339 || !time_parse_rfc3339(rfc3339, &then))
        return xstrdup("<unknown>");
    return give_duration((now_wall_ns - then) / NS_PER_S);
}

/* ---- columns ---- */

static json *give_column(const char *name, const char *type, const char *format,
                         const char *description, int priority)
{
    return json_make("{'name':%s,'type':%s,'format':%s,'description':%s,'priority':%d}", name, type,
                     format ? format : "", description ? description : "", priority);
}

static json *give_custom_columns(const struct resource *r)
{
    json *columns = json_new_array();
    json_append(columns, give_column("Name", "string", "name",
                                     "Name must be unique within a "
                                     "namespace.",
                                     0));
    for (size_t i = 0; i < r->columns_len; i++)
        json_append(columns,
                    give_column(r->columns[i].name, r->columns[i].type, r->columns[i].format,
                                r->columns[i].description, r->columns[i].priority));
    if (!r->columns_len)
        json_append(columns, give_column("Age", "date", "",
                                         "CreationTimestamp is a timestamp representing the server "
                                         "time when this object was created.",
                                         0));
    return columns;
}

json *table_give_columns(const struct op *op)
{
    if (op->r->custom)
        return give_custom_columns(op->r);
    const struct cells *cells = table_cells_of(op->r->collection);
    json *columns = json_new_array();
    json_append(columns, give_column("Name", "string", "name",
                                     "Name must be unique within a "
                                     "namespace.",
                                     0));
    for (size_t i = 0; cells && i < cells->len; i++)
        json_append(columns,
                    give_column(cells->v[i].name,
                                str_eq(cells->v[i].type, CELL_COUNT) ? "string" : cells->v[i].type,
                                "", "", cells->v[i].wide));
    if (!cells)
        json_append(columns, give_column("Created At", "date", "", "", 0));
    return columns;
}

/* ---- rows ---- */

/* JSON paths of printer columns: only plain ones and [?(@.type=="X")] filters occur in the field. */
static const json *find_filtered(const json *obj, const char *path)
{
    const char *filter = strstr(path, "[?(@.");
    if (!filter)
        return json_path(obj, path);
    cleanup_free char *head = xstrndup(path, (size_t)(filter - path));
    const char *key = filter + strlen("[?(@."), *sign = strstr(key, "==");
    const char *end = strstr(key, ")]");
    if (!sign || !end || end < sign + 4)
        return NULL;
    cleanup_free char *name = xstrndup(key, (size_t)(sign - key));
    cleanup_free char *want = xstrndup(sign + 3, (size_t)(end - sign - 4));
    const json *list = json_path(obj, head);
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), name), want)) {
            const char *rest = end + 2 + (end[2] == '.');
            return json_path(json_at(list, i), rest);
        }
    return NULL;
}

static json *give_custom_cell(const struct column *c, const json *obj, int64_t now)
{
    const json *value = c->path ? find_filtered(obj, c->path) : NULL;
    if (str_eq(c->type, "date")) {
        cleanup_free char *age = table_give_age(json_str(value), now);
        return value ? json_new_str(age) : NULL;
    }
    if (str_eq(c->type, "string") && value && !json_str(value)) {
        cleanup_free char *text = json_give_text(value);
        return json_new_str(text);
    }
    return json_give_copy(value);
}

static json *give_cell(const struct cell *c, const json *obj, int64_t now)
{
    bool number = str_eq(c->type, "integer") || str_eq(c->type, CELL_COUNT);
    if (c->give) {
        cleanup_free char *text = c->give(obj, now);
        long long n;
        if (number && text && str_to_int(text, INT64_MIN, INT64_MAX, &n))
            return json_new_int(n);
        return json_new_str(text);
    }
    const json *value = json_path(obj, c->path);
    if (value && !number && !json_str(value)) {
        cleanup_free char *text = json_give_text(value);
        return json_new_str(text);
    }
    if (value && (number || *json_str(value)))
        return json_give_copy(value);
    return number ? json_new_int(0) : json_new_str(c->absent ? c->absent : "");
}

static json *give_cells(const struct op *op, const json *obj)
{
    int64_t now = clock_wall_ns(op->c->cfg.clock);
    const char *created = json_path_str(obj, "metadata.creationTimestamp");
    const struct cells *cells = op->r->custom ? NULL : table_cells_of(op->r->collection);
    json *row = json_new_array();
    json_append(row, json_new_str(json_path_str(obj, "metadata.name")));
    for (size_t i = 0; op->r->custom && i < op->r->columns_len; i++)
        json_append(row, give_custom_cell(&op->r->columns[i], obj, now));
    for (size_t i = 0; cells && i < cells->len; i++)
        json_append(row, give_cell(&cells->v[i], obj, now));
    if (op->r->custom && !op->r->columns_len) {
        cleanup_free char *age = table_give_age(created, now);
        json_append(row, json_new_str(age));
    } else if (!op->r->custom && !cells) {
        json_append(row, json_new_str(created));
    }
    return row;
}

json *table_give_row(const struct op *op, const json *tree)
{
    const char *include = api_query(op->rq, "includeObject");
    json *row = json_make("{'cells':%j}", give_cells(op, tree));
    if (str_eq(include, "None"))
        return row;
    if (str_eq(include, "Object")) {
        json *whole = json_give_copy(tree);
        json_put(whole, "apiVersion", json_new_str(op->api_version));
        json_put(whole, "kind", json_new_str(op->r->kind));
        json_put(row, "object", whole);
        return row;
    }
    cleanup_free char *version = xasprintf("meta.k8s.io/%s", op->media.version);
    json_put(row, "object",
             json_make("{'kind':'PartialObjectMetadata','apiVersion':%s,'metadata':%j}", version,
                       json_give_copy(json_get(tree, "metadata"))));
    return row;
}
