#include "hack/devcloud/cluster/openapi.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

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

/* A document under way. */
struct maker {
    json *components; /* named schemas */
    bool v2;
};

static json *give_schema(const struct maker *m, const struct schema *s);

static char *give_ref(const struct maker *m, const char *component)
{
    return xasprintf("#/%s/%s", m->v2 ? "definitions" : "components/schemas", component);
}

/* Version 2 has the names of Go's packages. */
static char *give_type_name(const struct maker *m, const char *name)
{
    static const struct {
        const char *begin, *before;
    } packages[] = {
        { "meta.", "io.k8s.apimachinery.pkg.apis." },
        { "apiextensions.", "io.k8s.apiextensions-apiserver.pkg.apis." },
        { "apiregistration.", "io.k8s.kube-aggregator.pkg.apis." },
        { "", "io.k8s.api." },
    };
    size_t i = 0;
    while (!str_starts(name, packages[i].begin))
        i++;
    return xasprintf("%s%s", m->v2 ? packages[i].before : "", name);
}

static const char *format_word(enum schema_type type)
{
    switch (type) {
    case SCHEMA_TIME:
        return "date-time";
    case SCHEMA_BYTES:
        return "byte";
    case SCHEMA_INT_OR_STRING:
        return "int-or-string";
    default:
        return NULL;
    }
}

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
    if (s->merges || s->retains_keys)
        json_put(out, "x-kubernetes-patch-strategy",
                 json_new_str(!s->retains_keys ? "merge"
                              : s->merges      ? "merge,retainKeys"
                                               : "retainKeys"));
    if (s->merge_key)
        json_put(out, "x-kubernetes-patch-merge-key", json_new_str(s->merge_key));
}

