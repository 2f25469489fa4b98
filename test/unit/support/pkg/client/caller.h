/*
 * caller.h - the typed client on a real connection to a server on loopback, as a customer's program has it, and a cluster
 * that can be created. Threads: the caller's own; several may run side by side.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_CLIENT_CALLER_H
#define TEST_UNIT_SUPPORT_PKG_CLIENT_CALLER_H

#include "pkg/client/client.h"
#include "pkg/net/http_client.h"

struct caller {
    struct opctx ctx;
    struct http_transport base; /* passes on, and shows what came back */
    void (*see)(void *arg, const char *method, const struct http_response *response);
    void *see_arg;
    struct http_client *http;
    struct http_peer *peer;
    char *endpoint;
    struct azure_cloud cloud;
    struct arm *arm;
};
/* http://127.0.0.1:PORT. see may be NULL. Not to be moved afterwards. */
void caller_init(struct caller *c, int port,
                 void (*see)(void *arg, const char *method, const struct http_response *response),
                 void *see_arg);
void caller_release(struct caller *c);
/* The caller's: aro_client_free. */
struct aro_client *caller_give_client(struct caller *c, const char *subscription,
                                      const char *version);

/* A cluster that 2020-04-30 lets create, made of its own parts: a test may set others before it is sent. Not to be moved. */
struct sample {
    struct aro_openshift_cluster cluster;
    struct aro_openshift_cluster_properties properties;
    struct aro_cluster_profile profile;
    struct aro_service_principal_profile principal;
    struct aro_network_profile network;
    struct aro_master_profile master;
    struct aro_worker_profile worker;
    struct aro_api_server_profile apiserver;
    struct aro_ingress_profile ingress;
    char *texts[3]; /* IDs */
};
#define SAMPLE_SECRET "verysecret"
/* managed: the name of the resource group for what the cluster is made of. */
void sample_init(struct sample *s, const char *subscription, const char *managed,
                 const char *client_id);
void sample_release(struct sample *s);

#endif
