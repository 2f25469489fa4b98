/*
 * served_cluster.h - a virtual cluster behind its real server on a free loopback port, with the system's clock, and a client.
 * All fail the test when they cannot. Threads: one, but for the sinks of streams.
 */
#ifndef TEST_UNIT_SUPPORT_HACK_DEVCLOUD_SERVED_CLUSTER_H
#define TEST_UNIT_SUPPORT_HACK_DEVCLOUD_SERVED_CLUSTER_H

#include <pthread.h>

#include "hack/devcloud/cluster/cluster.h"
#include "pkg/base/json.h"
#include "pkg/net/http_client.h"
#include "test/unit/support/fake_env.h"

struct served_cluster {
    struct fake_env env;
    struct http_client *client;
    struct cluster *cluster;
    struct cluster_server *server;
    struct http_peer *admin, *nobody; /* with a certificate, without */
    struct opctx ctx;
    struct http_response reply; /* the last one */
};
/* with_kubelets: the cluster may fetch logs from them. */
void served_cluster_open(struct served_cluster *s, bool with_kubelets);
void served_cluster_close(struct served_cluster *s);
#define cleanup_served_cluster CLEANUP_WITH(served_cluster_close)

/* headers: "Name: value" texts, NULL-terminated, may be NULL; body (single quotes for double ones) may be NULL. The status, or
 * -1 when the connection was cut. */
int served_cluster_send(struct served_cluster *s, struct http_peer *peer, const char *method,
                        const char *path, const char *const *headers, const char *body);
/* As the administrator. */
int served_cluster_ask(struct served_cluster *s, const char *method, const char *path,
                       const char *body);

/* A request on a thread of its own whose reply does not end by itself. */
struct served_stream {
    struct http_sink sink;
    struct served_cluster *of;
    char *url;
    pthread_t thread;
    pthread_mutex_t mu;
    pthread_cond_t cv;
    struct buf data;
    bool leaves; /* ends the transfer at the next data */
    int rc, status;
};
void served_stream_start(struct served_stream *w, struct served_cluster *s, const char *path);
/* Waits until the text has come. */
void served_stream_await(struct served_stream *w, const char *text);
/* The next data is the last that the client takes. */
void served_stream_leave(struct served_stream *w);
/* Waits for the end; 0 when it was a regular one. */
int served_stream_join(struct served_stream *w);
void served_stream_release(struct served_stream *w);
#define cleanup_served_stream CLEANUP_WITH(served_stream_release)

#endif
