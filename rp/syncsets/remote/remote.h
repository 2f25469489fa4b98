/*
 * remote.h - the clusters that sets are shipped to, as this process knows them: a client for each, made of a kubeconfig and
 * what overrides it, what its API server offers, and whether it can be reached.
 *
 * A remote is kept for the next time until what it was made of changes or memory is short (the least recently used one
 * goes first). Its clients wait for their turn: at most `qps` requests a second and `parallel` at a time, over all threads.
 *
 * What a kubeconfig may not do here: run programs, read files, skip the verification of certificates (unless allowed), and
 * dial this machine, its link or the cloud's metadata services (unless allowed; pkg/net/dial_rules.h).
 *
 * Threads: safe from any; a remote may be used by several.
 */
#ifndef RP_SYNCSETS_REMOTE_REMOTE_H
#define RP_SYNCSETS_REMOTE_REMOTE_H

#include "pkg/kube/client.h"
#include "pkg/kube/merge_keys.h"

struct sets_remotes;
struct sets_remote;

struct sets_remotes_config { /* pointers are borrowed for the life of what is made of it */
    struct http_client *http;
    const struct clock *clock;
    const struct rng *rng;
    const struct env *env;
    const struct log *log;      /* may be NULL */
    struct metrics *metrics;    /* may be NULL */
    const char *user_agent;     /* NULL: "aro-syncsets" */
    const char *dial_allowed;   /* ranges, see dial_rules_new; borrowed during the call */
    bool allow_insecure;        /* kubeconfigs may say insecure-skip-tls-verify */
    double qps;                 /* of a cluster; 0 = 20 */
    int parallel;               /* of a cluster; 0 = 4 */
    int64_t request_timeout_ms; /* 0 = 60 s */
    int64_t probe_answer_ms;    /* a probe waits so long for each answer; 0 = 10 s */
    size_t max_bytes; /* of all that is kept: beyond it those that nobody uses go; 0 = 64 MiB */
};
/* ERR_INVALID: dial_allowed. */
int sets_remotes_new(const struct sets_remotes_config *cfg, struct sets_remotes **ret,
                     struct error **err);
void sets_remotes_free(struct sets_remotes *all);    /* every remote must have been given back */
size_t sets_remotes_bytes(struct sets_remotes *all); /* estimated, of all that is kept */

/* What is known of a cluster; borrowed during the call. */
struct sets_target {
    const char *uid; /* of the Cluster */
    const char *kubeconfig;
    size_t kubeconfig_len;
    const char *api_url_override;       /* spec.apiURLOverride; NULL or "": none */
    const char *api_server_ip_override; /* spec.apiServerIPOverride; NULL or "": none */
    const char *ca_bundle; /* spec.caBundle: further authorities, PEM; NULL or "": none */
    bool use_secondary; /* the last probe found the kubeconfig's URL answering, the override not */
    bool fake; /* annotation hive.openshift.io/fake-cluster: all succeeds without a request */
};
/* Opens no connection. ERR_INVALID: the kubeconfig or an override cannot be used; the message repeats nothing of a
 * kubeconfig. */
int sets_remotes_get(struct sets_remotes *all, const struct sets_target *target,
                     struct sets_remote **ret, struct error **err);
void sets_remote_put(struct sets_remote *r); /* gives it back; accepts NULL */
DEFINE_RELEASE(struct sets_remote *, sets_remote_put)
#define cleanup_sets_remote CLEANUP_WITH(sets_remote_put_slot)

bool sets_remote_is_fake(const struct sets_remote *r);
/* End of the client certificate; 0: there is none. */
int64_t sets_remote_credential_expiry(const struct sets_remote *r);

/* ---- requests ---- */
/* Whether a change may be sent now; -1 refuses it. Asked before each attempt of a request that changes something, on the
 * thread that sends it. */
struct sets_guard {
    int (*may_mutate)(void *arg, struct error **err);
    void *arg;
};
/* Waits for a place; until sets_remote_end the thread may use *ret. guard may be NULL: nothing may be changed. Not for fake
 * clusters. A thread takes one place at a time. */
int sets_remote_begin(struct sets_remote *r, const struct opctx *ctx,
                      const struct sets_guard *guard, struct kube_client **ret, struct error **err);
void sets_remote_end(struct sets_remote *r);

/* ---- what the API server offers ---- asked once and kept; each takes a place itself */
/* *ret is borrowed until the remote is given back. ERR_NOT_FOUND with code "NoMatch": there is no such kind, and the server
 * was asked just now. */
int sets_remote_find(struct sets_remote *r, const struct opctx *ctx, const char *api_version,
                     const char *kind, const struct gvr **ret, struct error **err);
/* The same in whatever version the server has; `version` is tried first. */
int sets_remote_find_any(struct sets_remote *r, const struct opctx *ctx, const char *group,
                         const char *version, const char *kind, const struct gvr **ret,
                         struct error **err);
/* Kinds have changed: after writing a CustomResourceDefinition or an APIService, or when a kind that was found is gone. */
void sets_remote_forget_kinds(struct sets_remote *r);
/* How lists of the kind are merged: *ret_keys and *ret_row are borrowed until the remote is given back; both NULL for a kind
 * that knows JSON merge patches only. */
int sets_remote_merge_keys(struct sets_remote *r, const struct opctx *ctx, const struct gvr *gvr,
                           const struct merge_keys **ret_keys, const struct merge_row **ret_row,
                           struct error **err);

/* ---- probing ---- */
enum sets_probe_access { SETS_ACCESS_OK, SETS_ACCESS_UNAUTHORIZED, SETS_ACCESS_FORBIDDEN };
#define SETS_REASON_REACHABLE "ClusterReachable"
#define SETS_REASON_UNREACHABLE "ErrorConnectingToCluster"
struct sets_probe {
    bool reachable; /* the API server answered: as it should, or with 401, 403 or 429 */
    enum sets_probe_access access;       /* meaningful when reachable */
    bool has_override, override_answers; /* the condition ActiveAPIURLOverride, when has_override */
    const char *reason;                  /* constant; of the condition Unreachable */
    char *message;                       /* owned; scrubbed */
    char *version;                       /* owned; of OpenShift; NULL: not known */
};
void sets_probe_release(struct sets_probe *p);
#define cleanup_sets_probe CLEANUP_WITH(sets_probe_release)
/* Asks for the API's groups at the override, then (when that does not answer) at the kubeconfig's URL, and has the remote use
 * what answered. Takes SETS_PROBE_MAX_MS at most, by the default of probe_answer_ms. -1 only when ctx ended. */
#define SETS_PROBE_MAX_MS 60000
int sets_remote_probe(struct sets_remote *r, const struct opctx *ctx, struct sets_probe *ret,
                      struct error **err);
/* Whether the cluster answers at the URL that is in use, be it with a refusal: 0, or an error that says why not. For who has
 * less patience than a probe: ctx tells how much. */
int sets_remote_knock(struct sets_remote *r, const struct opctx *ctx, struct error **err);

/* Whether an error of a request says that the cluster could not be reached (not that it refused). */
bool sets_is_unreachable(const struct error *e);

#endif
