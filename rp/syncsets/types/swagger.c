#include "rp/syncsets/types/swagger.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "rp/syncsets/types/operations.h"

#define TITLE "SyncSets"
#define DESCRIPTION "Ships objects, secrets and patches to many clusters."

struct maker {
    bool v3;
    json *definitions;
};

static json *give_ref(const struct maker *m, const char *name)
{
    cleanup_free char *ref =
        xasprintf("#/%s/%s", m->v3 ? "components/schemas" : "definitions", name);
    return json_make("{'$ref':%s}", ref);
}

/* ---- shapes ---- */

static void define_shape(struct maker *m, const struct api_shape *shape);

static json *give_value(struct maker *m, const struct api_field *f, enum api_value type)
{
    switch (type) {
    case API_STR:
        return json_make("{'type':'string'}");
    case API_BOOL:
        return json_make("{'type':'boolean'}");
    case API_INT:
        return json_make("{'type':'integer','format':'int64'}");
    case API_TIME:
        return json_make("{'type':'string','format':'date-time'}");
    case API_LIST:
        return json_make("{'type':'array','items':%j}", give_value(m, f, f->of));
    case API_STR_MAP:
        return json_make("{'type':'object','additionalProperties':{'type':'string'}}");
    case API_FREE:
        return json_make("{'type':'object','additionalProperties':true}");
    case API_OBJECT:
        break;
    }
    define_shape(m, f->shape);
    return give_ref(m, f->shape->name);
}

static void add_limits(const struct api_field *f, json *value)
{
    static const struct {
        enum api_value type;
        const char *min, *max;
    } words[] = { { API_STR, "minLength", "maxLength" },
                  { API_INT, "minimum", "maximum" },
                  { API_LIST, "minItems", "maxItems" },
                  { API_STR_MAP, "minProperties", "maxProperties" } };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (words[i].type != f->type)
            continue;
        if (f->min || (f->max && f->type == API_INT))
            json_put(value, words[i].min, json_new_int(f->min));
        if (f->max)
            json_put(value, words[i].max, json_new_int(f->max));
    }
}

static json *give_field(struct maker *m, const struct api_field *f)
{
    json *value = give_value(m, f, f->type);
    if (f->type == API_OBJECT) /* what stands beside a reference is not read */
        return value;
    json_put(value, "description", json_new_str(f->doc));
    if (f->values) {
        json *list = json_new_array();
        for (size_t i = 0; f->values[i]; i++)
            json_append(list, json_new_str(f->values[i]));
        json_put(value, "enum", list);
    }
    if (f->dflt) {
        json *dflt = NULL;
        (void)json_parse(f->dflt, strlen(f->dflt), &dflt, NULL);
        json_put(value, "default", dflt);
    }
    if (f->read_only)
        json_put(value, "readOnly", json_new_bool(true));
    if (f->secret)
        json_put(value, m->v3 ? "writeOnly" : "x-write-only", json_new_bool(true));
    add_limits(f, value);
    return value;
}

static void define_shape(struct maker *m, const struct api_shape *shape)
{
    if (json_has(m->definitions, shape->name))
        return;
    json *properties = json_new_object(), *required = json_new_array();
    json *made = json_make("{'type':'object','description':%s}", shape->doc);
    json_put(m->definitions, shape->name, made);
    for (size_t i = 0; i < shape->len; i++) {
        json_put(properties, shape->fields[i].name, give_field(m, &shape->fields[i]));
        if (shape->fields[i].required)
            json_append(required, json_new_str(shape->fields[i].name));
    }
    json_put(made, "properties", properties);
    if (json_len(required))
        json_put(made, "required", required);
    else
        json_free(required);
}

static void define_type(struct maker *m, const struct api_type *type)
{
    define_shape(m, &api_metadata);
    define_shape(m, type->spec);
    json *properties = json_make(
        "{'apiVersion':{'type':'string'},'kind':{'type':'string'},'metadata':%j,'spec':%j}",
        give_ref(m, api_metadata.name), give_ref(m, type->spec->name));
    if (type->status) {
        define_shape(m, type->status);
        json_put(properties, "status", give_ref(m, type->status->name));
    }
    json_put(
        m->definitions, type->kind,
        json_make("{'type':'object','description':%s,'properties':%j}", type->doc, properties));
    cleanup_free char *list = xasprintf("%sList", type->kind);
    json_put(
        m->definitions, list,
        json_make("{'type':'object','properties':{'apiVersion':{'type':'string'},'kind':{'type':'"
                  "string'},"
                  "'metadata':{'type':'object','properties':{'resourceVersion':{'type':'string'},"
                  "'continue':{'type':'string'}}},'items':{'type':'array','items':%j}}}",
                  give_ref(m, type->kind)));
}

static void define_status(struct maker *m)
{
    json_put(
        m->definitions, "Status",
        json_make(
            "{'type':'object','description':%s,'properties':{'apiVersion':{'type':'string'},"
            "'kind':{'type':'string'},'metadata':{'type':'object'},'status':{'type':'string'},"
            "'message':{'type':'string'},'reason':{'type':'string'},"
            "'details':{'type':'object','additionalProperties':true},'code':{'type':'integer'}}}",
            "The outcome of a request that gives no object."));
}

/* ---- operations ---- */

/* Those that are no texts. */
static const struct {
    const char *name, *type;
} params[] = {
    { "limit", "integer" },          { "watch", "boolean" },  { "allowWatchBookmarks", "boolean" },
    { "timeoutSeconds", "integer" }, { "upsert", "boolean" }, { "orphan", "boolean" },
};

