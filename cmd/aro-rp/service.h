/* service.h - the parts of `aro rp`, made from the environment and put together. */
#ifndef CMD_ARO_RP_SERVICE_H
#define CMD_ARO_RP_SERVICE_H

#include <stdint.h>
#include <stdio.h>

#include "pkg/base/env.h"
#include "pkg/base/log.h"
#include "pkg/base/opctx.h"
#include "rp/cluster/manager.h"

struct service_options {
    const char *bind_address; /* NULL: all in production, 127.0.0.1 in development */
    uint16_t port, plain_port;
    const struct env *env;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
    /* What is done with clusters; NULL: their lifecycle, rp/cluster. */
    const struct cluster_manager_ops *manager;
    void *manager_arg;
    bool patient; /* in development, too, what is worked on is waited for at a stop */
    /* A command that calls service_run_child with the two arguments that are added; NULL: every cluster is worked on in
     * this process. */
    const char *const *child;
};

/*
 * Frontend and backend, until stop is set. Then the backend takes no more documents and finishes what it works on, while
 * the frontend calls itself not ready, serves until load balancers know and ends; it returns when both are done. at_once
 * cuts the frontend's waits short and has the backend hand over what it works on. In development neither waits.
 * A stop during the start breaks it off, which is no failure. ERR_INVALID: the environment is wrong.
 */
int service_run(const struct service_options *opt, struct stop *stop, struct stop *at_once,
                struct error **err);
/* Works on one cluster, for the backend whose child this process is: before any thread was started. *ret is the exit code. */
int service_run_child(const struct service_options *opt, const char *key, const char *lease,
                      int *ret, struct error **err);
/* Prints a cluster's document, or one member of it, to out. key: its resource ID; member: a path below "openShiftCluster", whose
 * value is printed bare, opened where it is sealed; NULL: the whole document, in which nothing is opened. ERR_NOT_FOUND: there
 * is no such cluster, or no such member, or there are no documents at all: neither they nor secrets are made. */
int service_show(const struct service_options *opt, const char *key, const char *member, FILE *out,
                 struct error **err);

#endif
