/* Rows and objects. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/store/impl.h"

void sets_row_release(struct sets_row *r)
{
    char *all[] = { r->uid,  r->nspace, r->name,   r->labels,
                    r->data, r->sealed, r->key_id, r->fingerprint };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        free(all[i]);
    *r = (struct sets_row){ 0 };
}

char *sets_give_columns(const struct api_type *type)
{
    static const char plain[] =
        "o.uid, o.namespace, o.name, o.generation, o.resource_version, o.created_at,"
        " o.deletion_at, o.labels, o.data";
    if (!type->sealed_column)
        return xstrdup(plain);
    return xasprintf("%s, o.%s, o.key_id, o.fingerprint", plain, type->sealed_column);
}

static char *give_column(const struct sql_rows *rows, int column)
{
    return sql_row_is_null(rows, column) ? NULL : xstrdup(sql_row_text(rows, column, NULL));
}

void sets_row_read(const struct api_type *type, const struct sql_rows *rows, struct sets_row *ret)
{
    *ret = (struct sets_row){
        .uid = give_column(rows, 0),
        .nspace = give_column(rows, 1),
        .name = give_column(rows, 2),
        .generation = sql_row_int(rows, 3),
        .resource_version = sql_row_int(rows, 4),
        .created_s = sql_row_int(rows, 5),
        .deletion_s = sql_row_int(rows, 6),
        .labels = give_column(rows, 7),
        .data = give_column(rows, 8),
    };
    if (!type->sealed_column)
        return;
    ret->sealed = give_column(rows, 9);
    ret->key_id = give_column(rows, 10);
    ret->fingerprint = give_column(rows, 11);
}

static json *give_time(int64_t s)
{
    char text[TIME_TEXT_MAX];
    time_rfc3339(s * NS_PER_S, text);
    return json_new_str(text);
}

static void put_copy(json *to, const char *key, const json *from)
{
    json *value = json_get(from, key);
    if (value)
        json_put(to, key, json_ref(value));
}

static json *give_metadata(const struct api_type *type, const struct sets_row *r, json *labels,
                           const json *data)
{
    json *m = json_new_object();
    json_put(m, "name", json_new_str(r->name));
    if (!type->global)
        json_put(m, "namespace", json_new_str(r->nspace));
    json_put(m, "uid", json_new_str(r->uid));
    cleanup_free char *version = xasprintf("%" PRId64, r->resource_version);
    json_put(m, "resourceVersion", json_new_str(version));
    json_put(m, "generation", json_new_int(r->generation));
    json_put(m, "creationTimestamp", give_time(r->created_s));
    if (r->deletion_s)
        json_put(m, "deletionTimestamp", give_time(r->deletion_s));
    if (json_len(labels))
        json_put(m, "labels", labels);
    else
        json_free(labels);
    put_copy(m, "annotations", data);
    return m;
}

int sets_row_give_object(const struct api_type *type, const struct sets_row *r, json **ret,
                         struct error **err)
{
    cleanup_json json *data = NULL;
    json *labels = NULL;
    if (json_parse_object(r->data, strlen(r->data), &data, err) < 0 ||
        json_parse_object(r->labels, strlen(r->labels), &labels, err) < 0)
        return error_wrap(err, "%s %s/%s as stored", type->plural, r->nspace, r->name);
    json *object = json_new_object();
    put_copy(object, "apiVersion", data);
    json_put(object, "kind", json_new_str(type->kind));
    json_put(object, "metadata", give_metadata(type, r, labels, data));
    put_copy(object, "spec", data);
    put_copy(object, "status", data);
    *ret = object;
    return 0;
}

char *sets_give_data(const json *object)
{
    cleanup_json json *data = json_new_object();
    put_copy(data, "apiVersion", object);
    if (json_len(json_path(object, "metadata.annotations")))
        put_copy(data, "annotations", json_get(object, "metadata"));
    put_copy(data, "spec", object);
    if (json_len(json_get(object, "status")))
        put_copy(data, "status", object);
    return json_give_text(data);
}

json *sets_give_labels(const json *object)
{
    json *labels = json_path(object, "metadata.labels");
    return labels ? json_ref(labels) : json_new_object();
}
