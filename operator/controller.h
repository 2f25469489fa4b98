/*
 * controller.h - what a controller of the operator is: one descriptor, one reconcile.
 *
 * The shared part (reconcile.c) fetches the Cluster, tests the flag, times, logs, keeps the
 * controller's own conditions and maps errors to retries. A new controller is one file pair in
 * controllers/ and one line in controllers.c.
 */
#ifndef OPERATOR_CONTROLLER_H
#define OPERATOR_CONTROLLER_H

#include "operator/conditions.h"
#include "operator/flags.h"
#include "operator/services.h"
#include "pkg/controller/controller.h"

/* One kind whose events wake a controller. Unset fields do not restrict. */
struct watch {
    const struct gvr *gvr;
    const char *nspace, *name;           /* one object: watched by field selector */
    const char *label_key, *label_value; /* value NULL: the key exists */
    enum {
        WAKE_CLUSTER,
        WAKE_OWNER,
        WAKE_OBJECT
    } wake; /* key "cluster", only if the Cluster owns it, the object's */
    bool
        only_generation; /* ignore updates that leave metadata.generation alone; but of the Cluster those that
                             erase a condition of the controller */
    bool optional;           /* the kind may be missing from the cluster */
    const char *name_suffix; /* only objects whose name ends so */
    enum kube_projection projection;
};
/* The Cluster itself, spec changes only: what nearly every controller watches. */
#define WATCH_CLUSTER \
    { \
        .gvr = &GVR_CLUSTERS, .name = CLUSTER_NAME, .only_generation = true \
    }
#define WATCH_OWNED(gvr_) \
    { \
        .gvr = (gvr_), .wake = WAKE_OWNER \
    }
#define WATCH_OWNED_OPTIONAL(gvr_) \
    { \
        .gvr = (gvr_), .wake = WAKE_OWNER, .optional = true \
    }

/* The informer that a watch is fed from; controllers that watch the same share it. */
struct informer *watch_informer(struct services *sv, const struct watch *w);

/* One rule of the role that the operator runs under. get, list and watch of the watches above are
 * added to it. */
struct right {
    const struct gvr *gvr;
    const char *subresource; /* NULL: the object itself */
    const char *verbs;       /* "get update" */
    const char *nspace;      /* NULL: cluster scope or every namespace */
    const char *names;       /* "a b"; NULL: any name */
};

struct controller_desc;

/* One run. Everything is borrowed for the run, except what *give* in a name says. */
struct reconcile {
    const struct controller_desc *self;
    struct services *sv;
    struct kube_client *kube; /* = sv->kube */
    const struct opctx *ctx;
    const char *key; /* "cluster", or of the object that woke us */
    json *cluster;   /* this run's own tree of the Cluster */
};

struct controller_desc {
    const char *name; /* as in logs, metrics and conditions */
    const char *doc;  /* one sentence, for README */
    unsigned roles;   /* enum operator_role, or-ed */
    enum operator_flag flag;
    const struct watch *watches;
    size_t watches_len;
    const struct right *rights;
    size_t rights_len;
    bool has_conditions;   /* keeps <name>Controller{Available,Progressing,Degraded} */
    bool is_check;         /* tells what it finds, failures included, in a condition of its own */
    const char *checks[2]; /* the types of these, of either role; NULL: none */
    bool periodic; /* run again SETTING_CHECK_INTERVAL_MS after a success; false: events only */
    int (*reconcile)(struct reconcile *rc, struct result *ret, struct error **err);
    int (*disabled)(struct reconcile *rc,
                    struct error **err); /* the flag is off; NULL: nothing to do */
};

#define DESC_WATCHES(table) .watches = (table), .watches_len = ARRAY_LEN(table)
#define DESC_RIGHTS(table) .rights = (table), .rights_len = ARRAY_LEN(table)

/* Tells the administrator what goes on (condition <name>ControllerProgressing); cleared when the
 * run ends well. */
int reconcile_progress(struct reconcile *rc, const char *message, struct error **err);
/* Sets a check condition. */
int reconcile_check(struct reconcile *rc, const char *type, const char *status, const char *reason,
                    const char *message, struct error **err);
/* What was repaired: a line in the log and an Event of the Cluster, where administrators look. */
void reconcile_event(struct reconcile *rc, const char *reason, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* spec.resourceId as a needed string, and others by path. */
int reconcile_need(struct reconcile *rc, const char *path, const char **ret, struct error **err);
/* All objects that the controller's own watch of gvr knows, as an array of trees (from the cache,
 * no request). */
json *reconcile_give_list(struct reconcile *rc, const struct watch *w);
/* An owner reference to the Cluster, controller=true. */
json *reconcile_give_owner(const struct reconcile *rc);
/* The Secret that the service fills, read live; that it is missing is told with what mends it. */
int reconcile_get_service_secret(struct reconcile *rc, const struct opctx *ctx, json **ret,
                                 struct error **err);
/* Get; *ret is NULL when absent. */
int reconcile_get(struct reconcile *rc, const struct kube_ref *ref, json **ret, struct error **err);

/* The pkg/controller of a descriptor; *ret owns its sources. */
struct operator_controller;
int operator_controller_new(const struct controller_desc *desc, struct services *sv,
                            struct operator_controller **ret, struct error **err);
void operator_controller_free(struct operator_controller *c);
/* As controller_warm_up. */
int operator_controller_warm_up(struct operator_controller *c, const struct opctx *ctx,
                                struct error **err);
/* Blocks until the context's stop. */
int operator_controller_run(struct operator_controller *c, const struct opctx *ctx,
                            struct error **err);
/* The keys that failed run now, as if they had not failed. Any thread; does not block. */
void operator_controller_retry_now(struct operator_controller *c);
/* What its worker does with a key: one run, and an Event when it begins or ceases to fail. */
int operator_controller_step(struct operator_controller *c, const struct opctx *ctx,
                             const char *key, struct result *ret, struct error **err);
/* One run without queue, for tests and for the runtime: what a worker does with a key. */
int operator_reconcile_once(const struct controller_desc *desc, struct services *sv,
                            const struct opctx *ctx, const char *key, struct result *ret,
                            struct error **err);

#endif
