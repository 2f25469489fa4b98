#include "hack/devcloud/cluster/openapi.h"

#include <string.h>

#include "pkg/base/mem.h"

static char *give_root(const struct resource *r)
{
    return *r->group ? xasprintf("apis/%s/%s", r->group, r->version)
                     : xasprintf("api/%s", r->version);
}

json *openapi_give_index(const struct kinds *k)
{
    json *paths = json_new_object();
    for (size_t i = 0; i < kinds_len(k); i++) {
        cleanup_free char *root = give_root(kinds_at(k, i));
        cleanup_free char *url = xasprintf("/openapi/v3/%s", root);
        if (!json_has(paths, root))
            json_put(paths, root, json_make("{'serverRelativeURL':%s}", url));
    }
    return json_make("{'paths':%j}", paths);
}

/* ---- schemas ---- */

static json *give_schema(const struct schema *s, json *components);

static const char *type_word(enum schema_type type)
{
    switch (type) {
    case SCHEMA_OBJECT:
        return "object";
    case SCHEMA_ARRAY:
        return "array";
    case SCHEMA_INT:
        return "integer";
    case SCHEMA_NUMBER:
        return "number";
    case SCHEMA_BOOL:
        return "boolean";
    case SCHEMA_ANY:
    case SCHEMA_INT_OR_STRING:
        return NULL;
    default:
        return "string";
    }
}

static void add_list_words(const struct schema *s, json *out)
{
    static const char *const kinds[] = { "atomic", "set", "map" };
    if (s->list != LIST_ATOMIC)
        json_put(out, "x-kubernetes-list-type", json_new_str(kinds[s->list]));
    if (s->list == LIST_MAP) {
        json *keys = json_new_array();
        for (size_t i = 0; i < s->keys_len; i++)
            json_append(keys, json_new_str(s->keys[i]));
        json_put(out, "x-kubernetes-list-map-keys", keys);
    }
    if (s->merges)
        json_put(out, "x-kubernetes-patch-strategy",
                 json_new_str(s->retains_keys ? "merge,retainKeys" : "merge"));
    if (s->merge_key)
        json_put(out, "x-kubernetes-patch-merge-key", json_new_str(s->merge_key));
}

static json *give_body(const struct schema *s, json *components)
{
    json *out = json_new_object();
    json *fields = json_new_object(), *required = json_new_array();
    if (type_word(s->type))
        json_put(out, "type", json_new_str(type_word(s->type)));
    if (s->type == SCHEMA_INT_OR_STRING)
        json_put(out, "x-kubernetes-int-or-string", json_new_bool(true));
    if (s->preserve)
        json_put(out, "x-kubernetes-preserve-unknown-fields", json_new_bool(true));
    for (size_t i = 0; i < s->fields_len; i++) {
        json_put(fields, s->fields[i].name, give_schema(s->fields[i].schema, components));
        if (s->fields[i].required)
            json_append(required, json_new_str(s->fields[i].name));
    }
    for (size_t i = 0; s->rules && i < s->rules->required_len; i++)
        json_append(required, json_new_str(s->rules->required[i]));
    if (json_len(fields))
        json_put(out, "properties", json_ref(fields));
    if (json_len(required))
        json_put(out, "required", json_ref(required));
    json_free(fields);
    json_free(required);
    if (s->items)
        json_put(out, "items", give_schema(s->items, components));
    if (s->values)
        json_put(out, "additionalProperties", give_schema(s->values, components));
    add_list_words(s, out);
    return out;
}

/* Named types stand among the components once and are referred to. */
static json *give_schema(const struct schema *s, json *components)
{
    if (!s->name)
        return give_body(s, components);
    if (!json_has(components, s->name)) {
        json_put(components, s->name, json_new_object()); /* it may contain itself */
        json_put(components, s->name, give_body(s, components));
    }
    cleanup_free char *ref = xasprintf("#/components/schemas/%s", s->name);
    return json_make("{'allOf':[{'$ref':%s}]}", ref);
}

/* ---- paths ---- */

static json *give_parameter(const char *name)
{
    return json_make("{'name':%s,'in':'query','schema':{'type':'string'}}", name);
}

static json *give_operation(const struct resource *r, const char *action, const char *component)
{
    cleanup_free char *ref = xasprintf("#/components/schemas/%s", component);
    json *parameters = json_new_array();
    json_append(parameters, give_parameter("dryRun"));
    json_append(parameters, give_parameter("fieldManager"));
    json_append(parameters, give_parameter("fieldValidation"));
    return json_make("{'parameters':%j,'responses':{'200':{'description':'OK','content':{"
                     "'application/json':{'schema':{'$ref':%s}}}}},'x-kubernetes-action':%s,"
                     "'x-kubernetes-group-version-kind':{'group':%s,'version':%s,'kind':%s}}",
                     parameters, ref, action, r->group, r->version, r->kind);
}

static void add_resource(const struct resource *r, json *paths, json *components)
{
    cleanup_free char *root = give_root(r);
    cleanup_free char *collection =
        xasprintf("/%s/%s%s", root, r->namespaced ? "namespaces/{namespace}/" : "", r->plural);
    cleanup_free char *item = xasprintf("%s/{name}", collection);
    cleanup_free char *group = *r->group ? xasprintf("%s.", r->group) : xstrdup("");
    cleanup_free char *component = xasprintf("%s%s.%s", group, r->version, r->kind);
    json *body = give_body(r->schema, components);
    json_put(body, "x-kubernetes-group-version-kind",
             json_make("[{'group':%s,'version':%s,'kind':%s}]", r->group, r->version, r->kind));
    json_put(components, component, body);
    json_put(paths, collection,
             json_make("{'get':%j,'post':%j}", give_operation(r, "list", component),
                       give_operation(r, "post", component)));
    json_put(paths, item,
             json_make("{'get':%j,'put':%j,'patch':%j,'delete':%j}",
                       give_operation(r, "get", component), give_operation(r, "put", component),
                       give_operation(r, "patch", component),
                       give_operation(r, "delete", component)));
}

json *openapi_give_version(const struct kinds *k, const char *group, const char *version)
{
    cleanup_json json *paths = json_new_object(), *components = json_new_object();
    for (size_t i = 0; i < kinds_len(k); i++)
        if (strcmp(kinds_at(k, i)->group, group) == 0 &&
            strcmp(kinds_at(k, i)->version, version) == 0)
            add_resource(kinds_at(k, i), paths, components);
    if (!json_len(paths))
        return NULL;
    return json_make("{'openapi':'3.0.0','info':{'title':'Kubernetes','version':'unversioned'},"
                     "'paths':%j,'components':{'schemas':%j}}",
                     take(paths), take(components));
}

/* ---- version 2 ---- */

/* A protobuf field of length-delimited type. */
static void add_field(struct buf *b, unsigned number, const char *data, size_t len)
{
    buf_addc(b, (char)(number << 3 | 2));
    buf_addc(b, (char)len); /* below 128 */
    buf_add(b, data, len);
}

char *openapi_give_v2(size_t *ret_len)
{
    cleanup_buf struct buf info = BUF_INIT(BUF_UNBOUNDED), doc = BUF_INIT(BUF_UNBOUNDED);
    add_field(&info, 1, "Kubernetes", strlen("Kubernetes"));
    add_field(&info, 2, "unversioned", strlen("unversioned"));
    add_field(&doc, 1, "2.0", strlen("2.0"));
    add_field(&doc, 2, info.data, info.len);
    *ret_len = doc.len;
    return buf_give(&doc);
}
