/* process.h - a process of the resource provider: command line, log, signals, and the service.
 * The first SIGTERM or SIGINT stops it regularly, the second without waits, the third at once. */
#ifndef CMD_ARO_RP_PROCESS_H
#define CMD_ARO_RP_PROCESS_H

#include "rp/cluster/manager.h"

struct process {
    const char *prog;                          /* in help and errors */
    const struct cluster_manager_ops *manager; /* NULL: the lifecycle of clusters, rp/cluster */
    void *manager_arg;
    bool patient; /* at a stop it ends what it works on, as in production, also in development */
};

/* All of main: returns the exit code. */
int process_main(const struct process *p, int argc, char **argv);

#endif
