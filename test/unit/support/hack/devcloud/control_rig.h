/*
 * control_rig.h - a virtual cluster without sockets, a client of it, and what behaviours of the control plane work with.
 *
 * Objects are JSON text with single quotes for double ones. All fail the test when they cannot. Threads: the client from
 * any; the rest on the test's own.
 */
#ifndef TEST_UNIT_SUPPORT_HACK_DEVCLOUD_CONTROL_RIG_H
#define TEST_UNIT_SUPPORT_HACK_DEVCLOUD_CONTROL_RIG_H

#include "hack/devcloud/controllers/behaviour.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"
#include "test/unit/support/log_capture.h"

struct control_rig {
    struct cluster_rig cluster; /* its clock stands still */
    struct http_transport transport;
    struct fake_env env;
    struct log_capture capture;
    struct log log;
    struct kube_config config; /* its strings are constants: never released */
    struct stop *stop;
    struct opctx ctx;
    struct control control; /* without a cache */
    pthread_mutex_t mu;
    pthread_cond_t changed; /* something was written through the client */
};
void control_rig_open(struct control_rig *r);
/* A system clock, for what runs in threads. */
void control_rig_open_live(struct control_rig *r);
void control_rig_close(struct control_rig *r);

/* Creates the object at that path ("/api/v1/namespaces/n/pods"). */
void control_rig_create(struct control_rig *r, const char *path, const char *object);
/* A merge patch. */
void control_rig_patch(struct control_rig *r, const char *path, const char *patch);
void control_rig_delete(struct control_rig *r, const char *path_and_query);
/* Owned by the caller; NULL: 404. */
json *control_rig_give(struct control_rig *r, const char *path_and_query);
/* The items of a list have that many entries. */
void control_rig_expect_len(struct control_rig *r, const char *path_and_query, size_t len);
/* The object has what want names. */
void control_rig_expect(struct control_rig *r, const char *path, const char *want);
void control_rig_expect_absent(struct control_rig *r, const char *path);

/* Ready nodes "node-0", "node-1"...: even ones with the label role=even. */
void control_rig_add_nodes(struct control_rig *r, size_t len);
/* What a kubelet would: pods on nodes become Running and Ready, deleted ones go. */
void control_rig_run_pods(struct control_rig *r);

/* One reconcile, which must succeed; returns its requeue_after_ms. */
int64_t control_rig_reconcile(struct control_rig *r, const struct behaviour *b, const char *key);
/* Until the object at path has want; woken by writes. want NULL: until it is absent. */
void control_rig_await(struct control_rig *r, const char *path, const char *want);

#endif
