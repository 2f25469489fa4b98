/*
 * cluster_rig.h - the whole frontend on a database in memory, and what a test needs of clusters: a
 * subscription, a version, a body that is valid, and the backend's part of an operation. Threads: the
 * test's own.
 */
#ifndef TEST_UNIT_SUPPORT_RP_FRONTEND_CLUSTER_RIG_H
#define TEST_UNIT_SUPPORT_RP_FRONTEND_CLUSTER_RIG_H

#include "pkg/database/database.h"
#include "rp/env/secrets_folder.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"

#define V_FIRST "?api-version=2019-12-31-preview"
#define V_2020 "?api-version=2020-04-30"
#define V_LAST "?api-version=2025-07-25"
#define V_ADMIN_ "?api-version=admin"
#define CLUSTER_KEY \
    "/subscriptions/" FRONT_SUB \
    "/resourcegroups/group/providers/microsoft.redhatopenshift/openshiftclusters/cluster1"
#define CLIENT_ID "11111111-1111-1111-1111-111111111111"
#define MANAGED_GROUP "/subscriptions/" FRONT_SUB "/resourceGroups/Managed"
#define DEFAULT_VERSION "4.10.20"

struct clusters {
    struct front front;
    struct opctx ctx;
    char *dir;
    struct rp_secrets *secrets;
    struct rp_key_source document_keys, page_keys;
    struct aead *page_aead;
    struct database *db;
};
/* A registered subscription and a default version; the feeds are drained. */
void clusters_init(struct clusters *c);
/* The same, with what the test put into c->front (after clusters_begin) before it serves. */
void clusters_begin(struct clusters *c);
void clusters_serve(struct clusters *c);
void clusters_release(struct clusters *c);

/* A body for a create in 2020-04-30 and 2019-12-31-preview; client and group NULL: CLIENT_ID and
 * MANAGED_GROUP. Owned. */
char *clusters_give_body(const char *client, const char *group);
/* PUT with that body; fails the test unless it answers 201. */
void clusters_create(struct clusters *c);
/* What the backend does when an operation ends: the state, no operation any more, the secrets. */
void clusters_finish(struct clusters *c, const char *state, const char *failed_state);
void clusters_set_subscription(struct clusters *c, const char *state);
void clusters_add_version(struct clusters *c, const char *version, bool enabled, bool dflt);
void clusters_add_role_set(struct clusters *c, const char *minor);
/* The document of CLUSTER_KEY; fails the test when there is none. Owned. */
json *clusters_give_document(struct clusters *c);
/* Changes it. */
void clusters_patch(struct clusters *c, document_mutate mutate, void *arg);
/* A header of a reply, owned; NULL when absent. */
char *reply_give_header(const char *reply, const char *name);

#endif
