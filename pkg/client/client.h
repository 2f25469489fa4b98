/*
 * client.h - the public API of the resource provider for C programs: resources as structs, operations as functions.
 *
 * One set of structs serves all API versions, and the version is an argument of the client. A member means the same in
 * every version that has it, so eleven sets would be eleven names for one thing, and a program that moves to a newer
 * version would be rewritten where now a string changes. What a version lacks is never dropped in silence: a member or a
 * value that it does not have fails before anything is sent, with its path; resources.h says which versions have what.
 *
 * What is read-only is not sent, so that what came back may be changed and sent again.
 *
 * What is sent belongs to the caller and is only read: it may live on the stack and may borrow from replies. What comes
 * back is one block with everything it points to, the caller's, and freed by ..._free of its type, which wipes secrets. To
 * change what came back, copy the structs on the way and set members; the rest is borrowed:
 *
 *     struct aro_openshift_cluster_properties properties = *got->properties;
 *     properties.service_principal_profile = &(struct aro_service_principal_profile){ .client_secret = secret };
 *     struct aro_openshift_cluster next = *got;
 *     next.properties = &properties;
 *
 * Members of replies that this client does not know are not kept: change resources by an update (PATCH), which leaves
 * alone what it does not name.
 *
 * Errors: what the service refuses has its code, target and HTTP status (error.h) and, by aro_cloud_error_of, its details.
 * What is wrong with a struct or a reply is ERR_INVALID, its text begins with the JSON path. An operation that the client's
 * API version does not have is ERR_UNSUPPORTED. Requests are repeated, tokens fetched and pauses kept as pkg/azure does.
 *
 * Threads: a client may be used by many at once. Lists, operations under way and replies belong to one at a time.
 * Everything that waits ends when its context does.
 */
#ifndef PKG_CLIENT_CLIENT_H
#define PKG_CLIENT_CLIENT_H

#include "pkg/azure/azure.h"
#include "pkg/client/resources.h"

struct aro_client_config {
    struct arm *arm; /* borrowed; endpoint, tokens, transport. Without tokens: see arm_config */
    const char *subscription_id;
    const char
        *api_version; /* "2025-07-25"; NULL: the newest. ERR_INVALID when there is none such */
};
int aro_client_new(const struct aro_client_config *cfg, struct aro_client **ret,
                   struct error **err);
void aro_client_free(struct aro_client *c);

DEFINE_RELEASE(struct aro_client *, aro_client_free)
#define cleanup_aro_client CLEANUP_WITH(aro_client_free_slot)

/* ---- operations that go on after the reply ---- (aro_openshift_clusters_create_or_update and the like begin them) */

struct aro_poller;
/* One look, without a pause before it; nothing when it has ended. -1: the operation failed (it is done then), with the
 * code and target of why, or it could not be looked at, which may be tried again. */
int aro_poller_poll(struct aro_poller *p, const struct opctx *ctx, struct error **err);
/* Looks, after the pauses that the service asks for, until it has ended. When only the context ended, the operation goes
 * on, and so may the poller. */
int aro_poller_wait(struct aro_poller *p, const struct opctx *ctx, struct error **err);
bool aro_poller_is_done(const struct aro_poller *p);     /* also when it failed */
int64_t aro_poller_pause_ms(const struct aro_poller *p); /* before the next look */
/* HTTP status that began it: 201 = created, 200 = updated, 202 = being deleted, 204 = there was nothing to delete. */
int aro_poller_status(const struct aro_poller *p);
/* The cluster as the operation found it, and as it left it when it is done. NULL of a delete. Borrowed until the next
 * look. */
const struct aro_openshift_cluster *aro_poller_cluster(const struct aro_poller *p);
void aro_poller_free(struct aro_poller *p); /* the operation goes on */

DEFINE_RELEASE(struct aro_poller *, aro_poller_free)
#define cleanup_aro_poller CLEANUP_WITH(aro_poller_free_slot)

/* ---- errors ---- */

/* What the service answered, with its details; NULL when the error is not the service's. The caller's:
 * aro_cloud_error_free. */
struct aro_cloud_error *aro_cloud_error_of(const struct error *e);

#endif
