/*
 * apply_rig.h - sets applied to a cluster: a virtual one behind its real server on loopback, or the real one whose kubeconfig
 * SYNCSETS_APPLY_KUBECONFIG names, with the fault proxy of SYNCSETS_APPLY_FAULTS (a URL) before it. Real clock. What a store
 * would keep of a set is kept here.
 *
 * Texts are JSON with single quotes; NS in them is the name of a namespace that belongs to the rig alone.
 * All fail the test when they cannot. Threads: one.
 */
#ifndef TEST_UNIT_SUPPORT_JOINT_SYNCSETS_APPLY_RIG_H
#define TEST_UNIT_SUPPORT_JOINT_SYNCSETS_APPLY_RIG_H

#include <pthread.h>

#include "hack/devcloud/cluster/cluster.h"
#include "pkg/net/http_client.h"
#include "rp/syncsets/apply/apply.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

#define RIG_TRACKED_MAX 32
#define RIG_FAULTS_MAX 4

/* Requests of that method whose path ends in `path` get this status instead of an answer, so many times. */
struct rig_fault {
    const char *method, *path;
    int status, times;
};

struct rig_counts {
    int gets, posts, patches, deletes;
};

struct apply_rig {
    struct fake_env env;
    struct http_client *http;
    struct cluster *cluster; /* NULL: a real one */
    struct cluster_server *server;
    char *kubeconfig, *ns;
    struct opctx ctx;
    struct sets_remotes *remotes;
    struct sets_remote *remote;
    struct kube_config *cfg;
    struct kube_client *kube; /* beside the remote: to look and to meddle */

    /* What a store would keep. */
    struct apply_object tracked[RIG_TRACKED_MAX]; /* their strings are owned */
    size_t tracked_len;
    bool gone[RIG_TRACKED_MAX]; /* rows that were deleted in this run */
    char *applied_hash;
    struct buf log; /* what the tracker was told: "+a" intended, "=a" applied, "-a" deleted */
    const char *elsewhere;    /* name of an object that another set wants; NULL: none */
    int begins_left;          /* of objects; then it is time to stop; -1: never */
    int mutations_left;       /* then the lease is lost; -1: never */
    int64_t mutate_until_ns;  /* monotonic */
    const char *cluster_json; /* for templates */
    const char *secret;       /* that every mapping finds; NULL: none */

    /* Of the virtual cluster: what it saw. */
    pthread_mutex_t mu;
    struct rig_fault faults[RIG_FAULTS_MAX];
    struct rig_counts counts;

    /* Of a real one: its proxy. */
    struct http_peer *control;
    char *control_url, *mark;

    struct apply_result last;
    struct error *ended; /* why apply_set returned -1; NULL: it did not */
};

/* The group's set-up and tear-down of cmocka: *state is the rig. */
int apply_rig_setup(void **state); /* as Kubernetes 1.20, which has no OpenAPI 3 documents */
int apply_rig_setup_newest(void **state);
int apply_rig_teardown(void **state);
/* Before each case: another namespace, nothing tracked, no faults. */
int apply_rig_fresh(void **state);

void rig_target(const struct apply_rig *r, struct sets_target *ret);

json *rig_tree(const struct apply_rig *r, const char *text);
/* A set of that kind with this spec ("'resources':[...]"), applied; false: it failed (r->last). */
bool rig_apply(struct apply_rig *r, const char *spec);
bool rig_apply_as(struct apply_rig *r, const char *kind, const char *name, const char *spec);
/* The set is gone. */
bool rig_delete_set(struct apply_rig *r, bool block_protected);
/* As rig_apply, and it must succeed. */
void rig_must_apply(struct apply_rig *r, const char *spec);
/* As rig_apply, and it must fail with a message that holds `part`. */
void rig_must_fail(struct apply_rig *r, const char *spec, const char *part);

/* Straight to the cluster; path as "/api/v1/namespaces/NS/configmaps/a". body NULL: none. The status; *ret may be NULL. */
int rig_ask(struct apply_rig *r, const char *method, const char *path, const char *content_type,
            const char *body, json **ret);
json *rig_get(struct apply_rig *r, const char *path); /* NULL: absent */
void rig_make(struct apply_rig *r, const char *path, const char *body);
void rig_merge(struct apply_rig *r, const char *path, const char *body);
/* What stands at the JSON path of an object; owned text of it, "" when absent. */
void rig_check(struct apply_rig *r, const char *path, const char *at, const char *want);
void rig_fail_requests(struct apply_rig *r, const char *method, const char *path, int status,
                       int times);
void rig_count_from_zero(struct apply_rig *r);
/* What the cluster was asked since then, the rig's own requests included. */
struct rig_counts rig_count(struct apply_rig *r);
void rig_count_one(struct rig_counts *n, const char *method);

#endif
