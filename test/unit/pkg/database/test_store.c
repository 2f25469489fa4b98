#include <string.h>

#include "pkg/base/thread.h"
#include "test/unit/support/pkg/database/store_fixture.h"
#include "test/unit/support/test.h"

#define OK_BODY "{\"id\":\"a\"}"

/* What every driver is spared. */
static const struct write_case {
    const char *name;
    enum collection coll;
    struct doc_write w;
} write_cases[] = {
    { "refuses a body that is no object", COLL_BILLING, { "a", "a", "[]", 2, 0 } },
    { "refuses a body that ends too early", COLL_BILLING, { "a", "a", OK_BODY, 5, 0 } },
    { "refuses a body of another id", COLL_BILLING, { "b", "b", OK_BODY, 10, 0 } },
    { "refuses a body of another partition", COLL_BILLING, { "a", "b", OK_BODY, 10, 0 } },
    { "refuses a body without a partition", COLL_POOL_WORKERS, { "a", "a", OK_BODY, 10, 0 } },
    { "refuses an id that is no string", COLL_BILLING, { "1", "1", "{\"id\":1}", 8, 0 } },
    { "refuses an empty id", COLL_BILLING, { "", "", "{\"id\":\"\"}", 9, 0 } },
    { "refuses an id with a slash", COLL_BILLING, { "a/b", "a/b", "{\"id\":\"a/b\"}", 12, 0 } },
    { "refuses a trigger that the collection lacks",
      COLL_BILLING,
      { "a", "a", OK_BODY, 10, TRIGGER_RENEW_LEASE } },
};

