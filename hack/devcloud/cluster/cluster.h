/*
 * cluster.h - one virtual Kubernetes API server: a test double and the first hour's cluster, never a
 * product. Any number of them live in one process.
 *
 * What it is kept honest by: test/conformance runs the same requests here and on a real
 * kube-apiserver. Threads: requests from any; new and free from one.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_CLUSTER_H
#define HACK_DEVCLOUD_CLUSTER_CLUSTER_H

#include "pkg/base/clock.h"
#include "pkg/base/error.h"
#include "pkg/base/json.h"
#include "pkg/base/log.h"
#include "pkg/base/secret.h"

#define CLUSTER_MINOR_NEWEST 32

struct http_call;
struct http_client;
struct http_transport;

struct cluster_config {      /* strings are copied */
    int minor;               /* behave as Kubernetes 1.N; 0 = CLUSTER_MINOR_NEWEST */
    const char *ca_cert_pem; /* signs client certificates and the server's; NULL: one is made */
    const struct secret *ca_key_pem;
    const char
        *client_ca_pem;     /* who signs client certificates instead: a bundle; NULL: nobody else */
    bool service_accounts;  /* pods need theirs to exist, as with a controller manager */
    bool owner_enforcement; /* blockOwnerDeletion needs rights on the owner, as in OpenShift */
    size_t history_max;     /* 0 = 20000 changes that watches can go back to */
    int64_t bookmark_ms;    /* 0 = 60 s between bookmarks */
    struct http_client *http; /* fetches pod logs from kubelets; NULL: there are none */
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log; /* may be NULL */
};

struct cluster;
/* With the namespaces, roles and bindings that every cluster begins with. */
int cluster_new(const struct cluster_config *cfg, struct cluster **ret, struct error **err);
void cluster_free(struct cluster *c); /* its servers must have ended */
DEFINE_RELEASE(struct cluster *, cluster_free)
#define cleanup_cluster CLEANUP_WITH(cluster_free_slot)

const char *cluster_ca_cert(const struct cluster *c); /* borrowed */
/* A client certificate for kubeconfig files; groups NULL-terminated. */
int cluster_give_client_cert(struct cluster *c, const char *user, const char *const *groups,
                             char **ret_cert_pem, struct secret **ret_key_pem, struct error **err);
/* A bearer token that stands for a user for so many seconds; 0: until the cluster ends. */
void cluster_add_token(struct cluster *c, const char *token, const char *user,
                       const char *const *groups, int64_t life_s);
/* Older resourceVersions get 410 from now on. */
void cluster_compact(struct cluster *c);
/* A kubeconfig with that certificate, as text; server is its URL. */
int cluster_give_kubeconfig(struct cluster *c, const char *server, const char *user,
                            const char *const *groups, char **ret, struct error **err);

/*
 * A way for clients in the same process, without sockets: requests of pkg/kube that stand for that user. Watches end
 * with the context of who sends them; logs of pods come empty. Any number of threads at once. groups may be NULL.
 */
struct http_transport *cluster_transport_new(struct cluster *c, const char *user,
                                             const char *const *groups);
void cluster_transport_free(struct http_transport *t); /* accepts NULL */

/* ---- serving ---- */
struct cluster_server;
struct cluster_server_config {
    const char *address;          /* "127.0.0.1" */
    uint16_t port;                /* 0: a free one */
    const char *const *dns_names; /* of the certificate, beside the address; may be NULL */
    const char
        *cert_pem; /* what it shows, with its chain; NULL: one of the cluster's own authority */
    const struct secret *key_pem;
    int workers; /* 0 = 8 */
    /* Sees every request first, on a worker; true: it has answered. NULL: nobody does. */
    bool (*intercept)(void *arg, struct http_call *call);
    void *intercept_arg;
};
int cluster_server_start(struct cluster *c, const struct cluster_server_config *cfg,
                         struct cluster_server **ret, struct error **err);
uint16_t cluster_server_port(const struct cluster_server *s);
/* Who sends this request: a UserInfo {"username", "uid", "groups"}, owned by the caller; error: its credentials are bad. */
int cluster_give_caller(struct cluster *c, struct http_call *call, json **ret, struct error **err);
void cluster_server_stop(struct cluster_server *s); /* ends watches, joins, frees */

#endif
