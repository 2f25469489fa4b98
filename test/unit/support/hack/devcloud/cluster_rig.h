/*
 * cluster_rig.h - a virtual cluster on a fake clock, and requests that go through serve() as the server would hand them
 * over: no sockets. Cases are tables of requests with what each reply must contain.
 *
 * Bodies and expectations are JSON text with single quotes for double ones. In requests, bodies and expectations $rv, $uid,
 * $name, $next and $token stand for metadata.resourceVersion, .uid, .name, .continue and status.token of the last reply that
 * had them. Threads: one.
 */
#ifndef TEST_UNIT_SUPPORT_HACK_DEVCLOUD_CLUSTER_RIG_H
#define TEST_UNIT_SUPPORT_HACK_DEVCLOUD_CLUSTER_RIG_H

#include "hack/devcloud/cluster/cluster_impl.h"
#include "hack/devcloud/cluster/watch.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

/* The version that replies were recorded from. */
#define RIG_MINOR 20
#define RIG_KNOWN 5

struct ask {
    const char *line; /* "GET /path?query"; NULL ends a case */
    const char *body; /* NULL: none */
    int status;
    /* What the reply has: members that it names, lists item by item; null: absent; "~text": a string with that inside.
     * NULL: not looked at. */
    const char *want;
    const char *type; /* Content-Type; NULL: application/json */
    const char
        *as; /* a user without rights of its own; NULL: one that may do everything; "": nobody */
    const char *accept, *agent;
    const char *warning; /* the only one; NULL: none wanted */
};

struct cluster_rig {
    struct fake_clock clock;
    struct fake_rng rng;
    struct cluster_config cfg; /* may be changed between init and start */
    struct cluster *c;
    char *known[RIG_KNOWN];
    json *last; /* the last reply; NULL: no JSON */
    char *text; /* the same as it came */
    char *content_type;
};
void cluster_rig_init(struct cluster_rig *r);
void cluster_rig_start(struct cluster_rig *r);
void cluster_rig_open(struct cluster_rig *r); /* both */
void cluster_rig_close(struct cluster_rig *r);
#define cleanup_cluster_rig CLEANUP_WITH(cluster_rig_close)

/* Sends, keeps the reply, fails the test unless it is as wanted. */
void cluster_rig_ask(struct cluster_rig *r, const struct ask *a);
/* A request outside of tables; returns the status. */
int cluster_rig_send(struct cluster_rig *r, const char *line, const char *body);
/* The same for a body of any bytes. */
int cluster_rig_send_raw(struct cluster_rig *r, const char *line, const char *type,
                         const char *body, size_t len);

/* Fails the test unless got has what want (loose text) names. */
void assert_contains(const json *got, const char *want_loose);

/* ---- a request on its way, for tests of single steps ---- */
struct rig_op {
    struct api_request rq;
    struct api_reply reply;
    struct kinds *kinds;
    struct op op;
};
/* As serve() would make it for this request of somebody who may do everything; body may be NULL. */
void rig_op_init(struct rig_op *o, struct cluster_rig *r, const char *line, const char *body);
void rig_op_release(struct rig_op *o);
#define cleanup_rig_op CLEANUP_WITH(rig_op_release)

/* ---- watches ---- */
struct rig_watch {
    struct watch_sink sink;
    struct watch *watch;
    struct buf lines;
    size_t taken; /* bytes of them */
    size_t max;   /* further bytes are refused, as by a client that is gone; 0: all are taken */
    bool ended;
};
/* Opens and starts; fails the test when the reply is no watch. */
void rig_watch_open(struct rig_watch *w, struct cluster_rig *r, const char *path_and_query);
void rig_watch_close(struct rig_watch *w);
#define cleanup_rig_watch CLEANUP_WITH(rig_watch_close)
/* The next event, owned by the caller; NULL: there is none. */
json *rig_watch_give(struct rig_watch *w);
/* The next event must have this. want NULL: there must be none. */
void rig_watch_expect(struct rig_watch *w, const char *want);

/* ---- tables ---- */
struct rig_case {
    const char *name;
    int minor;             /* 0: RIG_MINOR */
    bool accounts, owners; /* service_accounts, owner_enforcement of the configuration */
    struct ask asks[12];
};
void cluster_rig_check(void **state); /* of a struct rig_case */
/* Runs the cases and what else there is; for main to return. */
int cluster_rig_run(const char *group, struct rig_case *cases, size_t len,
                    const struct CMUnitTest *more, size_t more_len);

#endif