static void check_write_refused(void **state)
{
    const struct write_case *c = *state;
    struct store_fixture f;
    store_fixture_init(&f, NULL);
    cleanup_error struct error *err = NULL;

    assert_int_equal(store_create(&f.ctx, f.store, c->coll, &c->w, NULL, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    error_clear(&err);
    assert_int_equal(store_replace(&f.ctx, f.store, c->coll, &c->w, STORE_ANY_ETAG, NULL, &err),
                     -1);
    assert_true(error_is(err, ERR_INVALID));
    store_fixture_release(&f);
}

static const struct query_case {
    const char *name;
    struct store_query q;
} query_cases[] = {
    { "refuses a query that does not exist", { .query = QUERIES } },
    { "refuses a collection that does not exist", { .query = QUERY_ALL, .coll = COLLECTIONS } },
    { "refuses a query that lacks its partition",
      { .query = QUERY_CLUSTERS_BY_KEY, .args = { "k" } } },
    { "refuses a partition for a query of all",
      { .query = QUERY_CLUSTERS_DEQUEUE, .partition = "p" } },
    { "refuses a query that lacks an argument",
      { .query = QUERY_CLUSTERS_BY_KEY, .partition = "p" } },
    { "refuses an argument too many", { .query = QUERY_CLUSTERS_DEQUEUE, .args = { "x" } } },
};

static void check_query_refused(void **state)
{
    const struct query_case *c = *state;
    struct store_fixture f;
    store_fixture_init(&f, NULL);
    cleanup_error struct error *err = NULL;
    struct doc_page page;
    int64_t n;

    assert_int_equal(store_query(&f.ctx, f.store, &c->q, &page, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    error_clear(&err);
    assert_int_equal(store_count(&f.ctx, f.store, &c->q, &n, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    store_fixture_release(&f);
}

static void check_etag_needed(void **state)
{
    (void)state;
    struct store_fixture f;
    store_fixture_init(&f, NULL);
    static const char *const empty[] = { NULL, "" };
    assert_int_equal(store_fixture_create(&f, COLL_BILLING, OK_BODY, NULL, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(empty); i++) {
        cleanup_error struct error *err = NULL;
        assert_int_equal(store_fixture_replace(&f, COLL_BILLING, OK_BODY, empty[i], NULL, &err),
                         -1);
        assert_true(error_is(err, ERR_INVALID));
        error_clear(&err);
        assert_int_equal(store_delete(&f.ctx, f.store, COLL_BILLING, "a", "a", empty[i], &err), -1);
        assert_true(error_is(err, ERR_INVALID));
    }
    store_fixture_release(&f);
}

static void check_not_counted(void **state)
{
    (void)state;
    struct store_fixture f;
    store_fixture_init(&f, NULL);
    cleanup_error struct error *err = NULL;
    int64_t n;

    assert_int_equal(store_count(&f.ctx, f.store,
                                 &(struct store_query){ .query = QUERY_MANIFESTS_DUE_CLUSTERS }, &n,
                                 &err),
                     -1);

    assert_true(error_is(err, ERR_INVALID));
    store_fixture_release(&f);
}

static void check_secret_id(void **state)
{
    (void)state;
    struct store_fixture f;
    store_fixture_init(&f, NULL);
    cleanup_error struct error *err = NULL;
    struct doc got;

    assert_int_equal(store_get(&f.ctx, f.store, COLL_PORTAL, "s3cret", "s3cret", &got, &err), -1);

    assert_true(error_is(err, ERR_NOT_FOUND));
    assert_null(strstr(error_text(err), "s3cret"));
    store_fixture_release(&f);
}

/* ---- hints ---- */

static void check_hint_before(void **state)
{
    (void)state;
    struct store_fixture f;
    store_fixture_init(&f, NULL);
    uint64_t seen = store_hint(f.store, COLL_BILLING);
    assert_int_equal(store_fixture_create(&f, COLL_BILLING, OK_BODY, NULL, NULL), 0);

    /* Nobody moves the clock: it returns because of the write. */
    assert_int_equal(store_hint_wait(&f.ctx, f.store, COLL_BILLING, seen, 1000, NULL), 0);
    assert_int_equal(clock_mono_ns(&f.clock.base), FAKE_MONO_NS);
    store_fixture_release(&f);
}

static void check_hint_timeout(void **state)
{
    (void)state;
    struct store_fixture f;
    store_fixture_init(&f, NULL);
    f.clock.auto_advance = true;
    assert_int_equal(store_fixture_create(&f, COLL_PORTAL, OK_BODY, NULL, NULL), 0);
    uint64_t seen = store_hint(f.store, COLL_BILLING);

    assert_int_equal(store_hint_wait(&f.ctx, f.store, COLL_BILLING, seen, 1000, NULL), 0);

    assert_int_equal(clock_mono_ns(&f.clock.base), FAKE_MONO_NS + 1000 * NS_PER_MS);
    store_fixture_release(&f);
}

static void wait_for_hint(void *arg)
{
    struct store_fixture *f = arg;
    (void)store_hint_wait(&f->ctx, f->store, COLL_BILLING, 0, 1000, NULL);
}

static void check_hint_wakes(void **state)
{
    (void)state;
    struct store_fixture f;
    store_fixture_init(&f, NULL);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(thread_start(&threads[i], "waiter", wait_for_hint, &f, NULL), 0);
    fake_clock_await(&f.clock, 2);

    assert_int_equal(store_fixture_create(&f, COLL_BILLING, OK_BODY, NULL, NULL), 0);

    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(clock_mono_ns(&f.clock.base), FAKE_MONO_NS);
    store_fixture_release(&f);
}

static void check_hint_cancelled(void **state)
{
    (void)state;
    struct store_fixture f;
    store_fixture_init(&f, NULL);
    cleanup_error struct error *err = NULL;
    stop_request(f.stop);

    assert_int_equal(store_hint_wait(&f.ctx, f.store, COLL_BILLING, 0, 1000, &err), -1);

    assert_true(error_is(err, ERR_CANCELLED));
    store_fixture_release(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(write_cases) + ARRAY_LEN(query_cases) + 7] = {
        CASE("refuses writes without an etag", check_etag_needed),
        CASE("refuses to count what is grouped", check_not_counted),
        CASE("keeps the secret ids of portal documents out of errors", check_secret_id),
        CASE("does not wait for a write that was made before", check_hint_before),
        CASE("waits no longer than it is told, whatever other collections do", check_hint_timeout),
        CASE("wakes everybody who waits for a collection", check_hint_wakes),
        CASE("stops waiting when the context ends", check_hint_cancelled),
    };
    size_t n = 7;
    for (size_t i = 0; i < ARRAY_LEN(write_cases); i++)
        tests[n++] = (struct CMUnitTest){ write_cases[i].name, check_write_refused,
                                          .initial_state = (void *)(uintptr_t)&write_cases[i] };
    for (size_t i = 0; i < ARRAY_LEN(query_cases); i++)
        tests[n++] = (struct CMUnitTest){ query_cases[i].name, check_query_refused,
                                          .initial_state = (void *)(uintptr_t)&query_cases[i] };
    return RUN_CASES("store", tests);
}
