/*
 * change.h - what a PUT or PATCH makes of a cluster's document: everything between reading and
 * writing it, so that a write that lost a race can do it again on what the winner wrote.
 */
#ifndef RP_FRONTEND_CHANGE_H
#define RP_FRONTEND_CHANGE_H

#include "rp/frontend/documents.h"

struct change {
    struct request *req;
    bool is_patch;
    const char *tenant_id; /* of the subscription; NULL when it has none */
    struct operation operation;
    bool has_operation; /* false for signals of administrators, which start no work */
    char *identity_key; /* owned; the clientIdKey of the document that was written last */
};
void change_release(struct change *c);
#define cleanup_change CLEANUP_WITH(change_release)

/* A new cluster's document, before the request is laid over it. Owned by the caller. */
json *change_give_new(const struct change *c);
/* document is the fresh one, or one that was read; arg is the change. A document_mutate for updates. */
int change_apply_update(json *document, void *arg, struct error **err);
int change_apply_create(json *document, struct change *c, struct error **err);

/* ---- parts that preflight shares ---- */

struct api_rules change_rules(const struct request *req, const char *resource_id,
                              const json *cluster);
/* The default version, when the external cluster names none. */
int change_fill_version(struct request *req, json *ext, struct error **err);
/* Whether the internal cluster's version can be installed. */
int change_check_version(struct request *req, const json *cluster, struct error **err);
/* A new cluster with workload identities: there is nobody who could install it, which its customer is told at once. */
int change_refuse_identities(const json *cluster, struct error **err);
/* Whether its operator identities are those of the role sets. */
int change_match_role_sets(struct request *req, const json *cluster, struct error **err);

#endif
