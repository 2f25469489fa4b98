#include <string.h>

#include "hack/devcloud/cluster/decode.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"
#include "test/unit/support/hack/devcloud/trees.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define CRDS "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
#define TS "/apis/x.y/v1/namespaces/default/ts"
#define TS_DEFINITION \
    "{'metadata':{'name':'ts.x.y'},'spec':{'group':'x.y','scope':'Namespaced','names':{'plural':'" \
    "ts'," \
    "'singular':'t','kind':'T','listKind':'TList'},'versions':[{'name':'v1','served':true,'" \
    "storage':" \
    "true,'schema':{'openAPIV3Schema':{'type':'object','properties':{'spec':{'type':'object'," \
    "'properties':{'n':{'type':'integer'},'f':{'type':'number'}}}}}}}]}}"
#define YAML "application/yaml"

static struct rig_case cases[] = {
    { "a body is JSON unless it says otherwise",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'}}", 201, NULL,
                  "application/json;charset=utf-8" },
                { "POST " MAPS, "{'metadata':{'name':'b'}}", 201, NULL, "" },
                { "POST " MAPS, "metadata:\n  name: c\ndata:\n  k: 'on'\n", 201,
                  "{'data':{'k':'on'}}", YAML },
                { "POST " MAPS, "x", 415,
                  "{'reason':'UnsupportedMediaType','message':'~accepted media types include: "
                  "application/json, application/yaml'}",
                  "text/plain" },
                { "POST " MAPS, "{'metadata':{'name':'d'}}", 415, NULL,
                  "application/merge-patch+json" } } },
    { "malformed bodies are bad requests",
      .asks = { { "POST " MAPS, "", 400, "{'reason':'BadRequest'}" },
                { "POST " MAPS, "{", 400, "{'reason':'BadRequest'}" },
                { "POST " MAPS, "null", 400, "{'reason':'BadRequest'}" },
                { "POST " MAPS, "[]", 400, "{'reason':'BadRequest'}" },
                { "POST " MAPS, "{'metadata':{'name':'a'}} trailing", 400,
                  "{'reason':'BadRequest'}" },
                { "POST " MAPS, "a: [", 400, "{'reason':'BadRequest'}", YAML },
                { "POST " MAPS, "- a", 400, "{'reason':'BadRequest'}", YAML },
                { "GET " MAPS "/a", NULL, 404, NULL } } },
    { "the kind and its version are the resource's",
      .asks = { { "POST " MAPS, "{'kind':'Secret','apiVersion':'v1','metadata':{'name':'a'}}", 400,
                  "{'reason':'BadRequest'}" },
                { "POST " MAPS, "{'kind':'ConfigMap','apiVersion':'v2','metadata':{'name':'a'}}",
                  400,
                  "{'reason':'BadRequest','message':'~no kind \\'ConfigMap\\' is registered for "
                  "version "
                  "\\'v2\\''}" },
                { "POST " MAPS, "{'kind':'','apiVersion':'','metadata':{'name':'a'}}", 201,
                  "{'kind':'ConfigMap','apiVersion':'v1'}" } } },
    { "a custom object says its kind itself",
      .asks = { { "POST " CRDS, TS_DEFINITION, 201, NULL },
                { "POST " TS, "{'metadata':{'name':'a'}}", 400, "{'message':'~is missing'}" },
                { "POST " TS, "{'kind':'T','metadata':{'name':'a'}}", 400,
                  "{'message':'~is missing'}" },
                { "POST " TS, "{'kind':'T','apiVersion':'x.y/v2','metadata':{'name':'a'}}", 400,
                  "{'message':'the API version in the data (x.y/v2) does not match the expected "
                  "API version "
                  "(x.y/v1)'}" },
                { "POST " TS, "{'kind':'U','apiVersion':'x.y/v1','metadata':{'name':'a'}}", 422,
                  "{'message':'U.x.y \\'a\\' is invalid: kind: Invalid value: \\'U\\': must be "
                  "T'}" } } },
    { "values of the wrong type are bad requests",
      .asks = { { "POST " MAPS, "{'metadata':{'name':1}}", 400, "{'reason':'BadRequest'}" },
                { "POST " MAPS, "{'metadata':'x'}", 400, "{'reason':'BadRequest'}" },
                { "POST " MAPS, "{'metadata':{'name':'a'},'data':['x']}", 400,
                  "{'reason':'BadRequest'}" },
                { "POST " MAPS, "{'metadata':{'name':'a','labels':{'x':1}}}", 400, NULL },
                { "POST " MAPS, "{'metadata':{'name':'a'},'immutable':'yes'}", 400, NULL },
                { "POST " CRDS, TS_DEFINITION, 201, NULL },
                { "POST " TS,
                  "{'kind':'T','apiVersion':'x.y/v1','metadata':{'name':'a','labels':'x'}}", 400,
                  NULL } } },
    { "unknown fields vanish, before 1.25 in silence",
      .asks = { { "POST " MAPS "?fieldValidation=Strict",
                  "{'metadata':{'name':'a','foo':1},'bar':{'x':1},'data':{'k':'v'}}", 201,
                  "{'metadata':{'foo':null},'bar':null,'data':{'k':'v'}}" },
                { "POST " CRDS, TS_DEFINITION, 201, NULL },
                { "POST " TS,
                  "{'kind':'T','apiVersion':'x.y/"
                  "v1','metadata':{'name':'a','z':1},'spec':{'n':1,'m':2}}",
                  201, "{'metadata':{'z':null},'spec':{'n':1,'m':null}}" } } },
    { "from 1.25 on unknown fields are warned of or refused, as asked", .minor = 25,
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'},'bar':1}", 201, "{'bar':null}",
                  .warning = "unknown field \"bar\"" },
                { "POST " MAPS "?fieldValidation=Ignore", "{'metadata':{'name':'b'},'bar':1}", 201,
                  NULL },
                { "POST " MAPS "?fieldValidation=Strict", "{'metadata':{'name':'c'},'bar':1}", 400,
                  "{'message':'~strict decoding error: unknown field \\'bar\\''}" },
                { "GET " MAPS "/c", NULL, 404, NULL } } },
    { "nulls in lists and maps are what the types hold for nothing",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a','labels':{'x':null}},'data':{'k':null}}",
                  201, "{'metadata':{'labels':{'x':''}},'data':{'k':''}}" },
                { "POST " MAPS, "{'metadata':null}", 422,
                  "{'message':'~name or generateName is required'}" },
                { "POST " CRDS, TS_DEFINITION, 201, NULL },
                { "POST " TS,
                  "{'kind':'T','apiVersion':'x.y/v1','metadata':{'name':'a','labels':{'x':null}}}",
                  201, "{'metadata':{'labels':{'x':''}}}" },
                { "POST /api/v1/namespaces/default/pods",
                  "{'metadata':{'name':'p'},'spec':{'containers':[null]}}", 422,
                  "{'details':{'causes':[{'field':'spec.containers[0].name'},{'field':"
                  "'spec.containers[0].image'}]}}" } } },
};

