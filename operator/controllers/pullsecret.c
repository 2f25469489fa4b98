/*
 * Keeps the registries that the service needs in the cluster's global pull secret, and reports
 * which of Red Hat's keys the customer added to it.
 */
#include "operator/controllers/pullsecret.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"

#define USER_NAMESPACE "openshift-config"
#define USER_SECRET "pull-secret"
#define SECRET_TYPE "kubernetes.io/dockerconfigjson"
#define DATA_KEY "data[\".dockerconfigjson\"]"

static const struct kube_ref user_ref = { .gvr = &GVR_SECRETS,
                                          .nspace = USER_NAMESPACE,
                                          .name = USER_SECRET };

static const char *const red_hat_keys[] = { "registry.redhat.io", "cloud.openshift.com",
                                            "registry.connect.redhat.com" };

int pullsecret_merge(const char *user_text, const char *operator_text, char **ret,
                     struct error **err)
{
    cleanup_json json *ours = NULL;
    if (json_parse_object(operator_text, strlen(operator_text), &ours, err) < 0)
        return error_wrap(err, "reading the pull secret of the service");
    cleanup_json json *user = NULL;
    if (!user_text || json_parse_object(user_text, strlen(user_text), &user, NULL) < 0)
        user = json_new_object(); /* invalid JSON carries no key that could be kept */
    bool changed = !user_text || json_len(user) == 0;
    if (!json_is_object(json_get(user, "auths"))) {
        json_put(user, "auths", json_new_object());
        changed = true;
    }
    json *auths = json_get(user, "auths");
    for (struct json_iter it = json_each(json_get(ours, "auths")); json_next(&it);) {
        if (json_equal(json_get(auths, it.key), it.value))
            continue;
        json_put(auths, it.key, json_give_copy(it.value));
        changed = true;
    }
    *ret = changed ? json_give_text(user) : NULL;
    return 0;
}

int pullsecret_give_red_hat_keys(const char *text, json **ret, struct error **err)
{
    cleanup_json json *config = NULL;
    if (json_parse_object(text, strlen(text), &config, err) < 0)
        return error_wrap(err, "reading Secret " USER_NAMESPACE "/" USER_SECRET);
    json *present = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(red_hat_keys); i++) {
        const char *auth =
            json_str(json_get(json_get(json_get(config, "auths"), red_hat_keys[i]), "auth"));
        if (auth && *auth)
            json_append(present, json_new_str(red_hat_keys[i]));
    }
    *ret = present;
    return 0;
}

/* The decoded .dockerconfigjson; NULL when there is none or it is no base64. */
static char *give_content(const json *object)
{
    const char *encoded = json_path_str(object, DATA_KEY);
    char *text = NULL;
    size_t len;
    if (!encoded || base64_parse(encoded, strlen(encoded), &text, &len, NULL) < 0)
        return NULL;
    if (strlen(text) != len) { /* a NUL inside: no JSON */
        secret_wipe(text, len);
        free(text);
        return NULL;
    }
    return text;
}

/* n = 0 makes the counter known, so that its absence never stands for none. */
static void count_remediation(struct reconcile *rc, bool good, int n)
{
    static const struct metric_desc desc = {
        .name = "aro_pullsecret_remediation",
        .help = "Repairs of the global pull secret by result.",
        .type = METRIC_COUNTER,
        .labels = { "result" },
    };
    metric_add(metrics_family(rc->sv->metrics, &desc), n,
               METRIC_LABELS(good ? "success" : "failure"));
}

static int write_user_secret(struct reconcile *rc, const json *live, bool recreate,
                             const char *text, struct error **err)
{
    cleanup_secret_text char *encoded = base64_give(text, strlen(text));
    if (!recreate) {
        cleanup_json json *object = json_give_copy(live);
        if (json_set_str(object, DATA_KEY, encoded, err) < 0)
            return -1;
        return kube_update(rc->kube, rc->ctx, &user_ref, object, NULL, NULL, err);
    }
    /* The type of a Secret is immutable. */
    if (live && kube_delete_if_present(rc->kube, rc->ctx, &user_ref, err) < 0)
        return -1;
    cleanup_json json *object =
        json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':%s,'namespace':%s},"
                  "'type':%s,'data':{'.dockerconfigjson':%s}}",
                  USER_SECRET, USER_NAMESPACE, SECRET_TYPE, encoded);
    struct kube_write_options opt = { .field_manager = "aro-operator", .force = true };
    return kube_apply(rc->kube, rc->ctx, &user_ref, object, &opt, NULL, err);
}

