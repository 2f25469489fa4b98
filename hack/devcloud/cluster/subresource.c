#include "hack/devcloud/cluster/subresource.h"

#include <string.h>

#include "hack/devcloud/cluster/auth.h"
#include "hack/devcloud/cluster/decode.h"
#include "hack/devcloud/cluster/eviction.h"
#include "hack/devcloud/cluster/meta.h"
#include "hack/devcloud/cluster/modify.h"
#include "hack/devcloud/cluster/reply.h"
#include "hack/devcloud/cluster/schema_validate.h"
#include "hack/devcloud/cluster/write.h"
#include "pkg/base/mem.h"

#define SCALE_TYPE "autoscaling.v1.Scale"

/* ---- scale ---- */

static char *give_selector(const struct op *op, const json *obj)
{
    cleanup_strv struct strv parts = STRV_INIT;
    const json *selector = json_path(obj, "spec.selector");
    if (op->r->custom) {
        const char *text = op->r->scale_selector ? json_path_str(obj, op->r->scale_selector) : NULL;
        return xstrdup(text ? text : "");
    }
    const json *labels =
        json_get(selector, "matchLabels") ? json_get(selector, "matchLabels") : selector;
    for (struct json_iter it = json_each(labels); json_next(&it);)
        if (json_str(it.value))
            strv_addf(&parts, "%s=%s", it.key, json_str(it.value));
    strv_sort(&parts);
    return strv_give_joined(&parts, ",");
}

static json *give_scale(const struct op *op, const json *obj)
{
    const char *const kept[] = { "name", "namespace", "uid", "resourceVersion",
                                 "creationTimestamp" };
    json *meta = json_new_object();
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (json_get(json_get(obj, "metadata"), kept[i]))
            json_put(meta, kept[i], json_give_copy(json_get(json_get(obj, "metadata"), kept[i])));
    int64_t want = json_path_int(obj, op->r->scale_spec, 0);
    json *scale = json_make("{'kind':'Scale','apiVersion':'autoscaling/v1','metadata':%j,"
                            "'spec':{},'status':{'replicas':%ld}}",
                            meta, json_path_int(obj, op->r->scale_status, 0));
    if (want)
        json_put(json_get(scale, "spec"), "replicas", json_new_int(want));
    cleanup_free char *selector = give_selector(op, obj);
    if (*selector)
        json_put(json_get(scale, "status"), "selector", json_new_str(selector));
    return scale;
}

struct scaling {
    enum patch_type type;
    bool whole; /* PUT */
};

static int check_scale(const struct op *op, const json *scale, struct error **err)
{
    const char *name = json_path_str(scale, "metadata.name");
    const char *nspace = json_path_str(scale, "metadata.namespace");
    int64_t replicas = json_path_int(scale, "spec.replicas", 0);
    struct fail_object o = { "autoscaling", "scales", "Scale", op->rq->name };
    struct invalid faults = { NULL };
    if (meta_check_name(op, name, err) < 0)
        return -1;
    if (!op->r->custom && (!nspace || !*nspace))
        invalid_required(&faults, "metadata.namespace", NULL);
    if (replicas < 0)
        invalid_value(&faults, "spec.replicas", json_path(scale, "spec.replicas"),
                      "must be greater than or equal to 0");
    int rc = invalid_check(&faults, &o, err);
    invalid_release(&faults);
    return rc;
}

/* The scale that the request asks for, of the right types. */
static int read_scale(const struct op *op, const struct scaling *s, const json *live, json **ret,
                      struct error **err)
{
    if (s->whole)
        return decode_body_of(op, SCALE_TYPE, ret, err);
    const struct schema *schema = catalog_type(op->c->catalog, SCALE_TYPE);
    cleanup_json json *before = give_scale(op, live);
    cleanup_error struct error *why = NULL;
    if (modify_give_patched(op, s->type, schema, before, ret, err) < 0)
        return -1;
    return schema_check_types(schema, *ret, &why) < 0 ? decode_fail_types(op, why, err) : 0;
}

static int make_scaled(const struct op *op, const json *live, void *arg, json **ret,
                       struct error **err)
{
    const struct scaling *s = arg;
    cleanup_json json *scale = NULL;
    if (read_scale(op, s, live, &scale, err) < 0 || check_scale(op, scale, err) < 0)
        return -1;
    int64_t replicas = json_path_int(scale, "spec.replicas", 0);
    json *obj = json_give_copy(live);
    const char *version = json_path_str(scale, "metadata.resourceVersion");
    if (version && *version)
        json_put(json_get(obj, "metadata"), "resourceVersion", json_new_str(version));
    if (json_path_put(obj, op->r->scale_spec, json_new_int(replicas), err) < 0) {
        json_free(obj);
        return -1;
    }
    *ret = obj;
    return 0;
}

