/* Waiting for what the operator brings about. */
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/e2e/e2e.h"

#define PAUSE_MS 250

int eventually(struct e2e *t, int64_t timeout_ms, e2e_check check, const void *arg,
               struct error **err)
{
    struct opctx ctx = opctx_with_timeout_ms(t->ctx, timeout_ms);
    for (;;) {
        struct error *e = NULL;
        if (check(t, arg, &e) == 0)
            return 0;
        if (opctx_sleep_ms(&ctx, PAUSE_MS, NULL) == 0) {
            error_free(e);
            continue;
        }
        error_move(err, &e);
        return error_wrap(err, "not within %lld s", (long long)(timeout_ms / 1000));
    }
}

int consistently(struct e2e *t, int64_t time_ms, e2e_check check, const void *arg,
                 struct error **err)
{
    struct opctx ctx = opctx_with_timeout_ms(t->ctx, time_ms);
    do {
        if (check(t, arg, err) < 0)
            return error_wrap(err, "it did not last");
    } while (opctx_sleep_ms(&ctx, PAUSE_MS, NULL) == 0);
    return opctx_check(t->ctx, err);
}

/* ---- objects ---- */

int check_expect(struct e2e *t, const void *expect, struct error **err)
{
    const struct e2e_expect *x = expect;
    cleanup_json json *object = NULL;
    if (e2e_get(t, x->gvr, x->nspace, x->name, &object, err) < 0)
        return -1;
    json *value = json_path(object, x->path);
    cleanup_free char *spelling = value && !json_str(value) ? json_give_text(value) : NULL;
    const char *text = value ? (json_str(value) ? json_str(value) : spelling) : NULL;
    if (str_eq(text, x->text))
        return 0;
    return error_set(err, ERR_INTERNAL, "%s %s: %s is %s, wanted %s", x->gvr->kind, x->name,
                     x->path, text ? text : "absent", x->text ? x->text : "nothing");
}

int check_absent(struct e2e *t, const void *expect, struct error **err)
{
    const struct e2e_expect *x = expect;
    cleanup_json json *object = NULL;
    struct error *e = NULL;
    if (kube_get(t->kube, t->ctx, KUBE_REF(x->gvr, x->nspace, x->name), &object, &e) == 0)
        return error_set(err, ERR_EXISTS, "%s %s is there", x->gvr->kind, x->name);
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

int check_recreated(struct e2e *t, const void *expect, struct error **err)
{
    const struct e2e_expect *x = expect;
    cleanup_json json *object = NULL;
    if (e2e_get(t, x->gvr, x->nspace, x->name, &object, err) < 0)
        return -1;
    if (str_eq(json_path_str(object, "metadata.uid"), x->text))
        return error_set(err, ERR_EXISTS, "%s %s is still the old one", x->gvr->kind, x->name);
    return 0;
}

int e2e_expect_recreated(struct e2e *t, const struct gvr *gvr, const char *nspace, const char *name,
                         struct error **err)
{
    cleanup_json json *before = NULL;
    if (e2e_get(t, gvr, nspace, name, &before, err) < 0 ||
        e2e_delete(t, gvr, nspace, name, err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_recreated,
                      EXPECT(gvr, nspace, name, NULL, json_path_str(before, "metadata.uid")), err);
}

/* ---- conditions ---- */

json *find_condition(const json *object, const char *type)
{
    json *list = json_path(object, "status.conditions");
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "type"), type))
            return json_at(list, i);
    return NULL;
}

static int check_condition(struct e2e *t, const void *arg, struct error **err)
{
    const char *const *want = arg; /* type, status */
    cleanup_json json *cluster = NULL;
    if (e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0)
        return -1;
    json *c = find_condition(cluster, want[0]);
    if (str_eq(json_path_str(c, "status"), want[1]))
        return 0;
    cleanup_free char *text = json_give_text(c);
    return error_set(err, ERR_INTERNAL, "condition %s is not %s but %s", want[0], want[1], text);
}

int await_condition(struct e2e *t, const char *type, const char *status, int64_t timeout_ms,
                    struct error **err)
{
    const char *want[] = { type, status };
    return eventually(t, timeout_ms, check_condition, want, err);
}

int check_healthy(struct e2e *t, const void *unused, struct error **err)
{
    static const char *const needed[] = {
        "InternetReachableFromMaster", "InternetReachableFromWorker",
        "ServicePrincipalValid",       "MachineValid",
        "DefaultClusterDNS",           "DefaultIngressCertificate"
    };
    (void)unused;
    cleanup_json json *cluster = NULL;
    if (e2e_get(t, &GVR_CLUSTERS, NULL, CLUSTER, &cluster, err) < 0)
        return -1;
    json *list = json_path(cluster, "status.conditions");
    for (size_t i = 0; i < json_len(list); i++) {
        const char *type = json_path_str(json_at(list, i), "type");
        bool off = str_ends(type, "Progressing") || str_ends(type, "Degraded");
        if (str_eq(json_path_str(json_at(list, i), "status"), off ? "False" : "True"))
            continue;
        cleanup_free char *text = json_give_text(json_at(list, i));
        return error_set(err, ERR_INTERNAL, "unhealthy: %s", text);
    }
    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (!find_condition(cluster, needed[i]))
            return error_set(err, ERR_NOT_FOUND, "condition %s is missing", needed[i]);
    return 0;
}
