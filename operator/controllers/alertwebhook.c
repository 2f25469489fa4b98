/*
 * Points alertmanager's two receivers that the installer leaves empty at the operator's own health
 * endpoint, which accepts and drops alerts: alertmanager then stops complaining that no receiver is
 * configured. Receivers of the customer's own are not touched.
 */
#include "operator/controllers/alertwebhook.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"

#define MONITORING_NAMESPACE "openshift-monitoring"
#define SECRET_NAME "alertmanager-main"
#define CONFIG_KEY "data[\"alertmanager.yaml\"]"
#define RECEIVER_URL \
    "http://aro-operator-master." OPERATOR_NAMESPACE ".svc.cluster.local:8080/healthz/ready"

static const struct kube_ref secret = { .gvr = &GVR_SECRETS,
                                        .nspace = MONITORING_NAMESPACE,
                                        .name = SECRET_NAME };

static bool is_ours(const json *receiver)
{
    const char *name = json_path_str(receiver, "name");
    return str_eq(name, "null") || str_eq(name, "Default");
}

/* Makes each of our receivers hold exactly our webhook. Returns whether anything changed. */
static bool point_receivers(json *config)
{
    bool changed = false;
    json *receivers = json_path(config, "receivers");
    for (size_t i = 0; i < json_len(receivers); i++) {
        json *receiver = json_at(receivers, i);
        if (!json_is_object(receiver) || !is_ours(receiver))
            continue;
        cleanup_json json *want = json_make("[{'url':%s}]", RECEIVER_URL);
        if (json_equal(json_get(receiver, "webhook_configs"), want))
            continue;
        json_put(receiver, "webhook_configs", take(want));
        changed = true;
    }
    return changed;
}

int alertwebhook_edit_config(const char *text, size_t len, char **ret, struct error **err)
{
    cleanup_json json *config = NULL;
    if (yaml_parse(text, len, &config, err) < 0)
        return error_wrap(err, "reading alertmanager.yaml of Secret " MONITORING_NAMESPACE
                               "/" SECRET_NAME);
    *ret = json_is_array(json_path(config, "receivers")) && point_receivers(config)
               ? yaml_give_text(config)
               : NULL;
    return 0;
}

struct edit {
    struct kube_client *kube;
    bool changed;
};

static int try_edit(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)attempt; /* every attempt reads live */
    struct edit *e = arg;
    struct kube_client *kube = e->kube;
    e->changed = false;
    cleanup_json json *object = NULL;
    if (kube_get(kube, ctx, &secret, &object, err) < 0)
        return -1;
    const char *encoded = json_path_str(object, CONFIG_KEY);
    if (!encoded)
        return error_set(err, ERR_INVALID,
                         "Secret " MONITORING_NAMESPACE "/" SECRET_NAME
                         " has no key alertmanager.yaml");
    cleanup_free char *text = NULL;
    size_t len;
    if (base64_parse(encoded, strlen(encoded), &text, &len, err) < 0)
        return error_wrap(err, "decoding Secret " MONITORING_NAMESPACE "/" SECRET_NAME);

    cleanup_free char *edited = NULL;
    if (alertwebhook_edit_config(text, len, &edited, err) < 0)
        return -1;
    if (!edited)
        return 0;
    cleanup_free char *edited64 = base64_give(edited, strlen(edited));
    if (json_set_str(object, CONFIG_KEY, edited64, err) < 0)
        return -1;
    e->changed = true;
    return kube_update(kube, ctx, &secret, object, NULL, NULL, err);
}

static int alertwebhook_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    struct edit e = { .kube = rc->kube };
    if (kube_retry_on_conflict(rc->ctx, try_edit, &e, err) < 0)
        return -1;
    if (e.changed)
        reconcile_event(rc, "AlertReceiversSet",
                        "the empty receivers in Secret " MONITORING_NAMESPACE "/" SECRET_NAME
                        " were pointed at the operator");
    return 0;
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_SECRETS, .nspace = MONITORING_NAMESPACE, .name = SECRET_NAME },
};
static const struct right rights[] = {
    { .gvr = &GVR_SECRETS,
      .verbs = "get update",
      .nspace = MONITORING_NAMESPACE,
      .names = SECRET_NAME },
};

const struct controller_desc alertwebhook_controller = {
    .name = "Alertwebhook",
    .doc = "Sets the alertmanager webhook, so that alertmanager does not report missing receivers.",
    .roles = ROLE_MASTER,
    .flag = FLAG_ALERTWEBHOOK_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .reconcile = alertwebhook_reconcile,
};