static int serve_scale(const struct op *op, struct error **err)
{
    struct scaling s = { .whole = str_eq(op->rq->verb, "update") };
    cleanup_json json *obj = NULL;
    if (str_eq(op->rq->verb, "get")) {
        struct fail_object o = op_object(op, NULL);
        cleanup_free char *full = xasprintf("%s/scale", op->r->plural);
        cleanup_record struct record *r =
            state_get(op->c->state, op->r->collection, op_nspace(op), op->rq->name);
        o.resource = op->r->custom ? o.resource : full;
        if (!r)
            return fail_not_found(err, &o);
        obj = write_give_tree(op, r);
    } else {
        if (!s.whole && modify_patch_type(op, &s.type, err) < 0)
            return -1;
        if (!s.whole && s.type == PATCH_APPLY)
            return fail_with(err, 415, "UnsupportedMediaType", json_new_object(),
                             "415: Unsupported Media Type");
        /* The object's own specification changes: a main-resource update of somebody else's body. */
        struct api_request rq = *op->rq;
        struct op main_op = *op;
        struct write_change change = { .make = make_scaled, .arg = &s };
        rq.subresource = NULL;
        main_op.rq = &rq;
        if (write_update(&main_op, &change, &obj, err) < 0)
            return -1;
    }
    cleanup_json json *scale = give_scale(op, obj);
    reply_tree(op->reply, &op->media, 200, scale);
    return 0;
}

/* ---- namespaces/finalize ---- */

static int make_finalized(const struct op *op, const json *live, void *arg, json **ret,
                          struct error **err)
{
    (void)arg;
    cleanup_json json *body = NULL;
    if (decode_body_of(op, "core.v1.Namespace", &body, err) < 0 ||
        meta_check_name(op, json_path_str(body, "metadata.name"), err) < 0)
        return -1;
    json *obj = json_give_copy(live);
    const json *spec = json_get(body, "spec");
    const char *version = json_path_str(body, "metadata.resourceVersion");
    json_put(obj, "spec", spec ? json_give_copy(spec) : json_new_object());
    if (version && *version)
        json_put(json_get(obj, "metadata"), "resourceVersion", json_new_str(version));
    *ret = obj;
    return 0;
}

static int serve_finalize(const struct op *op, struct error **err)
{
    struct write_change change = { .make = make_finalized };
    cleanup_json json *obj = NULL;
    if (write_update(op, &change, &obj, err) < 0)
        return -1;
    reply_object(op, 200, obj);
    return 0;
}

/* ---- serviceaccounts/token ---- */

/* The object that the token ends with. */
static int find_bound(const struct op *op, const json *ref, struct token_request *t,
                      struct record **ret, struct error **err)
{
    static const struct {
        const char *kind, *collection;
        struct fail_object o;
    } kinds[] = { { "Pod", "/pods", { "", "pods", "Pod", NULL } },
                  { "Secret", "/secrets", { "", "secrets", "Secret", NULL } } };
    const char *name = json_path_str(ref, "name"), *uid = json_path_str(ref, "uid");
    const char *kind = json_path_str(ref, "kind");
    size_t i = 0;
    if (!ref)
        return 0;
    while (i < ARRAY_LEN(kinds) && !str_eq(kinds[i].kind, kind))
        i++;
    if (i == ARRAY_LEN(kinds))
        return fail_bad_request(err, "cannot bind token to object of type /v1, Kind=%s",
                                kind ? kind : "");
    if (!name || !*name)
        return fail_bad_request(err, "Name parameter required.");
    struct fail_object o = kinds[i].o;
    o.name = name;
    *ret = state_get(op->c->state, kinds[i].collection, op_nspace(op), name);
    if (!*ret || (uid && *uid && !str_eq(uid, (*ret)->uid)))
        return fail_not_found(err, &o);
    t->bound = i == 0 ? AUTH_BOUND_POD : AUTH_BOUND_SECRET;
    t->bound_name = (*ret)->name;
    t->bound_uid = (*ret)->uid;
    return 0;
}

static int check_expiry(const struct op *op, int64_t expires_s, struct error **err)
{
    struct fail_object o = { "authentication.k8s.io", "", "TokenRequest", "" };
    struct invalid faults = { NULL };
    cleanup_json json *shown = json_new_int(expires_s);
    (void)op;
    if (expires_s < 600)
        invalid_value(&faults, "spec.expirationSeconds", shown,
                      "may not specify a duration less than 10 minutes");
    else if (expires_s > (INT64_C(1) << 32))
        invalid_value(&faults, "spec.expirationSeconds", shown,
                      "may not specify a duration larger than 2^32 seconds");
    int rc = invalid_check(&faults, &o, err);
    invalid_release(&faults);
    return rc;
}

static json *give_token_answer(const struct record *account, const struct token_request *t,
                               const json *spec, const char *token, const char *until)
{
    json *shown = spec ? json_give_copy(spec) : json_new_object();
    json_put(shown, "expirationSeconds", json_new_int(t->expires_s));
    if (!json_has(shown, "boundObjectRef"))
        json_put(shown, "boundObjectRef", NULL);
    if (!json_len(json_get(shown, "audiences")))
        json_put(shown, "audiences", json_make("[%s]", AUTH_ISSUER));
    return json_make(
        "{'kind':'TokenRequest','apiVersion':'authentication.k8s.io/v1','metadata':{'name':%s,"
        "'namespace':%s},'spec':%j,'status':{'token':%s,'expirationTimestamp':%s}}",
        account->name, account->nspace, shown, token, until);
}

