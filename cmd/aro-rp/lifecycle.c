#include "cmd/aro-rp/lifecycle.h"

/* What cannot be done, and what to do with a build that can. */
static const struct {
    const char *verb, *then;
} words[CLUSTER_OPERATIONS] = {
    [CLUSTER_INSTALL] = { "create", "delete the cluster and create it again" },
    [CLUSTER_UPDATE] = { "update", "repeat the update" },
    [CLUSTER_ADMIN_UPDATE] = { "update", "repeat the update" },
};

static int open_lifecycle(void *arg, const struct opctx *ctx, const struct cluster_job *job,
                          void **ret, struct error **err)
{
    (void)arg;
    (void)ctx;
    *ret = NULL;
    if (job->operation == CLUSTER_DELETE)
        return 0;
    (void)error_set(err, ERR_UNSUPPORTED,
                    "This build of the resource provider carries no installer and cannot %s "
                    "clusters. Nothing was changed in Azure. Run a build with an installer, then "
                    "%s.",
                    words[job->operation].verb, words[job->operation].then);
    error_code(err, LIFECYCLE_NO_INSTALLER);
    return -1;
}

static int give_steps(void *manager, const struct step **ret, size_t *ret_len, struct error **err)
{
    (void)manager;
    (void)err;
    *ret = NULL;
    *ret_len = 0;
    return 0;
}

static void close_lifecycle(void *manager)
{
    (void)manager;
}

const struct cluster_manager_ops lifecycle_ops = {
    .open = open_lifecycle,
    .steps = give_steps,
    .close = close_lifecycle,
};
