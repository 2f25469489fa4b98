#include "rp/cluster/balancer_ssh.h"

#include <string.h>

#include "pkg/azure/api_versions.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/balancer_edit.h"
#include "rp/cluster/names.h"
#include "rp/cluster/ssh_way.h"

#define INTERFACES "Microsoft.Network/networkInterfaces"
#define INTERFACE_SUFFIX "-nic"

static const char *const names[] = { "ssh-0", "ssh-1", "ssh-2" };
#define MASTERS ((int)ARRAY_LEN(names))
#define FIRST_PORT 2200

static struct ssh_way way_to(const char *balancer_id, int master)
{
    return (struct ssh_way){ balancer_id, names[master], FIRST_PORT + master };
}

/* arg: the balancer's ID. */
static int edit_balancer(json *balancer, void *arg, struct error **err)
{
    for (int i = 0; i < MASTERS; i++) {
        const struct ssh_way way = way_to(arg, i);
        if (ssh_way_add(balancer, &way, err) < 0)
            return -1;
    }
    return 0;
}

/* "INFRA-master0-nic" as it was installed, "INFRA-master-0-nic" or "INFRA-master-abcde-0-nic" when the cluster replaced the machine.
 * -1: no master's. */
static int master_of(const struct cluster *c, const char *name)
{
    cleanup_free char *prefix = name_give(c, "-master");
    size_t len = strlen(name), tail = strlen(INTERFACE_SUFFIX);
    if (!str_starts(name, prefix) || len <= strlen(prefix) + tail ||
        !str_ends_nocase(name, INTERFACE_SUFFIX))
        return -1;
    int number = name[len - tail - 1] - '0';
    return number >= 0 && number < MASTERS ? number : -1;
}

static int join_pools(const struct cluster *c, struct arm *arm, const struct opctx *ctx,
                      const char *balancer_id, struct error **err)
{
    cleanup_free char *path = xasprintf("%s/providers/" INTERFACES, name_group_id(c));
    cleanup_json json *interfaces = NULL;
    if (arm_list(arm, ctx, path, API_VERSION_NETWORK, &interfaces, err) < 0)
        return error_wrap(err, "finding the masters' network interfaces");
    for (size_t i = 0; i < json_len(interfaces); i++) {
        const char *id = json_path_str(json_at(interfaces, i), "id");
        int master = id ? master_of(c, arm_id_last(id)) : -1;
        if (master < 0)
            continue;
        const struct ssh_way way = way_to(balancer_id, master);
        if (ssh_way_join(arm, ctx, &way, id, err) < 0)
            return -1;
    }
    return 0;
}

int cluster_ensure_balancer_ssh(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    cleanup_free char *id = name_give_internal_balancer_id(c);
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0 ||
        balancer_edit(arm, ctx, id, edit_balancer, id, err) < 0)
        return -1;
    return join_pools(c, arm, ctx, id, err);
}
