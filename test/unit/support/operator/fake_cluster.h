/*
 * fake_cluster.h - a Kubernetes API server in memory, behind the client's transport, and what an
 * operator's controller needs around it. For tests of whole reconciles, which care about the
 * outcome and not about the order of requests.
 *
 * It keeps objects by path; knows GET, lists with field and label selectors, POST, PUT with
 * optimistic concurrency and dryRun, merge patch, server-side apply (create or merge), DELETE,
 * subresource status. It fills in uid, resourceVersion and generation. A watch ends
 * the reflector that asks for it: caches are filled on the test's thread, anew for each reconcile.
 *
 * Threads: one.
 */
#ifndef TEST_UNIT_SUPPORT_OPERATOR_FAKE_CLUSTER_H
#define TEST_UNIT_SUPPORT_OPERATOR_FAKE_CLUSTER_H

#include "operator/controller.h"
#include "pkg/kube/client.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/log_capture.h"

#define FAKE_FAULTS_MAX 8

/* Answers requests whose "METHOD path" contains match with a status instead, times times. */
struct fake_fault {
    const char *match, *reason;
    int status, times;
};

struct fake_cluster {
    struct http_transport transport;
    json *objects; /* path to object */
    int64_t version;
    struct fake_fault faults[FAKE_FAULTS_MAX];
    size_t faults_len;
    struct strv
        writes; /* "PUT /api/v1/..." of every request that changed or would change something;
                           a trial run has " (dry run)" behind it */
    size_t reads;
    const char *defaults; /* YAML of a merge patch that every PUT gets, as defaults; may be NULL */

    struct fake_clock clock;
    struct fake_rng rng;
    struct fake_env env;
    struct log_capture capture;
    struct log log;
    struct metrics *metrics;
    struct kube_config config;
    struct kube_client *kube;
    struct stop *stop, *watch_stop;
    struct opctx ctx;
    int64_t settings[SETTING_COUNT];
    struct services sv; /* a test may change it, e.g. sv.internet */
};
void fake_cluster_init(struct fake_cluster *f);
void fake_cluster_release(struct fake_cluster *f);

/* Objects of a YAML text, or of JSON with the quotes that tests can write: ' for ". */
void fake_cluster_add(struct fake_cluster *f, const char *text);
/* Consumed. */
void fake_cluster_put(struct fake_cluster *f, json *object);
/* Borrowed; NULL when absent. */
json *fake_cluster_get(struct fake_cluster *f, const struct gvr *gvr, const char *nspace,
                       const char *name);
void fake_cluster_del(struct fake_cluster *f, const struct gvr *gvr, const char *nspace,
                      const char *name);
void fake_cluster_fail(struct fake_cluster *f, const char *match, int status, const char *reason,
                       int times);
/* How many of the writes contain part; trial runs are not counted. */
size_t fake_cluster_writes(const struct fake_cluster *f, const char *part);
/* Fails the test, naming the write, unless there was none (trial runs do not count). */
void fake_cluster_must_not_write(const struct fake_cluster *f);
void fake_cluster_forget_writes(struct fake_cluster *f);

/* One run of a controller, with caches as of now; key NULL: "cluster". 0 or -1, with the error. */
int fake_cluster_reconcile(struct fake_cluster *f, const struct controller_desc *desc,
                           const char *key, struct result *ret, struct error **err);
/* The same, and it must succeed. */
void fake_cluster_must(struct fake_cluster *f, const struct controller_desc *desc);
/* For setup and teardown of cases: *state becomes a fake cluster. */
int fake_cluster_setup(void **state);
int fake_cluster_teardown(void **state);
#define FAKE_CASE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = fake_cluster_setup, \
        .teardown_func = fake_cluster_teardown \
    }

/* Status, or NULL when the Cluster has no such condition. */
const char *fake_cluster_condition(struct fake_cluster *f, const char *type);
const char *fake_cluster_message(struct fake_cluster *f, const char *type);

/* A Cluster with everything that controllers read, all flags as stamped. Owned by the caller. */
json *fake_cluster_give_cluster(void);

#endif
