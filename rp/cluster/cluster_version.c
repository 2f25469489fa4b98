#include "rp/cluster/cluster_version.h"

#include "pkg/api/semver.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/kube.h"

static const struct kube_ref version_ref = { .gvr = &GVR_CLUSTERVERSIONS, .name = "version" };

static int forget_updates(json *version, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    (void)json_path_del(version, "spec.upstream");
    (void)json_path_del(version, "spec.channel");
    return 0;
}

int cluster_disable_updates(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    return cluster_edit(c->kube, ctx, &version_ref, forget_updates, NULL, err);
}

int cluster_running_version(const struct cluster *c, const struct opctx *ctx, char **ret,
                            struct error **err)
{
    cleanup_json json *version = NULL;
    if (kube_get(c->kube, ctx, &version_ref, &version, err) < 0)
        return error_wrap(err, "finding the version of the cluster");
    json *history = json_path(version, "status.history");
    json *found = json_at(history, 0);
    for (size_t i = 0; i < json_len(history); i++) {
        if (!str_eq(json_path_str(json_at(history, i), "state"), "Completed"))
            continue;
        found = json_at(history, i);
        break;
    }
    const char *text = json_path_str(found, "version");
    if (!text)
        return error_set(err, ERR_INTERNAL, "unknown cluster version");
    *ret = xstrdup(text);
    return 0;
}

bool cluster_version_has_minor(const char *version, unsigned minor)
{
    struct semver v;
    if (!semver_parse(version, &v))
        return true;
    return v.major > 4 || (v.major == 4 && v.minor >= minor);
}

int cluster_runs_minor(const struct cluster *c, const struct opctx *ctx, unsigned minor, bool *ret,
                       struct error **err)
{
    cleanup_free char *version = NULL;
    if (cluster_running_version(c, ctx, &version, err) < 0)
        return -1;
    *ret = cluster_version_has_minor(version, minor);
    return 0;
}
