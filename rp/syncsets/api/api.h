/*
 * api.h - the REST and watch server of SyncSets: /v1 over a store.
 *
 * Errors are Kubernetes Status bodies. Watches are served from the log of changes, read once for all of them.
 * Threads: start and stop from one; everything else is the server's own.
 */
#ifndef RP_SYNCSETS_API_API_H
#define RP_SYNCSETS_API_API_H

#include "pkg/base/env.h"
#include "pkg/metrics/metrics.h"
#include "pkg/net/server.h"
#include "rp/syncsets/store/store.h"

struct sets_access;
struct sets_api;
struct sets_api_config {
    struct sql_db *db;          /* borrowed */
    const struct keyring *keys; /* borrowed */
    bool require_namespaces;
    int64_t selector_set_bytes; /* as of struct sets_store_config */
    bool reject_kubeconfigs;    /* those that cannot be used are 422 instead of being kept */
    struct sets_access *access; /* borrowed; NULL: everybody may do everything */
    const char *bind_address;   /* NULL: all */
    uint16_t port;              /* 0: a free one */
    const char *cert_pem;       /* NULL: plain HTTP */
    const struct secret *key_pem;
    int64_t event_keep_s;   /* 0: an hour */
    int64_t audit_keep_s;   /* 0: 90 days */
    int64_t audit_rows;     /* and at most so many; 0: 10,000,000 */
    size_t watch_queue_max; /* bytes that a watch's client may be behind; 0: 8 MiB */
    int64_t watches_each;   /* at most so many watches of one identity; 0: 500 */
    int64_t watch_bytes;    /* and so many bytes of all watches' queues; 0: 256 MiB */
    int64_t patience_ms;    /* a watch that begins waits so for its reader, or for room; 0: 30 s */
    int64_t ahead_ms;       /* a watch waits so long for a revision that is still to come; 0: 3 s */
    void (*on_commit)(void *arg); /* a change was committed here; NULL: nobody wants to know */
    void *on_commit_arg;
    bool has_relay; /* a relay brings the log to a bus, and its cursor is the relay's alone */
    struct metrics *metrics;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
};
int sets_api_start(const struct sets_api_config *cfg, struct sets_api **ret, struct error **err);
uint16_t sets_api_port(const struct sets_api *api);
struct sets_store *sets_api_store(struct sets_api *api);
/* For connections from now on. ERR_INVALID: they are none, or it speaks no TLS; it keeps what it had. */
int sets_api_set_cert(struct sets_api *api, const char *cert_pem, const struct secret *key_pem,
                      struct error **err);
/* Not ready from now on; running requests end, then it is gone. */
void sets_api_stop(struct sets_api *api, int64_t grace_ms);

#endif
