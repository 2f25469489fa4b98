/*
 * conditions.h - status.conditions of the Cluster resource: what the operator tells about the
 * cluster.
 *
 * The first half is pure and edits a tree; the second half writes it to the API server with
 * optimistic concurrency, as masters and workers share one status. Threads: pure functions any;
 * writers any.
 */
#ifndef OPERATOR_CONDITIONS_H
#define OPERATOR_CONDITIONS_H

#include "operator/services.h"
#include "pkg/base/json.h"
#include "pkg/base/opctx.h"

/* X(id, type, doc): conditions that checkers set. Those marked as checks must be True on a healthy
 * cluster. */
#define CHECK_CONDITIONS(X) \
    X(INTERNET_REACHABLE_FROM_MASTER, "InternetReachableFromMaster") \
    X(INTERNET_REACHABLE_FROM_WORKER, "InternetReachableFromWorker") \
    X(SERVICE_PRINCIPAL_VALID, "ServicePrincipalValid") \
    X(MACHINE_VALID, "MachineValid") \
    X(DEFAULT_INGRESS_CERTIFICATE, "DefaultIngressCertificate") \
    X(DEFAULT_CLUSTER_DNS, "DefaultClusterDNS")

#define X(id, type) extern const char COND_##id[];
CHECK_CONDITIONS(X)
#undef X

#define STATUS_TRUE "True"
#define STATUS_FALSE "False"
#define STATUS_UNKNOWN "Unknown"

struct condition { /* all borrowed; reason and message may be NULL */
    const char *type, *status, *reason, *message;
};

/* ---- pure ---- */
/* The condition of that type in status.conditions; borrowed; NULL when absent. */
json *condition_find(const json *cluster, const char *type);
/* Adds or replaces one condition; lastTransitionTime moves only with the status. true when
 * something changed. */
bool condition_put(json *cluster, const struct condition *c, int64_t wall_ns);
/* Removes conditions whose type nobody sets any more. true when something changed. */
bool conditions_prune(json *cluster);
/* Whether a condition of that type, or one of the controller's three, was in before and is not in now. */
bool condition_was_erased(const json *before, const json *now, const char *type);
bool conditions_base_were_erased(const json *before, const json *now, const char *controller);
/* True for the types above, two reserved ones, and
 * <Name>Controller{Available,Progressing,Degraded}. */
bool condition_is_known(const char *type);

/* ---- writers ---- (retry conflicts on a fresh read; PUT /status only when something changed) */
/* For checkers: also prunes, and on the master keeps status.operatorVersion current. */
int conditions_write_check(struct services *sv, const struct opctx *ctx, const struct condition *c,
                           struct error **err);
/* The three conditions of a controller. degraded or progressing NULL: False without a message. */
int conditions_write_base(struct services *sv, const struct opctx *ctx, const char *controller,
                          const char *progressing, const char *degraded, struct error **err);

/* Any edit of the Cluster's status: edit returns whether it changed the tree. */
typedef bool (*status_edit_fn)(json *cluster, void *arg);
int cluster_status_edit(struct services *sv, const struct opctx *ctx, status_edit_fn edit,
                        void *arg, struct error **err);

#endif
