#include "rp/cluster/cluster_data.h"

#include "pkg/base/mem.h"
#include "rp/cluster/cluster_version.h"
#include "rp/cluster/names.h"

int cluster_update_cluster_data(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_free char *domain = name_give_domain(c);
    cleanup_free char *api = xasprintf("https://api.%s:6443/", domain);
    cleanup_free char *console = xasprintf("https://console-openshift-console.apps.%s/", domain);
    cleanup_free char *version = NULL;
    if (cluster_running_version(c, ctx, &version, err) < 0)
        return error_wrap(err, "reading the version of the cluster");
    const char *const members[][2] = { { "apiserverProfile.url", api },
                                       { "consoleProfile.url", console },
                                       { "clusterProfile.version", version } };
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (cluster_set_text(c, ctx, members[i][0], members[i][1], err) < 0)
            return -1;
    return 0;
}
