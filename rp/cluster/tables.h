/*
 * tables.h - the steps of each operation, in their order, as tables. What does not concern a cluster is left out for it.
 */
#ifndef RP_CLUSTER_TABLES_H
#define RP_CLUSTER_TABLES_H

#include "rp/cluster/cluster.h"

/* Which clusters a row is for: all bits must hold. 0: for every one. */
enum cluster_when {
    WHEN_SERVICE_PRINCIPAL = 1, /* that the customer brings */
    WHEN_IDENTITIES = 2,        /* of the workload */
    WHEN_GATEWAY = 4,           /* outbound traffic goes through the service's gateway */
    WHEN_SIGNED = 16,   /* certificates of API server and ingress are the service's to get */
    WHEN_OPERATOR = 32, /* the version is one that the operator runs in; otherwise the next */
    WHEN_NO_OPERATOR = 64,
    WHEN_BEGUN =
        128, /* something may have been made for it: every name of that is in the document before */
    WHEN_SYNCSETS = 256, /* clusters are registered with SyncSets */
    WHEN_VAULT =
        512, /* the service has a vault where WHEN_SIGNED may have held when the cluster was made */
};

struct cluster_step {
    struct step step;
    unsigned when;
};

struct cluster_table {
    const struct cluster_step *v;
    size_t len;
};

/* install.c: by layout, and by phase of the install. */
enum install_phase { PHASE_BOOTSTRAP, PHASE_REMOVE_BOOTSTRAP, INSTALL_PHASES };
extern const struct cluster_table install_tables[][INSTALL_PHASES];
/* update.c, admin_update.c, delete.c */
extern const struct cluster_table update_table;
extern const struct cluster_table delete_table;
/* The rows of an admin update, by what the maintenance task asks for. */
enum admin_task {
    ADMIN_EVERYTHING,
    ADMIN_OPERATOR,
    ADMIN_CERTIFICATES,
    ADMIN_SYNC,
    ADMIN_BALANCER,
    ADMIN_TASKS
};
extern const struct cluster_table admin_update_tables[ADMIN_TASKS];
/* The tasks by their names in documents; "" stands for none. */
extern const struct admin_task_row {
    const char *task;
    enum admin_task table;
} admin_tasks[];
extern const size_t admin_tasks_len;

/* The table of the operation. ERR_INVALID: the document asks for what there is no table of. */
int cluster_find_table(const struct cluster *c, const struct cluster_table **ret,
                       struct error **err);
/* The bits that hold for this cluster. */
unsigned cluster_whens(const struct cluster *c);

#define STEP_ACT(name_, fn) \
    { \
        .step = {.kind = STEP_ACTION, .name = name_, .act = fn } \
    }
#define STEP_ACT_WHEN(name_, fn, when_) \
    { \
        .step = { .kind = STEP_ACTION, .name = name_, .act = fn }, .when = when_ \
    }
#define STEP_RETRY(name_, fn) \
    { \
        .step = {.kind = STEP_RETRYING, .name = name_, .act = fn } \
    }
#define STEP_RETRY_WHEN(name_, fn, when_) \
    { \
        .step = { .kind = STEP_RETRYING, .name = name_, .act = fn }, .when = when_ \
    }
#define STEP_UNTIL_WHEN(name_, fn, minutes, text, when_) \
    { \
        .step = { .kind = STEP_CONDITION, \
                  .name = name_, \
                  .holds = fn, \
                  .timeout_ms = STEP_MINUTES(minutes), \
                  .timeout_text = text }, \
        .when = when_ \
    }
#define STEP_MINUTES(n) ((int64_t)(n)*60 * 1000)
#define STEP_UNTIL(name_, fn, minutes, text) \
    { \
        .step = { \
            .kind = STEP_CONDITION, \
            .name = name_, \
            .holds = fn, \
            .timeout_ms = STEP_MINUTES(minutes), \
            .timeout_text = text \
        } \
    }

#endif
