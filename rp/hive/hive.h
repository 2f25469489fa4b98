/*
 * hive.h - SyncSets as the resource provider uses it: clusters are registered there, so that what is meant for the fleet reaches
 * them, and forgotten with their end. The name is that of the service which did this before, as the documents' hiveProfile is.
 *
 * SYNCSETS_API_URL names the server; without it there is no manager, and nothing here is called. ARO_ADOPT_BY_HIVE says whether
 * clusters are registered; those that were are deregistered in any case.
 * Threads: safe from any.
 * Source: Azure/ARO-RP, pkg/hive.
 */
#ifndef RP_HIVE_HIVE_H
#define RP_HIVE_HIVE_H

#include "pkg/base/json.h"
#include "pkg/net/http_client.h"
#include "rp/env/env.h"

/* Of the one cluster in the namespace of a document. */
#define HIVE_CLUSTER "cluster"

struct hive;
struct hive_config {
    const struct rp_env *env;
    struct http_client *http;         /* borrowed for the manager's life */
    struct http_transport *transport; /* tests: instead of http */
};
/* *ret NULL: no server is named. ERR_INVALID: the settings contradict each other; files that cannot be read are their own
 * error. Client certificates are read once. */
int hive_open(const struct hive_config *cfg, struct hive **ret, struct error **err);
void hive_close(struct hive *h);        /* accepts NULL */
bool hive_adopts(const struct hive *h); /* false for NULL */

/* "aro-ID" of a document; owned. */
char *hive_give_namespace(const char *document_id);
/* Makes it, unless it is there. */
int hive_ensure_namespace(struct hive *h, const struct opctx *ctx, const char *nspace,
                          struct error **err);

/* What is told of a cluster. All borrowed; texts may be NULL. */
struct hive_cluster {
    const char *nspace;
    const struct secret *kubeconfig;
    const char *api_url; /* host:port; https is implied */
    const char *api_ip;  /* is dialled instead of what that host resolves to */
    const char *location, *version, *resource_id;
    const json *correlation; /* of the request that the work began with */
};
/* Creates the cluster, or replaces it: labels, annotations and fields that others gave it stay, and so does the time when it was
 * first told of. Equal registrations change nothing there. ERR_CONFLICT: others change it all the time. */
int hive_register(struct hive *h, const struct opctx *ctx, const struct hive_cluster *cluster,
                  struct error **err);
/* Forgets the cluster and, when nothing else is there, its namespace. One that is not there is fine. What was applied to the
 * cluster stays. */
int hive_deregister(struct hive *h, const struct opctx *ctx, const char *nspace,
                    struct error **err);

/* ---- for administrators ---- */
/* Of SyncSets (nspace) or SelectorSyncSets (nspace NULL): the list, all of it, of those that the label selector selects (NULL:
 * all). *ret is the caller's. */
int hive_list_sets(struct hive *h, const struct opctx *ctx, const char *nspace,
                   const char *label_selector, json **ret, struct error **err);
int hive_get_set(struct hive *h, const struct opctx *ctx, const char *nspace, const char *name,
                 json **ret, struct error **err);
/* How its sets stand in the cluster. */
int hive_get_cluster_sync(struct hive *h, const struct opctx *ctx, const char *nspace, json **ret,
                          struct error **err);

#endif
