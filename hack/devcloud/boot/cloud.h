/*
 * cloud.h - the simulated Azure as the clusters in it see it: the seam between the two, so that a cluster can be tried alone.
 *
 * Each call may come from any thread. What is returned is owned by the caller.
 */
#ifndef HACK_DEVCLOUD_BOOT_CLOUD_H
#define HACK_DEVCLOUD_BOOT_CLOUD_H

#include "hack/devcloud/azure/machines.h"

enum cloud_machine { CLOUD_ABSENT, CLOUD_STOPPED, CLOUD_RUNS };

struct cloud {
    /* Names and meaning as in azure/machines.h. */
    void (*append_log)(struct cloud *c, const char *machine_id, const char *text);
    /* How a machine is; its addresses are added to ret_addresses (may be NULL). */
    enum cloud_machine (*look)(struct cloud *c, const char *machine_id, struct strv *ret_addresses);
    /* customData of a machine, decoded, as text; NULL: none. It may hold secrets. */
    char *(*give_custom_data)(struct cloud *c, const char *machine_id);
    json *(*give_frontends)(struct cloud *c, const char *group_id);
    json *(*give_endpoints)(struct cloud *c, const char *group_id);
    int (*make_machine)(struct cloud *c, const struct machine_wish *wish, struct error **err);
    void (*unmake_machine)(struct cloud *c, const char *machine_id);
    int (*ask)(struct cloud *c, const char *method, const char *path, const char *api_version,
               const json *body, json **ret_body); /* the status */
    /* What the state says about clusters of that infrastructure name (settings.h); NULL: nothing. */
    json *(*give_settings)(struct cloud *c, const char *infra);
};

/* The real one. sim is borrowed and must outlive it. */
struct cloud *cloud_new(struct azure_sim *sim);
void cloud_free(struct cloud *c);

#endif