static int serve_token(const struct op *op, struct error **err)
{
    cleanup_json json *body = NULL;
    cleanup_record struct record *bound = NULL;
    struct fail_object o = op_object(op, NULL);
    cleanup_record struct record *account =
        state_get(op->c->state, op->r->collection, op_nspace(op), op->rq->name);
    if (decode_body_of(op, "authentication.v1.TokenRequest", &body, err) < 0)
        return -1;
    if (!account)
        return fail_not_found(err, &o);
    struct token_request t = { .nspace = account->nspace,
                               .name = account->name,
                               .uid = account->uid,
                               .audiences = json_path(body, "spec.audiences"),
                               .expires_s = json_path_int(body, "spec.expirationSeconds", 3600) };
    if (check_expiry(op, t.expires_s, err) < 0 ||
        find_bound(op, json_path(body, "spec.boundObjectRef"), &t, &bound, err) < 0)
        return -1;
    cleanup_free char *token = auth_give_token(op->c, &t);
    char until[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(op->c->cfg.clock) + t.expires_s * NS_PER_S, until);
    cleanup_json json *answer =
        give_token_answer(account, &t, json_get(body, "spec"), token, until);
    reply_tree(op->reply, &op->media, 201, answer);
    return 0;
}

/* ---- pods/binding ---- */

static int make_bound(const struct op *op, const json *live, void *arg, json **ret,
                      struct error **err)
{
    const char *node = json_path_str(arg, "target.name"), *now;
    struct fail_object o = op_object(op, NULL);
    const char *already = json_path_str(live, "spec.nodeName");
    char text[TIME_TEXT_MAX];
    o.resource = "pods/binding";
    if (already && *already) {
        cleanup_free char *why =
            xasprintf("pod %s is already assigned to node \"%s\"", op->rq->name, already);
        return fail_conflict(err, &o, why);
    }
    json *obj = json_give_copy(live);
    cluster_now(op->c, text);
    now = text;
    json_put(json_get(obj, "spec"), "nodeName", json_new_str(node));
    json *conditions = json_path(obj, "status.conditions");
    if (!conditions) {
        conditions = json_new_array();
        json_put(json_get(obj, "status"), "conditions", conditions);
    }
    for (size_t i = json_len(conditions); i-- > 0;)
        if (str_eq(json_path_str(json_at(conditions, i), "type"), "PodScheduled"))
            json_remove_at(conditions, i);
    json_append(conditions, json_make("{'type':'PodScheduled','status':'True','lastProbeTime':null,"
                                      "'lastTransitionTime':%s}",
                                      now));
    *ret = obj;
    return 0;
}

static int check_binding(const struct op *op, const json *body, struct error **err)
{
    const char *name = json_path_str(body, "metadata.name");
    const char *kind = json_path_str(body, "target.kind"), *to = json_path_str(body, "target.name");
    if (!str_eq(name, op->rq->name))
        return fail_bad_request(err, "name in URL does not match name in Binding object");
    if (kind && *kind && !str_eq(kind, "Node"))
        return fail_with(err, 500, NULL, NULL,
                         "target.kind: Unsupported value: \"%s\": supported values: \"Node\", "
                         "\"<empty>\"",
                         kind);
    if (!to || !*to)
        return fail_with(err, 500, NULL, NULL, "target.name: Required value");
    return 0;
}

static int serve_binding(const struct op *op, struct error **err)
{
    cleanup_json json *body = NULL, *obj = NULL;
    if (decode_body_of(op, "core.v1.Binding", &body, err) < 0 || check_binding(op, body, err) < 0)
        return -1;
    struct write_change change = { .make = make_bound, .arg = body, .owned = true };
    if (write_update(op, &change, &obj, err) < 0)
        return -1;
    cleanup_json json *status = fail_give_success(NULL);
    json_put(status, "code", json_new_int(201));
    reply_tree(op->reply, &op->media, 201, status);
    return 0;
}

static const struct subresource all[] = {
    { "scale", NULL, NULL, serve_scale },
    { "finalize", "/namespaces", "update", serve_finalize },
    { "token", "/serviceaccounts", "create", serve_token },
    { "binding", "/pods", "create", serve_binding },
    { "eviction", "/pods", "create", eviction_serve },
};

const struct subresource *subresource_find(const struct op *op)
{
    const char *verb = op->rq->verb;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        const struct subresource *s = &all[i];
        bool fits = s->verb
                        ? str_eq(verb, s->verb)
                        : str_eq(verb, "get") || str_eq(verb, "update") || str_eq(verb, "patch");
        if (str_eq(op->rq->subresource, s->name) && fits &&
            (!s->collection || str_eq(s->collection, op->r->collection)))
            return s;
    }
    return NULL;
}
