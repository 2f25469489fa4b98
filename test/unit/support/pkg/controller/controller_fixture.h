/*
 * controller_fixture.h - a controller on a thread of its own, whose source and reconcile a test
 * drives.
 *
 * Example:  controller_set_up(&f); f.source.keys[0] = "cluster"; controller_start(&f);
 *           controller_await_runs(&f, 1); controller_await_idle(&f); controller_finish(&f); ...
 */
#ifndef TEST_UNIT_SUPPORT_PKG_CONTROLLER_CONTROLLER_FIXTURE_H
#define TEST_UNIT_SUPPORT_PKG_CONTROLLER_CONTROLLER_FIXTURE_H

#include <stdatomic.h>

#include "pkg/base/log.h"
#include "pkg/base/strv.h"
#include "pkg/controller/controller.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/log_capture.h"

/* A source that a test drives. */
struct test_source {
    struct source base;
    const char *keys[4]; /* added by start */
    bool fails, never_syncs;
    atomic_bool synced;
    atomic_int starts, stops;
};

struct controller_fixture {
    struct fake_clock clock;
    struct fake_rng rng;
    struct log_capture capture;
    struct log log;
    struct metrics *metrics;
    struct test_source source;
    struct source *sources[3];
    struct controller_config cfg;
    struct controller *c;
    struct stop *stop;
    pthread_t thread;
    int rcode;
    struct error *err;

    /* What reconcile does and saw; the lock guards it. */
    pthread_mutex_t mu;
    pthread_cond_t cv;
    struct strv runs; /* keys */
    int active, most_active;
    bool same_key_twice;
    struct strv active_keys;
    int64_t seen[4]; /* for act's own use */
    bool hold;       /* runs wait until it is false, or until stopped */
    int (*act)(struct controller_fixture *f, const struct opctx *ctx, int run, struct result *ret,
               struct error **err);
};

struct test_source controller_test_source(const char *name);

/* cfg and source may be changed between set_up and start. */
void controller_set_up(struct controller_fixture *f);
void controller_start(struct controller_fixture *f); /* makes f->c unless the test did */
void controller_await_runs(struct controller_fixture *f, size_t n); /* so many were begun */
/* Waits until all workers of a quiet controller are idle. */
void controller_await_idle(struct controller_fixture *f);
void controller_finish(struct controller_fixture *f); /* stops, lets held runs go, joins */
void controller_tear_down(struct controller_fixture *f);
/* A counter of this controller; result may be NULL. -1: no such series. */
double controller_counter(struct controller_fixture *f, const char *family, const char *result);

#endif
