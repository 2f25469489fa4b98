#include "operator/controllers/banner.h"

#include <string.h>

#include "pkg/base/mem.h"

#define NOTIFICATION "openshift-aro-sre"

static const struct kube_ref notification = { .gvr = &GVR_CONSOLENOTIFICATIONS,
                                              .name = NOTIFICATION };

static json *give_notification(const char *resource_id)
{
    cleanup_free char *text =
        xasprintf("The Azure Red Hat OpenShift team found a problem on this cluster that needs "
                  "your action. Please open a support request and quote this resource ID: %s",
                  resource_id);
    return json_make("{'apiVersion':'console.openshift.io/v1','kind':'ConsoleNotification',"
                     "'metadata':{'name':%s},'spec':{'location':'BannerTop','color':'#000',"
                     "'backgroundColor':'#ff0','text':%s}}",
                     NOTIFICATION, text);
}

static int show(struct reconcile *rc, struct error **err)
{
    const char *resource_id;
    if (reconcile_need(rc, "spec.resourceId", &resource_id, err) < 0)
        return -1;
    cleanup_json json *want = give_notification(resource_id);
    cleanup_json json *have = NULL;
    if (reconcile_get(rc, &notification, &have, err) < 0)
        return -1;
    if (!have)
        return kube_create(rc->kube, rc->ctx, &notification, want, NULL, NULL, err);
    if (json_equal(json_get(have, "spec"), json_get(want, "spec")))
        return 0;
    json_put(have, "spec", json_ref(json_get(want, "spec")));
    return kube_update(rc->kube, rc->ctx, &notification, have, NULL, NULL, err);
}

static int banner_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret; /* converges on events alone */
    const char *content = json_path_str(rc->cluster, "spec.banner.content");
    if (!content || !*content)
        return kube_delete_if_present(rc->kube, rc->ctx, &notification, err);
    if (strcmp(content, "ContactSupport") != 0) {
        error_set(err, ERR_INVALID, "spec.banner.content: wrong banner setting '%s'", content);
        return -1;
    }
    return show(rc, err);
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_CONSOLENOTIFICATIONS, .name = NOTIFICATION, .optional = true },
};
static const struct right rights[] = {
    { .gvr = &GVR_CONSOLENOTIFICATIONS, .verbs = "create" },
    { .gvr = &GVR_CONSOLENOTIFICATIONS, .verbs = "get update delete", .names = NOTIFICATION },
};

const struct controller_desc banner_controller = {
    .name = "Banner",
    .doc = "Shows or removes the console banner that asks the customer to contact support.",
    .roles = ROLE_MASTER,
    .flag = FLAG_BANNER_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .reconcile = banner_reconcile,
};
