#include "hack/devcloud/cluster/subresource.h"

#include <string.h>

#include "hack/devcloud/cluster/auth.h"
#include "hack/devcloud/cluster/decode.h"
#include "hack/devcloud/cluster/eviction.h"
#include "hack/devcloud/cluster/modify.h"
#include "hack/devcloud/cluster/reply.h"
#include "hack/devcloud/cluster/write.h"
#include "pkg/base/mem.h"

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

static int make_scaled(const struct op *op, const json *live, void *arg, json **ret,
                       struct error **err)
{
    const struct scaling *s = arg;
    cleanup_json json *before = give_scale(op, live), *scale = NULL;
    const struct schema *schema = catalog_type(op->c->catalog, "autoscaling.v1.Scale");
    if (s->whole ? decode_body(op, &scale, err) < 0
                 : modify_give_patched(op, s->type, schema, before, &scale, err) < 0)
        return -1;
    int64_t replicas = json_path_int(scale, "spec.replicas", 0);
    struct fail_object o = { "autoscaling", "scales", "Scale", op->rq->name };
    struct invalid faults = { NULL };
    if (replicas < 0)
        invalid_value(&faults, "spec.replicas", json_path(scale, "spec.replicas"),
                      "must be greater than or equal to 0");
    int rc = invalid_check(&faults, &o, err);
    invalid_release(&faults);
    if (rc < 0)
        return -1;
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
        cleanup_record struct record *r =
            state_get(op->c->state, op->r->collection, op_nspace(op), op->rq->name);
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
    if (decode_body(op, &body, err) < 0)
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

static int find_bound_pod(const struct op *op, const json *ref, struct token_request *t,
                          struct record **ret, struct error **err)
{
    const char *name = json_path_str(ref, "name"), *uid = json_path_str(ref, "uid");
    if (!ref)
        return 0;
    struct fail_object o = { "", "pods", "Pod", name };
    *ret = state_get(op->c->state, "/pods", op_nspace(op), name ? name : "");
    if (!*ret || (uid && *uid && !str_eq(uid, (*ret)->uid)))
        return fail_not_found(err, &o);
    t->pod_name = (*ret)->name;
    t->pod_uid = (*ret)->uid;
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

static int serve_token(const struct op *op, struct error **err)
{
    cleanup_json json *body = NULL;
    cleanup_record struct record *pod = NULL;
    struct fail_object o = op_object(op, NULL);
    cleanup_record struct record *account =
        state_get(op->c->state, op->r->collection, op_nspace(op), op->rq->name);
    if (!account)
        return fail_not_found(err, &o);
    if (decode_body(op, &body, err) < 0)
        return -1;
    struct token_request t = { .nspace = account->nspace,
                               .name = account->name,
                               .uid = account->uid,
                               .audiences = json_path(body, "spec.audiences"),
                               .expires_s = json_path_int(body, "spec.expirationSeconds", 3600) };
    if (check_expiry(op, t.expires_s, err) < 0 ||
        find_bound_pod(op, json_path(body, "spec.boundObjectRef"), &t, &pod, err) < 0)
        return -1;
    cleanup_free char *token = auth_give_token(op->c, &t);
    char until[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(op->c->cfg.clock) + t.expires_s * NS_PER_S, until);
    json *spec =
        json_get(body, "spec") ? json_give_copy(json_get(body, "spec")) : json_new_object();
    json_put(spec, "expirationSeconds", json_new_int(t.expires_s));
    if (!json_has(spec, "boundObjectRef"))
        json_put(spec, "boundObjectRef", NULL);
    if (!json_len(json_get(spec, "audiences")))
        json_put(spec, "audiences", json_make("[%s]", AUTH_ISSUER));
    cleanup_json json *answer = json_make(
        "{'kind':'TokenRequest','apiVersion':'authentication.k8s.io/v1','metadata':{'name':%s,"
        "'namespace':%s},'spec':%j,'status':{'token':%s,'expirationTimestamp':%s}}",
        account->name, account->nspace, spec, token, until);
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
    if (!node || !*node)
        return fail_bad_request(err, "target.name: Required value");
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
    json_append(conditions, json_make("{'type':'PodScheduled','status':'True','lastProbeTime':%j,"
                                      "'lastTransitionTime':%s}",
                                      NULL, now));
    *ret = obj;
    return 0;
}

static int serve_binding(const struct op *op, struct error **err)
{
    cleanup_json json *body = NULL, *obj = NULL;
    if (decode_body(op, &body, err) < 0)
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
