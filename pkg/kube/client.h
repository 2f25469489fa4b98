/*
 * client.h - the Kubernetes REST client: every verb on every kind, JSON trees in and out.
 *
 * One client per cluster and purpose (leases have their own). Calls block and obey the context;
 * retries, rate limit, credentials and their rotation, typed errors are inside. Threads: safe from
 * any.
 *
 * Errors: kind by reason, then by code; error_get_code is the Status reason ("AlreadyExists"),
 * error_get_body the Status JSON, error_get_retry_after its delay. A conflict is ERR_CONFLICT, an
 * existing name ERR_EXISTS.
 */
#ifndef PKG_KUBE_CLIENT_H
#define PKG_KUBE_CLIENT_H

#include "pkg/base/json.h"
#include "pkg/base/opctx.h"
#include "pkg/kube/config.h"
#include "pkg/kube/gvr.h"
#include "pkg/metrics/metrics.h"
#include "pkg/net/http_client.h"

struct kube_client;

/* One attempt of a request, as it ended; borrowed during the call. */
struct kube_attempt {
    const char *method, *path; /* without the query */
    int status;                /* 0: no answer came */
    bool
        given_up; /* no answer was waited for any longer: the context ended, or the time of the attempt */
    int64_t duration_ns;
};

struct kube_client_options {
    const char *user_agent;        /* "aro-operator-master"; NULL = "aro" */
    const char *user_agent_suffix; /* "leader-election"; may be NULL */
    double qps;                    /* 0 = 50; negative = no limit */
    int burst;                     /* 0 = 100 */
    enum http_class traffic;       /* class of ordinary requests; watches use HTTP_CLASS_WATCH */
    int64_t request_timeout_ms;    /* per attempt, told to the server; 0 = 65 s, not told;
                                    * negative = none. Never of watches and followed logs */
    /* For how long a request is sent again every few seconds while the server cannot be reached, throttles or is
     * unavailable; never beyond the context. 0: the error is the caller's. Not for watches. What is read back or comes to
     * the same twice is; a creation only if it was certainly not made before (but see existing_will_do). An update that was
     * done by the attempt without an answer ends in ERR_CONFLICT, a deletion in ERR_NOT_FOUND. */
    int64_t patience_ms;
    int64_t idle_ms, ping_ms; /* dead-peer detection; 0 = 30 s and 15 s, HTTP2_* environment wins */
    const char *dial_address; /* private endpoint: TCP goes there, names stay */
    const struct dial_rules *dial_rules; /* what may be dialled; outlives the client; NULL: all */
    const struct clock *clock;
    const struct rng *rng;
    const struct env *env;
    const struct log *log;
    struct metrics *metrics; /* may be NULL */
    /* Runs before every request that changes something; -1 refuses it (a leader that lost its lease). */
    int (*before_write)(void *arg, struct error **err);
    void *before_write_arg;
    /* Runs behind every attempt of a request that was sent, on the thread that sent it; must not block, nor call the
     * client. May be NULL. */
    void (*on_attempt)(void *arg, const struct kube_attempt *a);
    void *on_attempt_arg;
    bool quiet_outages; /* another client of the same server tells of them */
    /* The server answers again after some seconds without an answer to anybody. On any thread; must not
     * block. May be NULL. */
    void (*on_outage_over)(void *arg);
    void *on_outage_over_arg;
};
/* cfg is borrowed and must outlive the client. */
int kube_client_new(struct http_client *http, const struct kube_config *cfg,
                    const struct kube_client_options *opt, struct kube_client **ret,
                    struct error **err);
/* Over a given transport (tests): no TLS material, no rotation of certificates. */
int kube_client_new_over(struct http_transport *t, const struct kube_config *cfg,
                         const struct kube_client_options *opt, struct kube_client **ret,
                         struct error **err);
void kube_client_free(struct kube_client *k);
const char *kube_client_namespace(const struct kube_client *k);
/* Nobody gets an answer from the server, the client has logged so, and e is a result of that: who
 * retries need not say it again. */
bool kube_client_told_outage(const struct kube_client *k, const struct error *e);

DEFINE_RELEASE(struct kube_client *, kube_client_free)
#define cleanup_kube_client CLEANUP_WITH(kube_client_free_slot)

struct kube_ref {
    const struct gvr *gvr;
    const char *nspace;      /* NULL for cluster scope, and for lists over all namespaces */
    const char *name;        /* NULL for collections */
    const char *subresource; /* "status", "scale"...; NULL: none */
};
#define KUBE_REF(gvr_, ns_, name_) \
    (&(const struct kube_ref){ .gvr = (gvr_), .nspace = (ns_), .name = (name_) })
#define KUBE_STATUS(gvr_, ns_, name_) \
    (&(const struct kube_ref){ \
        .gvr = (gvr_), .nspace = (ns_), .name = (name_), .subresource = "status" })
/* The reference of an object by its own apiVersion, kind and metadata; the strings are borrowed
 * from obj. ERR_INVALID when apiVersion or kind is missing, ERR_NOT_FOUND when the kind is not in
 * the table of gvr.h. */
int kube_ref_of(const json *obj, struct kube_ref *ret, struct error **err);

