/* lease_fixture.h - candidates for one Lease on a lease_server, with the test's own time. */
#ifndef TEST_UNIT_SUPPORT_PKG_KUBE_LEASE_FIXTURE_H
#define TEST_UNIT_SUPPORT_PKG_KUBE_LEASE_FIXTURE_H

#include "pkg/kube/leader.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/pkg/kube/lease_server.h"

/* A short set of durations: 15, 10 and 2 s. */
#define LEASE_DURATION_MS 15000
#define LEASE_DEADLINE_MS 10000
#define LEASE_RETRY_MS 2000

struct lease_fixture {
    struct fake_clock clock; /* stands still unless a test sets auto_advance */
    struct fake_rng rng;
    struct fake_env env;
    struct log_capture capture;
    struct log log;
    struct metrics *metrics;
    struct kube_config kube;
    struct kube_client *client;
    struct lease_server server;
    struct stop *stop;
    struct opctx ctx;
    struct lease_config cfg; /* identity "me", releases */
    struct lease *lease;
    struct leader *leader;
    struct strv changes;
};

void lease_fixture_init(struct lease_fixture *f);
void lease_fixture_start(struct lease_fixture *f); /* makes lease and leader of cfg */
void lease_fixture_finish(struct lease_fixture *f);
/* A Lease held by "you" since a moment that far from now. */
char *lease_fixture_give_foreign(struct lease_fixture *f, int64_t renewed_ago_ms,
                                 int64_t duration_s);

#endif
