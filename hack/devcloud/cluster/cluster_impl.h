/* cluster_impl.h - the inside of a cluster, and one request on its way through it. Private. */
#ifndef HACK_DEVCLOUD_CLUSTER_CLUSTER_IMPL_H
#define HACK_DEVCLOUD_CLUSTER_CLUSTER_IMPL_H

#include <pthread.h>

#include "hack/devcloud/cluster/catalog.h"
#include "hack/devcloud/cluster/cluster.h"
#include "hack/devcloud/cluster/fail.h"
#include "hack/devcloud/cluster/kinds.h"
#include "hack/devcloud/cluster/media.h"
#include "hack/devcloud/cluster/request.h"
#include "hack/devcloud/cluster/state.h"

struct auth;
struct hub;

/* One CustomResourceDefinition at one revision. */
struct definition {
    int64_t revision;
    struct crd_kinds *kinds;
};

struct cluster {
    struct cluster_config cfg; /* its strings are not kept */
    char *ca_cert_pem;
    struct secret *ca_key_pem;
    char *client_ca_pem; /* NULL: ca_cert_pem */
    struct catalog *catalog;
    struct state *state;
    struct auth *auth;
    struct hub *hub; /* of the watches */

    pthread_mutex_t mu; /* over the following */
    struct kinds *kinds;
    struct definition *definitions; /* what kinds was made from */
    size_t definitions_len;
};

/* Which behaviours came with which minor version. */
bool cluster_has(const struct cluster *c, int minor);
struct kinds *cluster_give_kinds(struct cluster *c); /* one reference */
/* Settles and reads the definitions that are new or have changed. */
void cluster_reload_kinds(struct cluster *c);
void cluster_free_kinds(struct cluster *c);
void cluster_now(const struct cluster *c, char out[TIME_TEXT_MAX]); /* RFC 3339 */

struct watch; /* watch.h */

struct api_reply {
    int status;
    char *content_type; /* NULL: application/json */
    struct buf body;
    struct strv warnings;
    struct watch *watch; /* the body is a stream of this watch; the caller owns it */
    char *log_url;       /* the body comes from there, a kubelet */
};
void api_reply_init(struct api_reply *reply);
void api_reply_release(struct api_reply *reply);
#define cleanup_api_reply CLEANUP_WITH(api_reply_release)

/* One request on a resource. */
struct op {
    struct cluster *c;
    const struct api_request *rq;
    struct kinds *kinds;
    const struct resource *r;
    struct media media;
    struct api_reply *reply;
    char *api_version; /* of r */
    char *manager;     /* who owns what the request changes */
    bool dry_run;
    bool internal; /* a step of the server's own: no admission */
};
/* kinds and r are borrowed; reply may be NULL for internal operations. */
void op_init(struct op *op, struct cluster *c, const struct api_request *rq, struct kinds *kinds,
             const struct resource *r, struct api_reply *reply);
void op_release(struct op *op);
#define cleanup_op CLEANUP_WITH(op_release)

/* What refusals call the object. name NULL: that of the request. */
struct fail_object op_object(const struct op *op, const char *name);
const char *op_nspace(const struct op *op); /* "" for cluster scope */

#endif