struct repair {
    struct reconcile *rc;
    char *text;  /* what the user's secret holds afterwards; NULL: nothing readable; owned */
    bool edited; /* something was written */
};

static int give_service_text(struct reconcile *rc, const struct opctx *ctx, char **ret,
                             struct error **err)
{
    cleanup_json json *ours = NULL;
    if (reconcile_get_service_secret(rc, ctx, &ours, err) < 0)
        return -1;
    *ret = give_content(ours);
    if (!*ret)
        return error_set(err, ERR_INVALID,
                         "Secret " OPERATOR_NAMESPACE "/" OPERATOR_SECRET
                         " has no .dockerconfigjson");
    return 0;
}

static int try_repair(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)attempt; /* every attempt reads live */
    struct repair *r = arg;
    r->edited = false;
    cleanup_secret_text char *ours = NULL;
    cleanup_json json *live = NULL;
    if (reconcile_get(r->rc, &user_ref, &live, err) < 0 ||
        give_service_text(r->rc, ctx, &ours, err) < 0)
        return -1;
    cleanup_secret_text char *have = give_content(live);
    bool recreate =
        !live || !str_eq(json_path_str(live, "type"), SECRET_TYPE) || !json_path(live, "data");
    cleanup_secret_text char *merged = NULL;
    if (pullsecret_merge(have, ours, &merged, err) < 0)
        return -1;
    if (merged || recreate) {
        r->edited = true;
        if (write_user_secret(r->rc, live, recreate, merged ? merged : have, err) < 0)
            return error_wrap(err, "repairing Secret " USER_NAMESPACE "/" USER_SECRET);
    }
    secret_free_text(r->text);
    r->text = merged ? take(merged) : take(have);
    return 0;
}

static int repair(struct reconcile *rc, char **ret_text, struct error **err)
{
    struct repair r = { .rc = rc };
    int rcode = kube_retry_on_conflict(rc->ctx, try_repair, &r, err);
    count_remediation(rc, true, r.edited && rcode == 0);
    count_remediation(rc, false, r.edited && rcode < 0);
    if (r.edited && rcode == 0)
        reconcile_event(rc, "PullSecretRepaired",
                        "Secret " USER_NAMESPACE "/" USER_SECRET
                        " lacked registries of the service or was unusable");
    *ret_text = r.text;
    return rcode;
}

static bool edit_keys(json *cluster, void *arg)
{
    const json *keys = arg;
    json *have = json_path(cluster, "status.redHatKeysPresent");
    if (have ? json_equal(have, keys) : json_len(keys) == 0)
        return false;
    if (!json_is_object(json_get(cluster, "status")))
        json_put(cluster, "status", json_new_object());
    json_put(json_get(cluster, "status"), "redHatKeysPresent", json_give_copy(keys));
    return true;
}

static int report_keys(struct reconcile *rc, const char *text, struct error **err)
{
    cleanup_json json *keys = NULL;
    if (pullsecret_give_red_hat_keys(text, &keys, err) < 0)
        return -1;
    return cluster_status_edit(rc->sv, rc->ctx, edit_keys, keys, err);
}

static int read_only(struct reconcile *rc, char **ret_text, struct error **err)
{
    cleanup_json json *live = NULL;
    if (reconcile_get(rc, &user_ref, &live, err) < 0)
        return -1;
    *ret_text = give_content(live);
    return 0;
}

static int pullsecret_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    cleanup_secret_text char *text = NULL;
    bool managed = flag_is_on(rc->cluster, FLAG_PULLSECRET_MANAGED);
    if ((managed ? repair(rc, &text, err) : read_only(rc, &text, err)) < 0)
        return -1;
    return report_keys(rc, text ? text : "{}", err);
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_SECRETS, .nspace = USER_NAMESPACE, .name = USER_SECRET },
    { .gvr = &GVR_SECRETS, .nspace = OPERATOR_NAMESPACE, .name = OPERATOR_SECRET },
};
static const struct right rights[] = {
    { .gvr = &GVR_SECRETS,
      .verbs = "get create patch update delete",
      .nspace = USER_NAMESPACE,
      .names = USER_SECRET },
    { .gvr = &GVR_SECRETS, .verbs = "get", .nspace = OPERATOR_NAMESPACE, .names = OPERATOR_SECRET },
};

const struct controller_desc pullsecret_controller = {
    .name = "PullSecret",
    .doc = "Repairs the global pull secret and reports which of Red Hat's keys it holds.",
    .roles = ROLE_MASTER,
    .flag = FLAG_PULLSECRET_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .has_conditions = true,
    .reconcile = pullsecret_reconcile,
};
