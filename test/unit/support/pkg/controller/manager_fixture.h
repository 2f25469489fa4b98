/*
 * manager_fixture.h - a manager on a thread of its own, with runnables and an election that a test
 * drives, and a record of what happened in which order.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_CONTROLLER_MANAGER_FIXTURE_H
#define TEST_UNIT_SUPPORT_PKG_CONTROLLER_MANAGER_FIXTURE_H

#include <stdatomic.h>

#include "pkg/base/strv.h"
#include "pkg/controller/manager.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"

struct manager_fixture;

/* Records "+name" when it starts and "-name" when it ends. */
struct test_runnable {
    struct runnable base;
    struct manager_fixture *f;
    atomic_bool ready;
    bool ends;         /* at once */
    bool stubborn;     /* ends only when f->let_go is set */
    enum err_kind err; /* of its end, unless ERR_INTERNAL (0) */
};

struct manager_fixture {
    struct fake_clock clock;
    struct fake_rng rng;
    struct manager_config cfg;
    struct leader leader;
    struct test_runnable r[MANAGER_GROUPS]; /* one for each group, named after it */
    struct manager *m;
    struct stop *stop;
    pthread_t thread;
    int rcode;
    struct error *err;

    pthread_mutex_t mu; /* guards the rest */
    pthread_cond_t cv;
    struct strv record;
    bool elect, lose, let_go, break_acquire, returned;
};

void manager_set_up(struct manager_fixture *f); /* all ready, no election, grace 30 s */
void manager_with_election(struct manager_fixture *f);
struct test_runnable manager_test_runnable(struct manager_fixture *f, const char *name);
void manager_start(struct manager_fixture *f); /* with all five runnables */
/* Sets one of the flags and wakes who looks at it. */
void manager_set(struct manager_fixture *f, bool *flag);
void manager_await(struct manager_fixture *f, const char *entry); /* of the record */
bool manager_recorded(struct manager_fixture *f, const char *entry);
bool manager_has_returned(struct manager_fixture *f);
char *manager_give_record(struct manager_fixture *f); /* joined by blanks */
void manager_join(struct manager_fixture *f);
void manager_tear_down(struct manager_fixture *f);

#endif