/* As Go writes numbers that it has read. */
static void whole_numbers_lose_their_fraction(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(cluster_rig_send(&rig, "POST " CRDS, TS_DEFINITION), 201);

    assert_int_equal(cluster_rig_send(&rig, "POST " TS,
                                      "{'kind':'T','apiVersion':'x.y/v1','metadata':{'name':'a'},"
                                      "'spec':{'n':2.0,'f':2.5}}"),
                     201);

    assert_non_null(strstr(rig.text, "\"n\":2,"));
    assert_non_null(strstr(rig.text, "\"f\":2.5"));
}

/* ---- hostile bodies ---- */

static void refuses_deep_nesting(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_buf struct buf deep = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&deep, "{\"metadata\":{\"name\":\"a\"},\"x\":");
    for (int i = 0; i < 100000; i++)
        buf_addc(&deep, '[');

    assert_int_equal(cluster_rig_send_raw(&rig, "POST " MAPS, NULL, deep.data, deep.len), 400);
    assert_int_equal(cluster_rig_send_raw(&rig, "POST " MAPS, YAML, deep.data, deep.len), 400);
}

static void refuses_what_is_no_text(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    static const struct {
        const char *bytes;
        size_t len;
    } bodies[] = {
        { "k8s\0\n\x0f\n\x02v1", 10 },
        { "{\"metadata\":{\"name\":\"\xff\xfe\"}}", 28 },
        { "{\"meta\0data\":{}}", 16 },
        { "\0", 1 },
    };

    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        assert_int_equal(
            cluster_rig_send_raw(&rig, "POST " MAPS, NULL, bodies[i].bytes, bodies[i].len), 400);
}

