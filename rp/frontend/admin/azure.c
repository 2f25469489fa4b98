#include "rp/frontend/admin/azure.h"

#include "rp/frontend/admin/admin.h"
#include "rp/frontend/admin/common.h"
#include "rp/frontend/documents.h"

struct work {
    struct request *req;
    struct azure_place place;
    int (*act)(struct request *req, const struct azure_place *place, struct error **err);
};

static int run(struct arm *arm, void *arg, struct error **err)
{
    struct work *w = arg;
    w->place.arm = arm;
    return w->act(w->req, &w->place, err);
}

int admin_azure_answer(struct request *req,
                       int (*act)(struct request *req, const struct azure_place *place,
                                  struct error **err),
                       struct error **err)
{
    const struct admin_clients *clients = req->f->cfg.more_arg;
    struct admin_azure *azure = clients ? clients->azure : NULL;
    cleanup_document struct document cluster = { 0 }, subscription = { 0 };
    if (cluster_find(req, &cluster, err) < 0 ||
        admin_find_subscription(req, &subscription, err) < 0)
        return -1;
    const char *tenant = json_path_str(subscription.tree, "subscription.properties.tenantId");
    struct work w = { .req = req, .act = act };
    w.place.cluster = json_get(cluster.tree, "openShiftCluster");
    w.place.managed_group =
        json_path_str(w.place.cluster, "properties.clusterProfile.resourceGroupId");
    if (!azure)
        return error_set(err, ERR_UNAVAILABLE, "Azure is not asked from here");
    if (!tenant || !w.place.managed_group)
        return error_set(err, ERR_INTERNAL,
                         "the documents name no tenant or no resource group of the machines");
    return azure->run(azure, req->ctx, tenant, run, &w, err);
}
