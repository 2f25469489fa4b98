/*
 * request.h - an API request taken apart: what it aims at, its options, who asks. Threads: a request
 * belongs to the thread that answers it.
 * Source: k8s.io/apiserver, endpoints/request.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_REQUEST_H
#define HACK_DEVCLOUD_CLUSTER_REQUEST_H

#include "pkg/base/json.h"
#include "pkg/base/strv.h"

struct api_user {
    char *name, *uid;
    struct strv groups;
    json *extra; /* {"key":["value"]}; may be NULL */
};
void api_user_release(struct api_user *u);

struct api_request {
    /* As received; borrowed. */
    const char *method, *accept, *content_type, *user_agent;
    const char *body;
    size_t body_len;

    /* From the path; owned. */
    char *path; /* decoded */
    bool is_resource;
    char *group, *version, *resource; /* "" group: core */
    char *nspace;                     /* NULL: none given */
    char *name;                       /* NULL: the collection */
    char *subresource;                /* NULL: none; the rest of the path for proxies */
    const char *verb; /* get list watch create update patch delete deletecollection; the lower-case
                          method for other paths */
    struct strv keys, values; /* of the query, decoded */
    struct api_user user;
};
/* 0, or -1 with reason BadRequest (broken escapes). */
int api_request_init(struct api_request *rq, const char *method, const char *raw_path,
                     const char *raw_query, struct error **err);
void api_request_release(struct api_request *rq);
#define cleanup_api_request CLEANUP_WITH(api_request_release)

/* First value of a query parameter; NULL when absent. */
const char *api_query(const struct api_request *rq, const char *key);
bool api_query_true(const struct api_request *rq, const char *key);
/* dflt when absent; BadRequest unless it is a number. */
int api_query_int(const struct api_request *rq, const char *key, int64_t dflt, int64_t *ret,
                  struct error **err);

#endif
