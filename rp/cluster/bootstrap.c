#include "rp/cluster/bootstrap.h"

#include "rp/cluster/api_versions.h"
#include "rp/cluster/names.h"
#include "rp/cluster/storage.h"
#include "rp/cluster/transient.h"

/* In this order: each holds the next. */
static const struct {
    const char *type, *suffix;
} parts[] = {
    { "Microsoft.Compute/virtualMachines", "-bootstrap" },
    { "Microsoft.Compute/disks", "-bootstrap_OSDisk" },
    { "Microsoft.Network/networkInterfaces", "-bootstrap-nic" },
};

int cluster_remove_bootstrap(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        cleanup_free char *name = name_give(c, parts[i].suffix);
        cleanup_free char *id = name_give_resource_id(c, parts[i].type, name);
        if (transient_delete(arm, ctx, id, api_version_of(parts[i].type), err) < 0)
            return error_wrap(err, "removing the bootstrap machine");
    }
    return 0;
}

int cluster_remove_bootstrap_ignition(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_blobs struct blobs *blobs = NULL;
    if (storage_open(c, ctx, "d", "c", &blobs, err) < 0)
        return -1;
    return blobs_delete_container(blobs, ctx, CONTAINER_IGNITION, err);
}