static json *give_param(const struct maker *m, const char *name, const char *in, const char *type,
                        bool required)
{
    json *p = json_make("{'name':%s,'in':%s,'required':%b}", name, in, (int)required);
    if (m->v3)
        json_put(p, "schema", json_make("{'type':%s}", type));
    else
        json_put(p, "type", json_new_str(type));
    return p;
}

static json *give_optional(const struct maker *m, const char *name)
{
    const char *type = "string";
    for (size_t i = 0; i < ARRAY_LEN(params); i++)
        if (str_eq(params[i].name, name))
            type = params[i].type;
    return give_param(m, name, api_param_is_header(name) ? "header" : "query", type, false);
}

static json *give_content(const char *media, json *schema)
{
    return json_make("{%s:{'schema':%j}}", media, schema);
}

static void add_body(const struct maker *m, const struct api_operation *op,
                     const struct api_type *type, json *made)
{
    static const char *const patches[] = { "application/merge-patch+json",
                                           "application/json-patch+json" };
    if (op->body == API_BODY_NONE)
        return;
    bool patches_it = op->body == API_BODY_PATCH, required = op->body != API_BODY_OPTIONAL;
    json *schema = !patches_it ? give_ref(m, type->kind) : json_make("{}");
    if (!m->v3) {
        json_append(json_get(made, "parameters"),
                    json_make("{'name':'body','in':'body','required':%b,'schema':%j}",
                              (int)required, schema));
        if (patches_it)
            json_put(made, "consumes", json_make("[%s,%s]", patches[0], patches[1]));
        return;
    }
    const char *media = patches_it ? patches[0] : "application/json";
    json *content = give_content(media, schema);
    if (patches_it)
        json_put(content, patches[1], json_make("{'schema':{}}"));
    json_put(made, "requestBody",
             json_make("{'required':%b,'content':%j}", (int)required, content));
}

static json *give_reply(const struct maker *m, const char *doc, json *schema)
{
    if (!m->v3)
        return json_make("{'description':%s,'schema':%j}", doc, schema);
    return json_make("{'description':%s,'content':%j}", doc,
                     give_content("application/json", schema));
}

static json *give_responses(const struct maker *m, const struct api_operation *op,
                            const struct api_type *type)
{
    json *responses = json_new_object();
    cleanup_free char *list = xasprintf("%sList", type->kind);
    const char *const names[] = { [API_REPLY_OBJECT] = type->kind,
                                  [API_REPLY_LIST] = list,
                                  [API_REPLY_STATUS] = "Status",
                                  [API_REPLY_SET_STATUS] = api_set_status.name,
                                  [API_REPLY_PREVIEW] = api_preview.name };
    const char *name = names[op->reply];
    for (size_t i = 0; i < ARRAY_LEN(op->success) && op->success[i]; i++) {
        cleanup_free char *code = xasprintf("%d", op->success[i]);
        json_put(responses, code,
                 op->success[i] == 304
                     ? json_make("{'description':'It is as the caller knows it.'}")
                     : give_reply(m, "Done.", give_ref(m, name)));
    }
    json_put(responses, "default", give_reply(m, "It failed.", give_ref(m, "Status")));
    return responses;
}

static void add_operation(const struct maker *m, json *paths, const struct api_operation *op,
                          const struct api_type *type)
{
    cleanup_free char *path = api_operation_give_path(op, type);
    cleanup_free char *id = xasprintf("%s%s", api_operation_verb(op, type), type->kind);
    json *made = json_make("{'operationId':%s,'summary':%s,'tags':[%s],'parameters':[]}", id,
                           op->doc, type->plural);
    json *list = json_get(made, "parameters");
    if (!type->global && op->place >= API_AT_NAMESPACE)
        json_append(list, give_param(m, "namespace", "path", "string", true));
    if (op->place >= API_AT_OBJECT)
        json_append(list, give_param(m, "name", "path", "string", true));
    for (size_t i = 0; i < API_PARAMS_MAX && op->params[i]; i++)
        json_append(list, give_optional(m, op->params[i]));
    add_body(m, op, type, made);
    json_put(made, "responses", give_responses(m, op, type));
    json *item = json_get(paths, path);
    if (!item)
        json_put(paths, path, item = json_new_object());
    cleanup_free char *method = str_give_lower(op->method);
    json_put(item, method, made);
}

/* ---- the whole ---- */

json *sets_swagger_give_tree(bool v3)
{
    struct maker m = { v3, json_new_object() };
    json *paths = json_new_object();
    define_status(&m);
    define_shape(&m, &api_set_status);
    define_shape(&m, &api_preview);
    for (size_t t = 0; t < API_TYPES; t++) {
        define_type(&m, &api_types[t]);
        for (size_t i = 0; i < api_operations_len; i++)
            if (api_operation_applies(&api_operations[i], &api_types[t]))
                add_operation(&m, paths, &api_operations[i], &api_types[t]);
    }
    if (v3)
        return json_make(
            "{'openapi':'3.0.3','info':{'title':%s,'description':%s,'version':'v1'},'paths':%j,"
            "'components':{'schemas':%j}}",
            TITLE, DESCRIPTION, paths, m.definitions);
    return json_make(
        "{'swagger':'2.0','info':{'title':%s,'description':%s,'version':'v1'},'basePath':'/',"
        "'consumes':['application/json'],'produces':['application/"
        "json'],'paths':%j,'definitions':%j}",
        TITLE, DESCRIPTION, paths, m.definitions);
}

char *sets_swagger_give(enum swagger_form form)
{
    cleanup_json json *tree = sets_swagger_give_tree(form == SWAGGER_3_JSON);
    if (form == SWAGGER_2_YAML)
        return yaml_give_text(tree);
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    json_write_indented(&b, tree, 2);
    buf_addc(&b, '\n');
    return buf_give(&b);
}
