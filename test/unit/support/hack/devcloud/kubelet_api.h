/*
 * kubelet_api.h - as much of an API server as a kubelet talks to: pods and nodes are listed, watched, patched (merge) and
 * deleted, every change reaches the watches; one Secret "s" may be read; every service account gets a token.
 *
 * Threads: safe from any.
 */
#ifndef TEST_UNIT_SUPPORT_HACK_DEVCLOUD_KUBELET_API_H
#define TEST_UNIT_SUPPORT_HACK_DEVCLOUD_KUBELET_API_H

#include <pthread.h>

#include "pkg/base/json.h"
#include "pkg/base/strv.h"
#include "pkg/net/http.h"

struct kubelet_api_kind { /* private */
    const char *collection, *kind;
    json *items;
    struct buf events; /* what the watch has yet to send */
    bool is_told;      /* the watch waits for more */
};

struct kubelet_api {
    struct http_transport base;
    /* The rest is private. */
    pthread_mutex_t mu;
    pthread_cond_t changed;
    struct kubelet_api_kind kinds[2];
    int version;
    bool closing, has_secret;
    struct strv changes; /* "METHOD PATH BODY" of what was no read */
};

void kubelet_api_init(struct kubelet_api *a);
void kubelet_api_release(struct kubelet_api *a);
/* Ends the watches; the clients' contexts have been stopped. */
void kubelet_api_close(struct kubelet_api *a);

/* Adds a Pod or a Node, told apart by its kind (JSON text with single quotes for double ones). */
void kubelet_api_add(struct kubelet_api *a, const char *object);
/* Merges into the pod of that name (quotes as above). */
void kubelet_api_merge(struct kubelet_api *a, const char *pod, const char *patch);
void kubelet_api_remove(struct kubelet_api *a, const char *pod);
void kubelet_api_set_secret(struct kubelet_api *a, bool exists);

/* Waits until both watches run and their client took all that there is to tell. */
void kubelet_api_await_told(struct kubelet_api *a);

/* The object of that kind and name as it is now, owned by the caller; NULL when absent. */
json *kubelet_api_give(struct kubelet_api *a, const char *kind, const char *name);
/* How many changes begin with that text. */
size_t kubelet_api_count(struct kubelet_api *a, const char *prefix);
/* The last of them, owned by the caller; NULL when there was none. */
char *kubelet_api_give_last(struct kubelet_api *a, const char *prefix);

#endif