static json *give_body(const struct maker *m, const struct schema *s)
{
    json *out = json_new_object();
    json *fields = json_new_object(), *required = json_new_array();
    if (type_word(s->type))
        json_put(out, "type", json_new_str(type_word(s->type)));
    else if (s->type == SCHEMA_INT_OR_STRING && m->v2)
        json_put(out, "type", json_new_str("string"));
    else if (s->type == SCHEMA_INT_OR_STRING)
        json_put(out, "x-kubernetes-int-or-string", json_new_bool(true));
    if (m->v2 && format_word(s->type))
        json_put(out, "format", json_new_str(format_word(s->type)));
    if (s->preserve)
        json_put(out, "x-kubernetes-preserve-unknown-fields", json_new_bool(true));
    for (size_t i = 0; i < s->fields_len; i++) {
        json_put(fields, s->fields[i].name, give_schema(m, s->fields[i].schema));
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
        json_put(out, "items", give_schema(m, s->items));
    if (s->values)
        json_put(out, "additionalProperties", give_schema(m, s->values));
    add_list_words(s, out);
    return out;
}

/* Named types stand among the components once and are referred to. */
static json *give_schema(const struct maker *m, const struct schema *s)
{
    if (!s->name)
        return give_body(m, s);
    cleanup_free char *name = give_type_name(m, s->name);
    if (!json_has(m->components, name)) {
        json_put(m->components, name, json_new_object()); /* it may contain itself */
        json_put(m->components, name, give_body(m, s));
    }
    cleanup_free char *ref = give_ref(m, name);
    return json_make(m->v2 ? "{'$ref':%s}" : "{'allOf':[{'$ref':%s}]}", ref);
}

/* ---- custom kinds ---- */

static void drop_all(json *schema, const char *const *keys)
{
    for (; *keys; keys++)
        (void)json_del(schema, *keys);
}

static void simplify(json *schema);

static void simplify_below(json *schema)
{
    json *properties = json_get(schema, "properties"), *required = json_get(schema, "required");
    for (size_t i = json_len(required); i-- > 0;)
        if (json_path_bool(json_get(properties, json_str(json_at(required, i))), "nullable", false))
            json_remove_at(required, i);
    for (struct json_iter it = json_each(properties); json_next(&it);)
        simplify(it.value);
    simplify(json_get(schema, "items"));
    if (json_is_object(json_get(schema, "additionalProperties")))
        simplify(json_get(schema, "additionalProperties"));
    else
        (void)json_del(schema, "additionalProperties");
}

/*
 * What version 2 has no words for goes, and with it what clients would misread.
 * Source: apiextensions-apiserver, pkg/controller/openapi/v2/conversion.go.
 */
static void simplify(json *schema)
{
    static const char *const junctors[] = { "allOf", "anyOf", "oneOf", "not", NULL };
    static const char *const shape[] = { "type",     "items", "properties", "additionalProperties",
                                         "nullable", NULL };
    static const char *const fields[] = { "items", "properties", NULL };
    if (!json_is_object(schema))
        return;
    simplify_below(schema);
    drop_all(schema, junctors);
    if (json_path_bool(schema, "nullable", false))
        drop_all(schema, shape);
    if (json_path_bool(schema, "x-kubernetes-preserve-unknown-fields", false))
        drop_all(schema, fields);
}

/* As its definition says it, with the descriptions that are there. */
static json *give_custom(const struct maker *m, const struct resource *r)
{
    json *body = NULL;
    if (!r->document || json_parse(r->document, strlen(r->document), &body, NULL) < 0)
        return json_make("{'type':'object'}");
    if (m->v2)
        simplify(body);
    json *properties = json_get(body, "properties");
    if (!properties)
        return body;
    const struct schema_field *meta = schema_field(r->schema, "metadata");
    json_put(properties, "apiVersion", json_make("{'type':'string'}"));
    json_put(properties, "kind", json_make("{'type':'string'}"));
    if (meta)
        json_put(properties, "metadata", give_schema(m, meta->schema));
    return body;
}

/* "com.example.v1.Widget" of the group example.com. */
static char *give_custom_name(const struct resource *r)
{
    cleanup_strv struct strv words = STRV_INIT, turned = STRV_INIT;
    strv_split(&words, r->group, ".", false);
    for (size_t i = words.len; i-- > 0;)
        strv_add(&turned, words.v[i]);
    cleanup_free char *group = strv_give_joined(&turned, ".");
    return xasprintf("%s.%s.%s", group, r->version, r->kind);
}

/* ---- paths ---- */

static json *give_parameter(const struct maker *m, const char *name)
{
    return json_make(m->v2 ? "{'name':%s,'in':'query','type':'string','uniqueItems':true}"
                           : "{'name':%s,'in':'query','schema':{'type':'string'}}",
                     name);
}

static json *give_responses(const struct maker *m, const char *component)
{
    cleanup_free char *ref = give_ref(m, component);
    return json_make(m->v2 ? "{'200':{'description':'OK','schema':{'$ref':%s}}}"
                           : "{'200':{'description':'OK','content':{'application/json':{"
                             "'schema':{'$ref':%s}}}}}",
                     ref);
}

static json *give_operation(const struct maker *m, const struct resource *r, const char *action,
                            const char *component)
{
    json *parameters = json_new_array();
    json_append(parameters, give_parameter(m, "dryRun"));
    json_append(parameters, give_parameter(m, "fieldManager"));
    if (!m->v2) /* as old as version 2 is here, servers did not know it */
        json_append(parameters, give_parameter(m, "fieldValidation"));
    return json_make("{'parameters':%j,'responses':%j,'x-kubernetes-action':%s,"
                     "'x-kubernetes-group-version-kind':{'group':%s,'version':%s,'kind':%s}}",
                     parameters, give_responses(m, component), action, r->group, r->version,
                     r->kind);
}

/* From the sorts of patches clients tell which kinds know strategic ones. */
static json *give_patch(const struct maker *m, const struct resource *r, const char *component)
{
    json *operation = give_operation(m, r, "patch", component);
    if (m->v2)
        return operation;
    json *content = json_make("{'application/apply-patch+yaml':{},'application/json-patch+json':{},"
                              "'application/merge-patch+json':{}}");
    if (!r->custom)
        json_put(content, "application/strategic-merge-patch+json", json_new_object());
    json_put(operation, "requestBody", json_make("{'content':%j,'required':true}", content));
    return operation;
}

static char *give_component(const struct maker *m, const struct resource *r)
{
    cleanup_free char *group = *r->group ? xasprintf("%s.", r->group) : xstrdup("");
    if (m->v2 && r->custom)
        return give_custom_name(r);
    return m->v2 && r->schema->name ? give_type_name(m, r->schema->name)
                                    : xasprintf("%s%s.%s", group, r->version, r->kind);
}

static void add_resource(const struct maker *m, const struct resource *r, json *paths)
{
    cleanup_free char *root = give_root(r);
    cleanup_free char *collection =
        xasprintf("/%s/%s%s", root, r->namespaced ? "namespaces/{namespace}/" : "", r->plural);
    cleanup_free char *item = xasprintf("%s/{name}", collection);
    cleanup_free char *component = give_component(m, r);
    json *body = r->custom ? give_custom(m, r) : give_body(m, r->schema);
    json_put(body, "x-kubernetes-group-version-kind",
             json_make("[{'group':%s,'version':%s,'kind':%s}]", r->group, r->version, r->kind));
    json_put(m->components, component, body);
    json_put(paths, collection,
             json_make("{'get':%j,'post':%j}", give_operation(m, r, "list", component),
                       give_operation(m, r, "post", component)));
    json_put(paths, item,
             json_make("{'get':%j,'put':%j,'patch':%j,'delete':%j}",
                       give_operation(m, r, "get", component),
                       give_operation(m, r, "put", component), give_patch(m, r, component),
                       give_operation(m, r, "delete", component)));
}

json *openapi_give_version(const struct kinds *k, const char *group, const char *version)
{
    cleanup_json json *paths = json_new_object(), *components = json_new_object();
    const struct maker m = { .components = components };
    for (size_t i = 0; i < kinds_len(k); i++)
        if (strcmp(kinds_at(k, i)->group, group) == 0 &&
            strcmp(kinds_at(k, i)->version, version) == 0)
            add_resource(&m, kinds_at(k, i), paths);
    if (!json_len(paths))
        return NULL;
    return json_make("{'openapi':'3.0.0','info':{'title':'Kubernetes','version':'unversioned'},"
                     "'paths':%j,'components':{'schemas':%j}}",
                     take(paths), take(components));
}

json *openapi_give_v2(const struct kinds *k)
{
    json *paths = json_new_object(), *definitions = json_new_object();
    const struct maker m = { .components = definitions, .v2 = true };
    for (size_t i = 0; i < kinds_len(k); i++)
        add_resource(&m, kinds_at(k, i), paths);
    return json_make("{'swagger':'2.0','info':{'title':'Kubernetes','version':'unversioned'},"
                     "'paths':%j,'definitions':%j}",
                     paths, definitions);
}
