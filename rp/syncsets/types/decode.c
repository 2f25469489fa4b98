#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/types.h"

#define DEPTH_MAX 64

static const char *const envelope[] = { "apiVersion", "kind", "metadata", "spec", "status" };

static bool is_envelope(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(envelope); i++)
        if (str_eq(envelope[i], key))
            return true;
    return false;
}

/* {"name","namespace","kubeconfig",...} becomes metadata and spec: whatever has no place in the envelope. */
static json *give_unfolded(const struct api_type *type, json *body)
{
    if (type->id != TYPE_CLUSTERS || json_has(body, "metadata") || json_has(body, "spec"))
        return body;
    json *metadata = json_new_object();
    json *spec = json_new_object();
    for (struct json_iter it = json_each(body); json_next(&it);) {
        if (is_envelope(it.key))
            continue;
        bool is_metadata = str_eq(it.key, "name") || str_eq(it.key, "namespace") ||
                           str_eq(it.key, "labels") || str_eq(it.key, "annotations");
        json_put(is_metadata ? metadata : spec, it.key, json_ref(it.value));
        (void)json_del(body, it.key);
    }
    json_put(body, "metadata", metadata);
    json_put(body, "spec", spec);
    return body;
}

/* What the path says, the body need not say, and must not contradict. */
static int agree(json *metadata, const char *key, const char *want, struct error **err)
{
    const char *have = json_path_str(metadata, key);
    if (!want)
        return 0;
    if (have && !str_eq(have, want))
        return error_set(err, ERR_INVALID, "metadata.%s is '%.300s', but the path says '%.300s'",
                         key, have, want);
    if (!have)
        json_put(metadata, key, json_new_str(want));
    return 0;
}

static int check_type(const struct api_type *type, json *body, struct error **err)
{
    const char *kind = json_path_str(body, "kind"), *version = json_path_str(body, "apiVersion");
    if (json_get(body, "kind") && !str_eq(kind, type->kind))
        return error_set(err, ERR_INVALID, "kind is '%.80s', but %s are of kind '%s'",
                         kind ? kind : "no string", type->plural, type->kind);
    bool is_known =
        str_eq(version, API_VERSION) || (type->hive_version && str_eq(version, API_VERSION_HIVE));
    if (json_get(body, "apiVersion") && !is_known)
        return error_set(err, ERR_INVALID, "apiVersion is '%.80s'; it must be '%s'%s",
                         version ? version : "no string", API_VERSION,
                         type->hive_version ? " or '" API_VERSION_HIVE "'" : "");
    if (!version)
        json_put(body, "apiVersion", json_new_str(API_VERSION));
    json_put(body, "kind", json_new_str(type->kind));
    return 0;
}

static int need_object(json *body, const char *key, struct error **err)
{
    json *value = json_get(body, key);
    if (value && !json_is_object(value))
        return error_set(err, ERR_INVALID, "%s must be an object, not %s", key,
                         json_kind_name(json_kind(value)));
    if (!value)
        json_put(body, key, json_new_object());
    return 0;
}

static int frame(const struct api_type *type, const char *nspace, const char *name, json *body,
                 struct error **err)
{
    if (!json_is_object(body))
        return error_set(err, ERR_INVALID, "the body must be a JSON object, not %s",
                         json_kind_name(json_kind(body)));
    if (json_depth(body, DEPTH_MAX) > DEPTH_MAX)
        return error_set(err, ERR_INVALID, "the body is nested deeper than %d", DEPTH_MAX);
    (void)give_unfolded(type, body);
    if (check_type(type, body, err) < 0 || need_object(body, "metadata", err) < 0 ||
        need_object(body, "spec", err) < 0)
        return -1;
    json *metadata = json_get(body, "metadata");
    return agree(metadata, "namespace", nspace, err) < 0 || agree(metadata, "name", name, err) < 0
               ? -1
               : 0;
}

static void check_scope(const struct api_type *type, json *metadata, struct api_causes *causes)
{
    if (type->global && json_get(metadata, "namespace"))
        api_cause_add(causes, CAUSE_FORBIDDEN, "metadata.namespace", "%s have no namespace",
                      type->plural);
    if (!type->global && !json_get(metadata, "namespace"))
        api_cause_add(causes, CAUSE_REQUIRED, "metadata.namespace", "is required");
}

static char *give_what(const struct api_type *type, const json *body)
{
    const char *name = json_path_str(body, "metadata.name");
    return xasprintf("%s \"%.300s\"", type->kind, name ? name : "");
}

int api_decode(const struct api_type *type, const char *nspace, const char *name, json *body,
               json **ret, struct error **err)
{
    cleanup_json_wiped json *doc = body;
    if (frame(type, nspace, name, doc, err) < 0)
        return -1;
    (void)json_del(doc, "status");

    cleanup_causes struct api_causes causes;
    api_causes_init(&causes);
    for (struct json_iter it = json_each(doc); json_next(&it);)
        if (!is_envelope(it.key))
            api_cause_add(&causes, CAUSE_UNKNOWN, it.key, "there is no such field");
    /* The server's own word of a field that callers may echo. */
    (void)json_del(json_get(doc, "metadata"), "managedFields");
    api_check_shape(&api_metadata, json_get(doc, "metadata"), "metadata", &causes);
    check_scope(type, json_get(doc, "metadata"), &causes);
    api_check_shape(type->spec, json_get(doc, "spec"), "spec", &causes);
    api_check_rules(type, doc, &causes);

    cleanup_free char *what = give_what(type, doc);
    if (api_causes_check(&causes, what, err) < 0)
        return -1;
    *ret = take(doc);
    return 0;
}

json *api_take_secrets(const struct api_type *type, json *object)
{
    json *spec = json_get(object, "spec");
    json *taken = NULL;
    for (size_t i = 0; i < type->spec->len; i++) {
        const struct api_field *f = &type->spec->fields[i];
        if (!f->secret || !json_get(spec, f->name))
            continue;
        if (!taken)
            taken = json_new_object();
        /* The text itself, not a copy: who wipes what was taken leaves none behind. */
        json_put(taken, f->name, json_ref(json_get(spec, f->name)));
        (void)json_del(spec, f->name);
    }
    return taken;
}