struct kube_write_options {
    bool dry_run;
    const char *field_manager;
    const char *field_validation; /* Ignore, Warn, Strict */
    bool force;                   /* apply only */
    /* create only: the caller takes ERR_EXISTS for success, so that a patient client may send it again although the
     * attempt before may have made it. */
    bool existing_will_do;
};
struct kube_delete_options {
    int grace_period_s;                 /* < 0: unset; use KUBE_DELETE_DEFAULTS */
    const char *propagation;            /* Orphan, Background, Foreground; NULL unset */
    const char *uid, *resource_version; /* preconditions */
    bool dry_run;
};
#define KUBE_DELETE_DEFAULTS \
    { \
        .grace_period_s = -1 \
    }

/* ret may be NULL where the reply is not wanted; options may be NULL. Objects are borrowed. */
int kube_get(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref, json **ret,
             struct error **err);
int kube_create(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
                const json *obj, const struct kube_write_options *opt, json **ret,
                struct error **err);
int kube_update(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
                const json *obj, const struct kube_write_options *opt, json **ret,
                struct error **err);
enum kube_patch { KUBE_PATCH_JSON, KUBE_PATCH_MERGE, KUBE_PATCH_STRATEGIC, KUBE_PATCH_APPLY };
int kube_patch(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
               enum kube_patch type, const json *patch, const struct kube_write_options *opt,
               json **ret, struct error **err);
/* Server-side apply; opt->field_manager is mandatory; managedFields and resourceVersion are left
 * out of the body. */
int kube_apply(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
               const json *obj, const struct kube_write_options *opt, json **ret,
               struct error **err);
int kube_delete(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
                const struct kube_delete_options *opt, struct error **err);
/* As kube_delete; absent is success. */
int kube_delete_if_present(struct kube_client *k, const struct opctx *ctx,
                           const struct kube_ref *ref, struct error **err);
int kube_delete_collection(struct kube_client *k, const struct opctx *ctx,
                           const struct kube_ref *ref, const char *label_selector,
                           const char *field_selector, bool all,
                           const struct kube_delete_options *opt, struct error **err);

struct kube_list_options {
    const char *label_selector, *field_selector;
    const char *resource_version, *resource_version_match;
    int limit;          /* page size: 0 = 500, < 0 = unpaged */
    bool metadata_only; /* PartialObjectMetadata */
};
/* All pages joined: {"items":[...]} with the first page's resourceVersion. An expired continue
 * token falls back to one full list. items is always an array, each item has kind and apiVersion. */
int kube_list(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
              const struct kube_list_options *opt, json **ret, struct error **err);
/* Each item in turn, on the calling thread; holds the bytes of one page and the tree of one item.
 * The callback gets a tree that it does not own; -1 ends the list. An expired continue token goes
 * on with the fresh one that the server offers (then the items are of two moments). */
typedef int (*kube_item_fn)(void *arg, const json *item, struct error **err);
int kube_list_each(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
                   const struct kube_list_options *opt, kube_item_fn fn, void *arg,
                   struct error **err);

/* Subresources with a shape of their own. */
int kube_scale(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
               int replicas, struct error **err);
/* 0 = evicted or already gone; ERR_THROTTLED = a disruption budget refuses for now. */
int kube_evict(struct kube_client *k, const struct opctx *ctx, const char *nspace, const char *pod,
               struct error **err);
struct kube_log_options {
    const char *container;
    bool follow, previous, timestamps;
    int64_t since_s, tail_lines, limit_bytes; /* 0 = unset (tail_lines: < 0 unset) */
};
int kube_logs(struct kube_client *k, const struct opctx *ctx, const char *nspace, const char *pod,
              const struct kube_log_options *opt, struct http_sink *sink, struct error **err);
int kube_request_token(struct kube_client *k, const struct opctx *ctx, const char *nspace,
                       const char *service_account, const char *audience, int64_t expiration_s,
                       json **ret, struct error **err);

/*
 * The raw request under all verbs, with credentials, limiter, retries and typed errors. path begins
 * with "/"; query is raw or NULL. Used by the reflector (sink), discovery and health probes.
 */
struct kube_raw {
    const char *method, *path, *query;
    const char *accept, *content_type; /* NULL = application/json */
    const void *body;
    size_t body_len;
    enum http_class traffic;
    size_t max_body;
    struct http_sink *sink;
    bool unthrottled_first_try; /* watches */
    bool gzip;
};
int kube_send_raw(struct kube_client *k, const struct opctx *ctx, const struct kube_raw *raw,
                  struct http_response *ret, struct error **err);
/* "/apis/apps/v1/namespaces/ns/deployments/name/status"; refuses empty or unsafe segments. */
int kube_give_path(const struct kube_ref *ref, char **ret, struct error **err);

/* Runs fn until it does not end in ERR_CONFLICT: 5 tries, 10 ms apart. fn must read again itself
 * (attempt counts from 0; from 1 on bypass caches). Returns the last error. */
typedef int (*kube_try_fn)(void *arg, const struct opctx *ctx, int attempt, struct error **err);
int kube_retry_on_conflict(const struct opctx *ctx, kube_try_fn fn, void *arg, struct error **err);

#endif
