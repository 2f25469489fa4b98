#include "rp/cluster/virtual_machines.h"

#include "pkg/azure/api_versions.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/names.h"

#define TYPE "Microsoft.Compute/virtualMachines"

/* A machine that somebody is stopping right now cannot be started: Azure says so, and that is the step's error. */
static bool is_stopped(const json *view)
{
    static const char *const codes[] = { "PowerState/deallocated", "PowerState/deallocating",
                                         "PowerState/stopped", "PowerState/stopping" };
    json *statuses = json_get(view, "statuses");
    for (size_t i = 0; i < json_len(statuses); i++)
        for (size_t k = 0; k < ARRAY_LEN(codes); k++)
            if (str_eq_nocase(json_path_str(json_at(statuses, i), "code"), codes[k]))
                return true;
    return false;
}

static int look(struct arm *arm, const struct opctx *ctx, const char *id, bool *ret,
                struct error **err)
{
    cleanup_free char *path = xasprintf("%s/instanceView", id);
    const struct arm_call call = { .method = "GET",
                                   .path = path,
                                   .api_version = API_VERSION_COMPUTE };
    cleanup_json json *view = NULL;
    if (arm_send(arm, ctx, &call, &view, err) < 0)
        return error_wrap(err, "looking at machine %s", id);
    *ret = is_stopped(view);
    return 0;
}

/* ---- several at once ---- */

struct starts {
    struct arm_operation **v;
    size_t len;
};

static void starts_release(struct starts *s)
{
    for (size_t i = 0; i < s->len; i++)
        arm_operation_free(s->v[i]);
    free(s->v);
}
#define cleanup_starts CLEANUP_WITH(starts_release)

static int start(struct arm *arm, const struct opctx *ctx, const char *id, struct starts *s,
                 struct error **err)
{
    cleanup_free char *path = xasprintf("%s/start", id);
    const struct arm_call call = { .method = "POST",
                                   .path = path,
                                   .api_version = API_VERSION_COMPUTE };
    log_info(ctx->log, "starting machine %s", id);
    if (arm_begin(arm, ctx, &call, &s->v[s->len], err) < 0)
        return error_wrap(err, "starting machine %s", id);
    s->len++;
    return 0;
}

static int start_stopped(struct arm *arm, const struct opctx *ctx, const json *machines,
                         struct starts *s, struct error **err)
{
    s->v = xcalloc(json_len(machines) + 1, sizeof(struct arm_operation *));
    for (size_t i = 0; i < json_len(machines); i++) {
        bool stopped;
        const char *id;
        if (json_need_str(json_at(machines, i), "id", &id, err) < 0 ||
            look(arm, ctx, id, &stopped, err) < 0 || (stopped && start(arm, ctx, id, s, err) < 0))
            return -1;
    }
    return 0;
}

int cluster_start_machines(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    cleanup_json json *machines = NULL;
    cleanup_starts struct starts s = { 0 };
    cleanup_free char *path = xasprintf("%s/providers/" TYPE, name_group_id(c));
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0 ||
        arm_list(arm, ctx, path, API_VERSION_COMPUTE, &machines, err) < 0 ||
        start_stopped(arm, ctx, machines, &s, err) < 0)
        return -1;
    for (size_t i = 0; i < s.len; i++)
        if (arm_operation_wait(s.v[i], ctx, err) < 0)
            return error_wrap(err, "starting the cluster's machines");
    return 0;
}