/* A value of the schema's form in which every list and map holds what `leaf` says. */
static json *give_odd(const struct schema *s, const json *leaf, int depth)
{
    if (!s || depth == 0)
        return json_give_copy(leaf);
    if (s->type == SCHEMA_ARRAY) {
        json *list = json_new_array();
        json_append(list, give_odd(s->items, leaf, depth - 1));
        return list;
    }
    if (s->type != SCHEMA_OBJECT)
        return json_give_copy(leaf);
    json *object = json_new_object();
    for (size_t i = 0; i < s->fields_len; i++)
        json_put(object, s->fields[i].name, give_odd(s->fields[i].schema, leaf, depth - 1));
    if (s->values)
        json_put(object, "k", give_odd(s->values, leaf, depth - 1));
    return object;
}

static bool is_refusal_or_object(int status)
{
    return status == 201 || status == 400 || status == 403 || status == 409 || status == 422;
}

static void send_odd(struct cluster_rig *rig, const struct resource *r, json *body)
{
    cleanup_json json *whole = body;
    cleanup_free char *root =
        *r->group ? xasprintf("apis/%s/%s", r->group, r->version) : xasprintf("api/%s", r->version);
    cleanup_free char *line =
        xasprintf("POST /%s/%s%s", root, r->namespaced ? "namespaces/default/" : "", r->plural);
    json_put(whole, "metadata", json_make("{'name':'odd'}"));
    json_del(whole, "apiVersion");
    json_del(whole, "kind");
    cleanup_free char *text = json_give_text(whole);
    int status = cluster_rig_send_raw(rig, line, NULL, text, strlen(text));
    if (!is_refusal_or_object(status) || !rig->last)
        fail_msg("%s %.300s answered %d %.300s", line, text, status, rig->text);
}

/* No body of the right shape may bring the server down, whatever stands in it. */
static void survives_odd_values(void **state)
{
    (void)state;
    static const char *const leaves[] = { "null", "{}", "[]",   "''",    "'x'",
                                          "0",    "-1", "true", "[null]" };
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_init(&rig);
    rig.cfg.minor = CLUSTER_MINOR_NEWEST;
    cluster_rig_start(&rig);
    cleanup_kinds struct kinds *kinds = cluster_give_kinds(rig.c);
    size_t n = 0;
    for (size_t i = 0; i < kinds_len(kinds); i++) {
        const struct resource *r = kinds_at(kinds, i);
        if (!resource_has_verb(r, "create"))
            continue;
        n++;
        send_odd(&rig, r, json_new_object());
        for (size_t l = 0; l < ARRAY_LEN(leaves); l++)
            for (int depth = 1; depth <= 6; depth++) {
                cleanup_json json *leaf = loose_tree(leaves[l]);
                send_odd(&rig, r, give_odd(r->schema, leaf, depth));
            }
    }
    assert_true(n > 40);
}

int main(void)
{
    const struct CMUnitTest more[] = {
        CASE("whole numbers of custom objects lose their fraction",
             whole_numbers_lose_their_fraction),
        CASE("deep nesting is refused", refuses_deep_nesting),
        CASE("bytes that are no text are refused", refuses_what_is_no_text),
        CASE("odd values in any kind are refused or kept, and never end the server",
             survives_odd_values),
    };
    return cluster_rig_run("decode", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
