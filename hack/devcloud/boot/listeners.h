/*
 * listeners.h - the addresses at which a cluster's API is reached: one for those inside, and those that Azure gives it, as
 * long as it does. Addresses that are not of this machine (10.x of the virtual networks) cannot be listened at and are passed
 * over. Threads: one at a time.
 */
#ifndef HACK_DEVCLOUD_BOOT_LISTENERS_H
#define HACK_DEVCLOUD_BOOT_LISTENERS_H

#include "hack/devcloud/boot/bootstrap.h"
#include "hack/devcloud/cluster/cluster.h"
#include "pkg/base/strv.h"

struct listeners_config { /* borrowed for life */
    struct cluster *cluster;
    const struct bootstrap *boot;
    uint16_t port; /* outside */
    bool (*intercept)(void *arg, struct http_call *call);
    void *intercept_arg;
};
struct listeners;
/* Listens inside: at a free port of 127.0.0.1. */
int listeners_new(const struct listeners_config *cfg, struct listeners **ret, struct error **err);
uint16_t listeners_inner_port(const struct listeners *l);
/*
 * Listens at exactly these addresses from now on. -1: at some it cannot (the others are served); trying again may help.
 */
int listeners_set(struct listeners *l, const struct strv *addresses, struct error **err);
size_t listeners_len(const struct listeners *l); /* outside */
void listeners_free(struct listeners *l);        /* accepts NULL */

/* Loopback addresses among frontends with a rule for the port, and approved private endpoints (azure/machines.h). */
void listeners_find(const json *frontends, const json *endpoints, uint16_t port, struct strv *ret);

#endif
