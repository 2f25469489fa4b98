/*
 * kube_rig.h - the administrators' routes, a cluster, and a scripted API server behind it. Threads: the test's own.
 */
#ifndef TEST_UNIT_SUPPORT_RP_FRONTEND_ADMIN_KUBE_RIG_H
#define TEST_UNIT_SUPPORT_RP_FRONTEND_ADMIN_KUBE_RIG_H

#include "rp/frontend/admin/admin.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/rp/frontend/admin/admin_rig.h"

struct kube_rig {
    struct clusters c;
    struct fake_env env;
    struct scripted_transport server;
    struct admin_clients clients;
};
/* What the server answers, in order; the cluster's document keeps its kubeconfig, sealed. */
void kube_rig_init(struct kube_rig *r, const struct script_step *steps, size_t len);
void kube_rig_release(struct kube_rig *r);
/* Fails the test unless the server was asked for this: a line for each request, "METHOD /path?query body". */
void kube_rig_asked(struct kube_rig *r, const char *want);

/* Two steps that tell of pods, secrets, configmaps, nodes, namespaces and clusterroles. */
#define KUBE_RIG_KIND(name, kind, scope) \
    "{\"resource\":\"" name "\",\"singularResource\":\"\",\"responseKind\":{\"kind\":\"" kind \
    "\"},\"scope\":\"" scope "\",\"verbs\":[\"get\"]}"
#define KUBE_RIG_GROUP(name, kinds) \
    "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[{\"metadata\":{\"name\":\"" name \
    "\"},\"versions\":[{\"version\":\"v1\",\"resources\":[" kinds "]}]}]}"
#define KUBE_RIG_AS_LIST \
    "Content-Type: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
#define KUBE_RIG_KINDS \
    { .headers = KUBE_RIG_AS_LIST, \
      .reply = KUBE_RIG_GROUP( \
          "", \
          KUBE_RIG_KIND("pods", "Pod", "Namespaced") "," KUBE_RIG_KIND("secrets", "Secret", "Namespaced") "," KUBE_RIG_KIND( \
              "configmaps", "ConfigMap", \
              "Namespaced") "," KUBE_RIG_KIND("nodes", "Node", \
                                              "Cluster") "," KUBE_RIG_KIND("namespaces", \
                                                                           "Namespace", \
                                                                           "Cluster")) }, \
    { \
        .headers = KUBE_RIG_AS_LIST, \
        .reply = KUBE_RIG_GROUP("rbac.authorization.k8s.io", \
                                KUBE_RIG_KIND("clusterroles", "ClusterRole", "Cluster")) \
    }
/* What they are asked with. */
#define KUBE_RIG_ASKED_KINDS "GET /api \nGET /apis \n"

/* One step, when only kinds of "v1" are wanted. */
#define KUBE_RIG_PLAIN(name, kind) \
    "{\"name\":\"" name "\",\"kind\":\"" kind "\",\"namespaced\":true,\"verbs\":[\"get\"]}"
#define KUBE_RIG_V1 \
    { \
        .reply = "{\"kind\":\"APIResourceList\",\"resources\":[" KUBE_RIG_PLAIN( \
            "pods", "Pod") "," KUBE_RIG_PLAIN("secrets", \
                                              "Secret") "," KUBE_RIG_PLAIN("configmaps", \
                                                                           "ConfigMap") "]}" \
    }
#define KUBE_RIG_ASKED_V1 "GET /api/v1 \n"

#endif
