#include "operator/controllers/clusterdnschecker.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static const struct kube_ref dns = { .gvr = &GVR_DNSES, .name = "default" };

static bool has_root_zone(const json *server)
{
    json *zones = json_path(server, "zones");
    for (size_t i = 0; i < json_len(zones); i++)
        if (str_eq(json_str(json_at(zones, i)), "."))
            return true;
    return false;
}

/* The verdict on a DNS object: the status of the condition, and its message. */
static const char *judge(const json *object, char **ret_message)
{
    cleanup_strv struct strv upstreams = STRV_INIT;
    json *servers = json_path(object, "spec.servers");
    for (size_t i = 0; i < json_len(servers); i++) {
        if (has_root_zone(json_at(servers, i))) { /* CoreDNS would not roll out */
            *ret_message = xstrdup("malformed config: \".\" in zones");
            return STATUS_FALSE;
        }
        json *list = json_path(json_at(servers, i), "forwardPlugin.upstreams");
        for (size_t u = 0; u < json_len(list); u++)
            if (json_str(json_at(list, u)))
                strv_add(&upstreams, json_str(json_at(list, u)));
    }
    if (upstreams.len == 0) {
        *ret_message = xstrdup("no in-cluster upstream DNS servers");
        return STATUS_TRUE;
    }
    cleanup_free char *joined = strv_give_joined(&upstreams, ", ");
    *ret_message = xasprintf("custom upstream DNS servers in use: %s", joined);
    return STATUS_TRUE;
}

static int dns_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    cleanup_json json *object = NULL;
    struct error *e = NULL;
    if (kube_get(rc->kube, rc->ctx, &dns, &object, &e) < 0) {
        cleanup_error struct error *write_error = NULL;
        if (reconcile_check(rc, COND_DEFAULT_CLUSTER_DNS, STATUS_FALSE, "CheckFailed",
                            error_text(e), &write_error) < 0)
            error_join(&e, &write_error);
        return error_move(err, &e);
    }
    cleanup_free char *message = NULL;
    const char *status = judge(object, &message);
    return reconcile_check(rc, COND_DEFAULT_CLUSTER_DNS, status, "CheckDone", message, err);
}

static int dns_disabled(struct reconcile *rc, struct error **err)
{
    return reconcile_check(rc, COND_DEFAULT_CLUSTER_DNS, STATUS_UNKNOWN, NULL, NULL, err);
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_DNSES, .name = "default", .optional = true },
};
static const struct right rights[] = {
    { .gvr = &GVR_DNSES, .verbs = "get", .names = "default" },
};

const struct controller_desc clusterdnschecker_controller = {
    .name = "ClusterDNSChecker",
    .doc = "Checks that the cluster's DNS operator has no configuration that breaks CoreDNS.",
    .roles = ROLE_MASTER,
    .flag = FLAG_CHECKER_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .is_check = true,
    .checks = { COND_DEFAULT_CLUSTER_DNS },
    .periodic = true,
    .reconcile = dns_reconcile,
    .disabled = dns_disabled,
};
