/*
 * manager.h - the lifecycle of clusters, as the backend asks for it.
 *
 * The backend knows documents, leases and outcomes, and nothing of Azure or Kubernetes; whoever installs, updates and
 * deletes clusters hands it one of these tables. For each operation the backend opens a manager, runs the steps that it
 * names, one after the other, and closes it: all on one thread, in a process that may end at any instruction. Another
 * process then begins with the first step again, so every step can be repeated.
 *
 * Steps write the document with openshiftclusters_patch_with_lease and the job's lease: such a write fails once somebody
 * else works on the cluster. Their context ends when the lease is lost. Between two steps, and between two looks of a
 * condition, the backend may hand the operation over to another process.
 *
 * An install goes in phases: while the document holds `install` after the last step, the operation goes on in another
 * process, with the steps of the phase that it then finds there.
 *
 * Errors: what has a code (error_code) is shown to the customer with its text and target, anything else only as
 * "Internal server error."; so are those with a code of pkg/net or pkg/database.
 * Source: Azure/ARO-RP, pkg/cluster.
 */
#ifndef RP_CLUSTER_MANAGER_H
#define RP_CLUSTER_MANAGER_H

#include "pkg/base/json.h"
#include "pkg/steps/steps.h"

struct database;

enum cluster_operation {
    CLUSTER_INSTALL,
    CLUSTER_UPDATE,
    CLUSTER_ADMIN_UPDATE,
    CLUSTER_DELETE,
    CLUSTER_OPERATIONS
};

/* "install", "update", "adminUpdate", "delete": in the stored progress and in names of metrics. */
extern const char *const cluster_operation_words[CLUSTER_OPERATIONS];

/* All borrowed, until close; the trees are for the calling thread alone. */
struct cluster_job {
    enum cluster_operation operation;
    struct database *db;
    const char *key, *lease;
    const json *cluster;      /* the whole document, as it was when the work began */
    const json *subscription; /* the whole document */
};

struct cluster_manager_ops {
    /* An error is the operation's end. *ret goes into all other calls. */
    int (*open)(void *arg, const struct opctx *ctx, const struct cluster_job *job, void **ret,
                struct error **err);
    /* The steps of the job; borrowed until close. */
    int (*steps)(void *manager, const struct step **ret, size_t *ret_len, struct error **err);
    void (*close)(void *manager);
    /* As in struct steps_config; each may be NULL. */
    bool (*may_heal)(void *manager, const struct error *e);
    int (*refresh)(void *manager, const struct opctx *ctx, struct error **err);
    int64_t (*waited_ms)(void *manager, const struct step *s);
    void (*on_begin)(void *manager, const struct step *s);
    void (*on_end)(void *manager, const struct step *s, int64_t took_ms, const struct error *e);
    /* A step has failed for good: what is told of it, instead of *e. May be NULL. */
    void (*judge)(void *manager, const struct step *s, struct error **e);
};

#endif
