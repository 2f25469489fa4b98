/*
 * documents.h - what handlers of clusters share: finding documents, judging states, beginning
 * asynchronous operations. Errors are for clients (cloud_error.h) where they are the client's.
 */
#ifndef RP_FRONTEND_DOCUMENTS_H
#define RP_FRONTEND_DOCUMENTS_H

#include "pkg/database/database.h"
#include "rp/frontend/paging.h"
#include "rp/frontend/request.h"

/* Key of the cluster that the route names; owned. */
char *cluster_give_key(const struct request *req);
/* 404 ResourceNotFound when there is none. */
int cluster_find(struct request *req, struct document *ret, struct error **err);
/* The same, but ret stays empty when the document still has this etag (NULL: never). */
int cluster_find_changed(struct request *req, const char *key, const char *etag,
                         struct document *ret, struct error **err);
int cluster_not_found(const struct request *req, struct error **err); /* sets that error */

/* openshiftclusters_patch, but what mutate says to the client stays as it said it. */
int request_patch_cluster(struct request *req, const char *key, document_mutate mutate, void *arg,
                          struct document *ret, struct error **err);

/* Bits of states in which a request is allowed. */
#define SUBSCRIPTION_REGISTERED 1U
#define SUBSCRIPTION_WARNED 2U
#define SUBSCRIPTION_SUSPENDED 4U
/* The subscription that the route names is in one of these states. ret (may be NULL): its document. */
int subscription_check(struct request *req, unsigned allowed, struct document *ret,
                       struct error **err);

/* provisioningState is Succeeded or Failed; RequestNotAllowed otherwise. */
int cluster_check_terminal(const json *cluster, struct error **err);
int cluster_state_not_allowed(const char *state, struct error **err);

/* Opens and seals through the database, for this request. */
struct api_sealer request_sealer(struct request *req);

/* Adds what is known of the live clusters: internal ones, edited in place. For replies only. */
void clusters_enrich(struct request *req, json *const *clusters, size_t len);
/* The cluster as the version shows it, without secrets. */
int cluster_reply(struct request *req, int status, const json *cluster, struct error **err);
/* A page of clusters as the version shows them, without secrets. */
int clusters_reply_page(struct request *req, const struct api_version *version, const char *scope,
                        paging_read read, struct error **err);

/* ---- asynchronous operations ---- */

/*
 * The cluster's document comes first, then the record: a process that ends in between leaves an operation of which no client
 * was told, and no record that nobody ends. Whoever ends the operation makes the record then (rp/backend/asyncoperation.h).
 */
struct operation {
    char id[UUID_LEN + 1];
};
void operation_init(struct operation *op, const struct request *req);
/* For mutators of cluster documents: the document carries the operation from now on. */
void operation_begin(const struct operation *op, const struct request *req, json *document);
/* For handlers, once that document was written: makes the record, unless the operation has ended already. */
int operation_record(const struct operation *op, struct request *req, const json *document,
                     struct error **err);
/* How long clients wait before they ask about it, and where; headers of the reply. */
void operation_set_retry_after(struct request *req);
void operation_set_header(const struct operation *op, struct request *req, const char *header,
                          const char *kind);

#endif
