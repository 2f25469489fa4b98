/*
 * frontend.h - the web server of the resource provider: ARM's calls and the administrators'.
 *
 * It only reads and writes documents; what they ask for happens in the backend. Every request passes
 * the chain of chain.h; the routes are one table (routes.c), to which the admin actions of another
 * folder are added by whoever wires the process.
 *
 * Threads: frontend_start and frontend_stop from one thread; everything else is the server's.
 */
#ifndef RP_FRONTEND_FRONTEND_H
#define RP_FRONTEND_FRONTEND_H

#include "pkg/base/json.h"
#include "pkg/base/opctx.h"
#include "pkg/crypt/aead.h"
#include "pkg/metrics/statsd.h"
#include "rp/env/env.h"
#include "rp/frontend/authorizer.h"
#include "rp/frontend/route.h"

#define FRONTEND_PORT 8443
#define FRONTEND_PLAIN_PORT 8080

struct frontend;
struct database; /* pkg/database/database.h */

/* What is asked of Azure before a cluster is created. May be absent: then nothing is asked. */
struct create_checks {
    /* cluster: internal, borrowed; tenant_id: of the subscription. Errors: cloud_error.h. */
    int (*check)(struct create_checks *c, const struct opctx *ctx, const json *cluster,
                 const char *subscription_id, const char *tenant_id, struct error **err);
};

/* Live data of clusters for replies. May be absent: then documents are all there is. */
struct enricher {
    /* Edits the internal clusters in place, all at once, within the context's time; what it cannot
     * find out stays as it is. Never fails. */
    void (*enrich)(struct enricher *e, const struct opctx *ctx, json *const *clusters, size_t len);
};

/* Knows what ails a cluster. May be absent: then detectors are answered with an error. */
struct diagnostics {
    /* cluster_id: as its document has it; detector: NULL for the list of them. *ret: the JSON that the service says, the
     * caller's. ERR_NOT_FOUND: the service knows no such detector. */
    int (*get)(struct diagnostics *d, const struct opctx *ctx, const char *cluster_id,
               const char *detector, char **ret, struct error **err);
};

struct frontend_config { /* all borrowed for the frontend's life */
    const struct rp_env *env;
    struct database *database;
    struct aead *page_aead;         /* seals the tokens of pages */
    struct authorizer *arm, *admin; /* never NULL; authorizer_allow_all in development */
    struct create_checks *create_checks;
    struct enricher *enricher;
    struct diagnostics *diagnostics;
    struct statsd *statsd; /* may be NULL */
    const struct route *more_routes;
    size_t more_routes_len;
    const void *more_arg;     /* for the handlers of those; may be NULL */
    const char *bind_address; /* NULL: all */
    uint16_t port;            /* TLS; 0 = a free one */
    const char *cert_pem;
    const struct secret *key_pem;
    bool plain;          /* listen on 127.0.0.1 without TLS, too: development */
    uint16_t plain_port; /* 0 = a free one */
    int queue_max;       /* 0 = 512 that wait for them */
    int workers;         /* 0 = 16 handlers at once */
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
};

int frontend_start(const struct frontend_config *cfg, struct frontend **ret, struct error **err);
uint16_t frontend_port(const struct frontend *f);
uint16_t frontend_plain_port(const struct frontend *f); /* 0: no plain listener */
/* A newer certificate for connections from now on. */
int frontend_set_cert(struct frontend *f, const char *cert_pem, const struct secret *key_pem,
                      struct error **err);
/* Calls itself not ready, goes on serving until load balancers have noticed, then ends what runs and
 * frees. at_once, when set, cuts both waits short; may be NULL. */
void frontend_stop(struct frontend *f, struct stop *at_once);

#endif
