/*
 * machines.h - the virtual machines of the simulated Azure, for what runs on them in the same process: it hears of them, reads
 * what they were given, writes their serial logs, finds the addresses at which a cluster is reached, and makes machines as a
 * cluster's machine API does.
 *
 * Threads: any, but not from within a request of the simulator itself; each call takes its lock. Trees that are returned share
 * nothing with it.
 */
#ifndef HACK_DEVCLOUD_AZURE_MACHINES_H
#define HACK_DEVCLOUD_AZURE_MACHINES_H

#include "hack/devcloud/azure/azure.h"
#include "pkg/base/strv.h"

struct azure_machine {
    char *id, *name; /* as they were made */
    char *group_id;  /* "/subscriptions/S/resourceGroups/G" */
    char *size;      /* "Standard_D8s_v3" */
    char *zone;      /* "1"; NULL: none */
    /* osProfile.customData decoded, a NUL behind it; NULL: none. It may hold secrets. */
    char *custom_data;
    size_t custom_data_len;
    struct strv addresses; /* private, of its interfaces in their order */
    bool runs;             /* its power is on */
};
void azure_machine_free(struct azure_machine *m); /* accepts NULL */
DEFINE_RELEASE(struct azure_machine *, azure_machine_free)
#define cleanup_machine CLEANUP_WITH(azure_machine_free_slot)

/* ---- machines.c: hearing of them ---- */

enum machine_event {
    MACHINE_PROVISIONED, /* its operation ended well for the first time; it runs */
    MACHINE_STARTED,     /* again */
    MACHINE_STOPPED,     /* powered off or deallocated */
    MACHINE_DELETED,     /* it is gone; by itself or with its group */
};
struct machine_watcher {
    /* One call at a time, in the order of the events, on a thread of the simulator's that holds no lock. It may take its time,
     * and may call everything here but machines_watch. m is borrowed. */
    void (*changed)(void *arg, enum machine_event what, const struct azure_machine *m);
    void *arg;
};
/*
 * From now on the watcher hears of every machine, first of those that there are already (provisioned ones). Only one watcher at
 * a time: ERR_EXISTS. Meanwhile operations end when their time has come, even if nobody asks for them.
 */
int machines_watch(struct azure_sim *a, const struct machine_watcher *w, struct error **err);
/* When it returns, the watcher is not called any more. azure_sim_stop does it, too. Not from within changed. */
void machines_unwatch(struct azure_sim *a);

/* NULL: there is no machine of this ID, in any letter case. Owned by the caller. */
struct azure_machine *machines_give_one(struct azure_sim *a, const char *id);
/* IDs of the machines in a group, as they were made, in the order of their making. */
void machines_list(struct azure_sim *a, const char *group_id, struct strv *ret);

/* Adds to what the machine's serial console shows; the oldest is forgotten beyond 64 KiB. No such machine: nothing happens. */
void machines_append_log(struct azure_sim *a, const char *id, const char *text);

/* ---- machines_address.c: where a cluster is reached ---- */

/*
 * The frontends of a group's load balancers: [{"loadBalancer": name, "frontend": name, "address", "public": bool,
 * "ports": [frontend ports of its rules]}]. A frontend without an address yet is left out. Owned by the caller.
 */
json *machines_give_frontends(struct azure_sim *a, const char *group_id);
/*
 * Private endpoints, of whatever group, that lead to private link services of this group: [{"id", "address", "service": ID of
 * the private link service, "status": "Approved", ...}]. One that is not there yet, or on its way, is left out. Owned.
 */
json *machines_give_endpoints(struct azure_sim *a, const char *group_id);

/* ---- machines_make.c: what a cluster asks of Azure ---- */

/*
 * One request to ARM in the name of nobody: no permissions are checked. path is decoded, without a query; body is borrowed and
 * may be NULL. *ret_body (owned, NULL: none) and the result are the answer. Does not wait for the operation that it begins.
 * Returns the HTTP status.
 */
int machines_ask(struct azure_sim *a, const char *method, const char *path, const char *api_version,
                 const json *body, json **ret_body);

struct machine_wish {
    const char *group_id, *name; /* where, and what it is called */
    const char *size, *zone;     /* zone NULL or "": none */
    const char *subnet_id;       /* of its one interface, NAME-nic */
    const char *pool_id;         /* backend pool of a load balancer; NULL: none */
    const char *custom_data;     /* base64 as it is sent; NULL: none */
    int disk_gb;                 /* of its disk, NAME_OSDisk */
};
/* Begins to make the machine with its interface and disk, as machine-api does; MACHINE_PROVISIONED follows. The error has Azure's
 * code and status (quota, capacity, a subnet that is missing). Making it again is no error. */
int machines_make(struct azure_sim *a, const struct machine_wish *wish, struct error **err);
/* Begins to delete it; its disk and interface go with it when it is gone. No such machine: nothing happens. */
void machines_unmake(struct azure_sim *a, const char *id);

#endif
