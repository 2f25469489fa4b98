/*
 * boot.h - the virtual OpenShift clusters of a simulated Azure: each begins when its bootstrap machine (INFRA-bootstrap) was
 * provisioned and ends when that and the masters are gone. All live in this process.
 */
#ifndef HACK_DEVCLOUD_BOOT_BOOT_H
#define HACK_DEVCLOUD_BOOT_BOOT_H

#include "hack/devcloud/azure/azure.h"
#include "pkg/base/env.h"

struct boot_config { /* all borrowed until the stop */
    struct azure_sim *sim;
    /* Private folder for pods and machines; its ssh_config leads to the SSH servers of bootstrap machines (ssh -F). NULL: all
     * pods only look Running, and no machine has an SSH server. */
    const char *dir;
    const char *bin_dir;        /* their executables */
    const char *const *pod_env; /* "NAME=value" that they have; may be NULL */
    int64_t tick_ms;            /* how often clusters look at themselves; 0 = 1000 */
    const struct clock *clock;
    const struct rng *rng;
    const struct env *env;
    const struct log *log;
};

struct boot;
int boot_start(const struct boot_config *cfg, struct boot **ret, struct error **err);
/* Ends all clusters with their processes, before the simulated Azure ends. Accepts NULL. */
void boot_stop(struct boot *b);

#endif
