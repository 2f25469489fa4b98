#include <pthread.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/backend/finish.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

/* A cluster that is dequeued and held. */
struct held {
    struct backend_rig *r;
    char *token;
    struct document d;
    struct heartbeat *beat;
    struct finish finish;
    int rcode;
};

static void hold(struct backend_rig *r, struct held *h)
{
    *h = (struct held){ .r = r };
    assert_int_equal(openshiftclusters_dequeue(&r->ctx, r->db, &h->token, &h->d, NULL), 0);
    const struct heartbeat_config cfg = { .renew = openshiftclusters_lease,
                                          .db = r->db,
                                          .key = RIG_KEY("a"),
                                          .token = h->token,
                                          .since_ns = FAKE_MONO_NS,
                                          .heartbeat_ms = 10000,
                                          .retry_ms = 1000,
                                          .trust_ms = 50000 };
    assert_int_equal(heartbeat_start(&r->ctx, &cfg, &h->beat, NULL), 0);
    fake_clock_await(&r->clock, 1); /* it has renewed: nobody else is at the database */
    h->finish = (struct finish){ &r->cfg, RIG_KEY("a"), h->token, h->beat, FAKE_MONO_NS };
}

static void held_release(struct held *h)
{
    heartbeat_free(h->beat);
    document_release(&h->d);
    free(h->token);
}

static void run_finish(void *arg)
{
    struct held *h = arg;
    h->rcode = finish_operation(&h->finish, h->d.tree, NULL, NULL);
}

/* ---- cases ---- */

static void a_deleted_cluster_is_seen_for_a_while(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    struct held h;
    pthread_t thread;
    backend_rig_open(&r);
    r.cfg.settings.delete_delay_ms = 20000;
    backend_rig_cluster(&r, "a", "Deleting", "");
    hold(&r, &h);

    assert_int_equal(thread_start(&thread, "finish", run_finish, &h, NULL), 0);
    fake_clock_await(&r.clock, 2); /* the heartbeat, and the wait for monitors */

    backend_rig_assert_state(&r, "a", "Deleting");
    backend_rig_assert_async(&r, "a", "asyncOperation.status", "Succeeded");
    fake_clock_advance_ms(&r.clock, 19999);
    fake_clock_await(&r.clock, 2);
    backend_rig_assert_state(&r, "a", "Deleting");
    assert_true(heartbeat_renewals(h.beat) > 1);

    fake_clock_advance_ms(&r.clock, 1);
    pthread_join(thread, NULL);
    assert_int_equal(h.rcode, 0);
    backend_rig_assert_state(&r, "a", NULL);
    held_release(&h);
}

static void a_document_that_is_gone_already_is_fine(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    struct held h;
    pthread_t thread;
    backend_rig_open(&r);
    r.cfg.settings.delete_delay_ms = 20000;
    backend_rig_cluster(&r, "a", "Deleting", "");
    hold(&r, &h);
    assert_int_equal(thread_start(&thread, "finish", run_finish, &h, NULL), 0);
    fake_clock_await(&r.clock, 2);
    assert_int_equal(store_delete(&r.ctx, &r.store->base, COLL_OPENSHIFT_CLUSTERS, RIG_SUBSCRIPTION,
                                  "id-a", STORE_ANY_ETAG, NULL),
                     0);
    fake_clock_advance_ms(&r.clock, 20000);
    pthread_join(thread, NULL);

    held_release(&h); /* whether the wait or the heartbeat came first is open */
    backend_rig_assert_state(&r, "a", NULL);
    backend_rig_assert_async(&r, "a", "asyncOperation.status", "Succeeded");
}

static void a_loser_writes_nothing(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    struct held h;
    cleanup_free char *token = NULL;
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *err = NULL;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Deleting", "");
    hold(&r, &h);
    heartbeat_stop(h.beat);
    fake_clock_advance_ms(&r.clock, 61000);
    assert_int_equal(openshiftclusters_dequeue(&r.ctx, r.db, &token, &d, NULL), 0);

    assert_int_equal(finish_operation(&h.finish, h.d.tree, NULL, &err), -1);
    assert_string_equal(error_get_code(err), DATABASE_LOST_LEASE);
    assert_int_equal(finish_hand_over(&h.finish, NULL), -1);

    backend_rig_assert_state(&r, "a", "Deleting");
    backend_rig_assert_cluster(&r, "a", "leaseOwner", token);
    backend_rig_assert_cluster(&r, "a", "operationOutcome", NULL);
    backend_rig_assert_async(&r, "a", "asyncOperation.status", "Deleting");
    held_release(&h);
}

static void a_hand_over_leaves_all_but_the_lease(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    struct held h;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Updating", "");
    hold(&r, &h);

    assert_int_equal(finish_hand_over(&h.finish, NULL), 0);

    backend_rig_assert_state(&r, "a", "Updating");
    backend_rig_assert_cluster(&r, "a", "leaseOwner", NULL);
    backend_rig_assert_cluster(&r, "a", "asyncOperationId", "async-a");
    held_release(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a deleted cluster is seen for a while", a_deleted_cluster_is_seen_for_a_while),
        CASE("a document that is gone already is fine", a_document_that_is_gone_already_is_fine),
        CASE("a loser writes nothing", a_loser_writes_nothing),
        CASE("a hand-over leaves all but the lease", a_hand_over_leaves_all_but_the_lease),
    };
    return RUN_CASES("finish", tests);
}
