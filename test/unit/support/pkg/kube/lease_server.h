/*
 * lease_server.h - an API server that knows one Lease: GET, POST and PUT with resourceVersions, and
 * the faults that a test asks for.
 *
 * Threads: safe from any.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_KUBE_LEASE_SERVER_H
#define TEST_UNIT_SUPPORT_PKG_KUBE_LEASE_SERVER_H

#include <pthread.h>

#include "pkg/base/json.h"
#include "pkg/base/strv.h"
#include "pkg/net/http.h"

struct lease_server;
/* Runs on the sending thread, before and after a request is handled, without any lock. */
typedef void (*lease_hook)(void *arg, const char *method, bool handled);

struct lease_server {
    struct http_transport base;
    lease_hook hook;
    void *hook_arg;
    /* Asked with the lock held for each PUT and POST that will be stored; may be NULL. */
    void (*on_store)(void *arg, const char *holder);
    void *on_store_arg;
    bool hides_version; /* answers without resourceVersion */

    pthread_mutex_t mu; /* guards the rest */
    json *lease;        /* NULL: none */
    int64_t version;
    size_t down;     /* so many requests fail before they are handled */
    size_t deaf;     /* so many are handled, but their reply is lost */
    size_t mute;     /* so many hang until their context ends, and are not handled */
    struct strv log; /* "GET 200", "PUT 409", "PUT down" ... */
};

void lease_server_init(struct lease_server *s);
void lease_server_release(struct lease_server *s);
/* Stores that object as somebody else's write; NULL deletes it. */
void lease_server_put(struct lease_server *s, const char *text);
/* One change by a path, as somebody else's write. */
void lease_server_set(struct lease_server *s, const char *path, json *value);
void lease_server_fail(struct lease_server *s, size_t *which, size_t n); /* &s->down, ... */
char *lease_server_give_str(struct lease_server *s, const char *path);   /* NULL when absent */
int64_t lease_server_int(struct lease_server *s, const char *path);      /* -1 when absent */
size_t lease_server_count(struct lease_server *s, const char *entry);    /* prefix of log entries */
char *lease_server_give_log(struct lease_server *s);                     /* joined by ", " */
void lease_server_clear_log(struct lease_server *s);

#endif
