/*
 * cluster.h - one operation on one cluster: what its steps share. Private to rp/cluster.
 *
 * A step is a function on a struct cluster. It may be cut off at any instruction and run again in another process, so it
 * looks before it makes, writes a name that is made by chance into the document before it uses it, and takes "is there
 * already" and "is gone already" for success. The document is only read here as it was last written or read by this
 * operation; it is written by cluster_patch.
 *
 * Threads: the operation's own alone.
 */
#ifndef RP_CLUSTER_CLUSTER_H
#define RP_CLUSTER_CLUSTER_H

#include "pkg/database/database.h"
#include "pkg/kube/client.h"
#include "rp/cluster/config.h"

#define PROPERTIES "openShiftCluster.properties."

enum cluster_layout { LAYOUT_V1, LAYOUT_V2 }; /* properties.architectureVersion */

/* As whom Azure is asked. */
enum cluster_identity {
    AS_FIRST_PARTY, /* in the customer's tenant, on the customer's subscription */
    AS_SERVICE,     /* on what is the service's own */
    AS_CLUSTER,     /* the cluster's service principal */
    IDENTITIES
};

struct cluster {
    const struct cluster_config *cfg;
    struct cluster_job job;  /* its cluster is as the work began: see doc */
    const struct opctx *ctx; /* the operation's; each step is given one of its own */
    json *doc;               /* the whole document */
    struct step *steps;      /* of the operation, as for this cluster */
    size_t steps_len;
    json *ended_steps; /* progress.c: that are not in the document yet */
    struct azure_credential *credentials[IDENTITIES];
    struct azure_tokens *tokens[IDENTITIES];
    struct arm *arms[IDENTITIES];
    struct kube_config *kube_config; /* kube.c; NULL: there are no clients yet */
    struct kube_client *kube;
};

/* ---- the document ---- */

/* Text or NULL, at "properties.<path>" of the cluster. Borrowed until the next write. */
const char *cluster_text(const struct cluster *c, const char *path);
/* "" for NULL. */
const char *cluster_text_or_empty(const struct cluster *c, const char *path);
enum cluster_layout cluster_layout(const struct cluster *c);
bool cluster_has_identities(
    const struct cluster *c); /* of its workload; otherwise a service principal */
bool cluster_is_public(const struct cluster *c, const char *visibility_path);
/* The id of the document: what the cluster is called where names must not be guessed. Borrowed. */
const char *cluster_doc_id(const struct cluster *c);
/* The resource ID, as the customer spells it. Borrowed. */
const char *cluster_resource_id(const struct cluster *c);
const char *cluster_location(const struct cluster *c);        /* borrowed */
const char *cluster_subscription_id(const struct cluster *c); /* of the customer; borrowed */
const char *cluster_tenant_id(const struct cluster *c);       /* of that subscription; borrowed */

/* Changes the document under the operation's lease; afterwards c->doc is the new one. Errors: database.h, with
 * DATABASE_LOST_LEASE when somebody else works on the cluster. */
int cluster_patch(struct cluster *c, const struct opctx *ctx, document_mutate mutate, void *arg,
                  struct error **err);
/* One member below properties; written only when it differs. */
int cluster_set_text(struct cluster *c, const struct opctx *ctx, const char *path,
                     const char *value, struct error **err);
int cluster_set_secret(struct cluster *c, const struct opctx *ctx, const char *path,
                       const struct secret *value, struct error **err);
/* A sealed member below properties, opened. *ret is NULL when there is none. */
int cluster_open_secret(struct cluster *c, const struct opctx *ctx, const char *path,
                        struct secret **ret, struct error **err);

/* ---- Azure ---- */

/* Made at the first call; borrowed until the operation's end. ERR_INVALID with code InvalidServicePrincipalCredentials when
 * the cluster has no service principal to act as. */
int cluster_arm(struct cluster *c, const struct opctx *ctx, enum cluster_identity who,
                struct arm **ret, struct error **err);
int cluster_tokens(struct cluster *c, const struct opctx *ctx, enum cluster_identity who,
                   struct azure_tokens **ret, struct error **err);
/* All tokens are asked for anew from now on. */
void cluster_drop_tokens(struct cluster *c);

#endif
