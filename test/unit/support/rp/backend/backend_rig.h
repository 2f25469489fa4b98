/*
 * backend_rig.h - a backend's parts on a database in memory, with a clock that stands still, and clusters whose steps a test
 * writes as letters. All fail the test when they cannot.
 */
#ifndef TEST_UNIT_SUPPORT_RP_BACKEND_BACKEND_RIG_H
#define TEST_UNIT_SUPPORT_RP_BACKEND_BACKEND_RIG_H

#include <pthread.h>
#include <stdatomic.h>

#include "pkg/database/store_impl.h"
#include "rp/backend/backend.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/log_capture.h"

#define RIG_SUBSCRIPTION "00000000-0000-0000-0000-000000000000"
#define RIG_KEY(name) \
    "/subscriptions/" RIG_SUBSCRIPTION \
    "/resourcegroups/rg/providers/microsoft.redhatopenshift/openshiftclusters/" name

/* Hands all on to a store. Once `writes` more were made, nothing is reached for the rest of a lease: the crash of a process, or
 * two minutes in which it was frozen. With meanwhile the process stands still for that time, before the write, and then goes
 * on: meanwhile does what others do. */
struct crash_store {
    struct store base;
    struct store *inner;
    atomic_int writes; /* negative: no end */
    atomic_bool crashed;
    void (*meanwhile)(void *arg);
    void *arg;
    enum collection fail_coll; /* writes to it fail while fail is set */
    atomic_bool fail;
    struct fake_clock *clock;
};

struct backend_rig {
    struct fake_clock clock;
    struct fake_rng rng;
    struct log_capture capture;
    struct log log;
    struct opctx ctx;
    struct crash_store *store;
    struct database *db;
    struct backend_config cfg;
    atomic_bool hand_over;
    /*
     * What the steps do, one letter each:
     *   .  nothing              i  an error of ours           u  an error of the customer
     *   n  the next phase       e  the end of the install     h  asked to hand over
     *   t  another dequeue      z  frozen for two minutes     r  an error that heals, then nothing
     *   b  waits for backend_rig_release
     */
    const char *steps;
    const char *open_code; /* open fails with this code; NULL: it does not */
    struct strv heard;     /* "install 0", "delete 1", ...: each step as it began, "close" */
    bool healed;
    pthread_mutex_t mu; /* guards heard and what follows */
    pthread_cond_t cv;
    size_t blocked; /* steps that wait */
    bool released;
};

void backend_rig_open(struct backend_rig *r);
void backend_rig_close(struct backend_rig *r);
#define cleanup_backend_rig CLEANUP_WITH(backend_rig_close)

json *backend_rig_tree(const char *quoted); /* JSON with single quotes for double ones */
/* A cluster in that state with an asynchronous operation "async-NAME"; more: members of `properties`, "" or "'a':1,". */
void backend_rig_cluster(struct backend_rig *r, const char *name, const char *state,
                         const char *more);
/* Whichever comes next, from dequeue to end. false: there was none. */
bool backend_rig_work(struct backend_rig *r);
bool backend_rig_work_subscription(struct backend_rig *r);
/* Until so many steps wait, or so many were heard. */
void backend_rig_await_blocked(struct backend_rig *r, size_t n);
void backend_rig_await_heard(struct backend_rig *r, size_t n);
void backend_rig_release(struct backend_rig *r); /* no step waits from here on */
/* The lease of whatever was left is over. */
void backend_rig_expire(struct backend_rig *r);

/* Of a document; NULL: it or the member is not there. Owned by the caller. */
char *backend_rig_cluster_text(struct backend_rig *r, const char *name, const char *path);
char *backend_rig_async_text(struct backend_rig *r, const char *name, const char *path);
void backend_rig_assert_cluster(struct backend_rig *r, const char *name, const char *path,
                                const char *want);
void backend_rig_assert_state(struct backend_rig *r, const char *name, const char *want);
void backend_rig_assert_async(struct backend_rig *r, const char *name, const char *path,
                              const char *want);
void backend_rig_assert_heard(const struct backend_rig *r, const char *want); /* joined by ", " */

#endif
