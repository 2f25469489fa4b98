/* Many threads at once, and a server that crashes under them. */
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "test/unit/support/pkg/database/store_suite.h"

#define THREADS_MAX 50
#define ROUNDS 8
#define KEYS 6

struct crowd;

struct runner {
    struct crowd *crowd;
    int number;
    pthread_t thread;
    struct opctx ctx;
};

/* The runners of one race; they count, the test asserts. */
struct crowd {
    struct suite *suite;
    int len;
    struct runner runners[THREADS_MAX];
    atomic_int done, lost, odd; /* successes, lost races, whatever else */
    atomic_bool over;
};

static void count_failure(struct crowd *crowd, struct error **err, enum err_kind lost)
{
    if (error_is(*err, lost)) {
        atomic_fetch_add(&crowd->lost, 1);
    } else {
        (void)fprintf(stderr, "%s: %s\n", err_kind_name(error_kind(*err)), error_text(*err));
        atomic_fetch_add(&crowd->odd, 1);
    }
    error_clear(err);
}

static void start(struct crowd *crowd, struct suite *s, void (*fn)(void *))
{
    *crowd = (struct crowd){ .suite = s, .len = s->subject->threads };
    if (!crowd->len)
        crowd->len = THREADS_MAX;
    for (int i = 0; i < crowd->len; i++) {
        struct runner *r = &crowd->runners[i];
        *r = (struct runner){ .crowd = crowd, .number = i, .ctx = s->ctx };
        assert_int_equal(thread_start(&r->thread, "runner", fn, r, NULL), 0);
    }
}

static void finish(struct crowd *crowd)
{
    for (int i = 0; i < crowd->len; i++)
        pthread_join(crowd->runners[i].thread, NULL);
    assert_int_equal(crowd->odd, 0);
}

/* ---- a counter ---- */

static int64_t count_in(const struct doc *d)
{
    cleanup_json json *tree = NULL;
    if (json_parse(d->body, d->body_len, &tree, NULL) < 0)
        return -1;
    return json_path_int(tree, "n", -1);
}

/* Read, add one, replace; what was lost is tried again. */
static int increment(struct runner *r, const char *id, struct error **err)
{
    struct store *store = r->crowd->suite->store;
    cleanup_doc struct doc d = { 0 };
    if (store_get(&r->ctx, store, COLL_BILLING, id, id, &d, err) < 0)
        return -1;
    cleanup_free char *body =
        xasprintf("{\"id\":\"%s\",\"n\":%lld}", id, (long long)count_in(&d) + 1);
    const struct doc_write w = { id, id, body, strlen(body), 0 };
    return store_replace(&r->ctx, store, COLL_BILLING, &w, d.etag, NULL, err);
}

static void run_counter(void *arg)
{
    struct runner *r = arg;
    struct error *err = NULL;
    for (int i = 0; i < ROUNDS; i++) {
        if (increment(r, "counter", &err) == 0)
            atomic_fetch_add(&r->crowd->done, 1);
        else
            count_failure(r->crowd, &err, ERR_PRECONDITION);
    }
}

static void check_counter(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    struct crowd crowd;
    cleanup_doc struct doc d = { 0 };
    suite_ok(&s, suite_create(&s, COLL_BILLING, "{\"id\":\"counter\",\"n\":0}", NULL));

    start(&crowd, &s, run_counter);
    finish(&crowd);

    suite_ok(&s, store_get(&s.ctx, s.store, COLL_BILLING, "counter", "counter", &d, &s.err));
    assert_int_equal(count_in(&d), crowd.done);
    assert_true(crowd.done > 0);
    assert_int_equal(crowd.done + crowd.lost, crowd.len * ROUNDS);
    suite_end(&s);
}

/* ---- one winner ---- */

/* Everybody creates the same documents: by id, and clusters of one key under ids of their own. */
static void run_creates(void *arg)
{
    struct runner *r = arg;
    struct error *err = NULL;
    for (int i = 0; i < KEYS; i++) {
        cleanup_free char *body =
            xasprintf("{\"id\":\"r%d-%d\",\"partitionKey\":\"p\",\"key\":\"/k%d\","
                      "\"clusterResourceGroupIdKey\":\"g%d-%d\",\"clientIdKey\":\"c%d-%d\"}",
                      r->number, i, i, r->number, i, r->number, i);
        cleanup_free char *id = xasprintf("r%d-%d", r->number, i);
        const struct doc_write w = { id, "p", body, strlen(body), 0 };
        cleanup_free char *same = xasprintf("{\"id\":\"same%d\"}", i);
        cleanup_free char *same_id = xasprintf("same%d", i);
        const struct doc_write v = { same_id, same_id, same, strlen(same), 0 };
        struct store *store = r->crowd->suite->store;
        if (store_create(&r->ctx, store, COLL_OPENSHIFT_CLUSTERS, &w, NULL, &err) == 0)
            atomic_fetch_add(&r->crowd->done, 1);
        else
            count_failure(r->crowd, &err, ERR_EXISTS);
        if (store_create(&r->ctx, store, COLL_BILLING, &v, NULL, &err) == 0)
            atomic_fetch_add(&r->crowd->done, 1);
        else
            count_failure(r->crowd, &err, ERR_EXISTS);
    }
}

static void check_create_race(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    struct crowd crowd;
    int64_t n;

    start(&crowd, &s, run_creates);
    finish(&crowd);

    assert_int_equal(crowd.done, 2 * KEYS);
    suite_ok(&s, store_count(
                     &s.ctx, s.store,
                     &(struct store_query){ .query = QUERY_ALL, .coll = COLL_OPENSHIFT_CLUSTERS },
                     &n, &s.err));
    assert_int_equal(n, KEYS);
    suite_end(&s);
}

/* ---- the feed under writers ---- */

static void run_writes(void *arg)
{
    struct runner *r = arg;
    struct error *err = NULL;
    cleanup_free char *id = xasprintf("w%d", r->number);
    for (int i = 0; i <= ROUNDS; i++) {
        cleanup_free char *body = xasprintf("{\"id\":\"%s\",\"n\":%d}", id, i);
        const struct doc_write w = { id, id, body, strlen(body), 0 };
        struct store *store = r->crowd->suite->store;
        int status = i ? store_replace(&r->ctx, store, COLL_GATEWAY, &w, STORE_ANY_ETAG, NULL, &err)
                       : store_create(&r->ctx, store, COLL_GATEWAY, &w, NULL, &err);
        if (status < 0)
            count_failure(r->crowd, &err, ERR_KINDS);
    }
    atomic_fetch_add(&r->crowd->done, 1);
}

/* Whoever follows the feed must in the end have seen the last state of everything: a commit that came late is not
 * skipped by a position that went past it. */
static void check_feed_under_writers(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    struct crowd crowd;
    int64_t last[THREADS_MAX];
    memset(last, 0xff, sizeof(last));
    cleanup_free char *position = NULL;

    start(&crowd, &s, run_writes);
    for (bool over = false;;) {
        bool was_over = over;
        over = atomic_load(&crowd.done) == crowd.len;
        cleanup_doc_page struct doc_page page = { 0 };
        suite_ok(&s, store_changes(&s.ctx, s.store, COLL_GATEWAY, position, 5, &page, &s.err));
        for (size_t i = 0; i < page.len; i++) {
            int64_t *at = &last[strtol(page.docs[i].id + 1, NULL, 10)];
            assert_true(count_in(&page.docs[i]) > *at || count_in(&page.docs[i]) == ROUNDS);
            *at = count_in(&page.docs[i]);
        }
        free(position);
        position = take(page.next);
        if (was_over && page.len == 0)
            break;
    }
    finish(&crowd);

    for (int i = 0; i < crowd.len; i++)
        assert_int_equal(last[i], ROUNDS);
    suite_end(&s);
}

/* ---- crashes ---- */

#define CRASHES 3

struct tally {
    int64_t sure, unsure; /* increments that happened, that may have happened */
};

/* The server may still be on its way back. */
#define COMES_BACK_MS 60000
static int read_after_crash(struct runner *r, const char *id, struct doc *ret, struct error **err)
{
    struct opctx ctx = opctx_with_timeout_ms(&r->ctx, COMES_BACK_MS);
    while (store_get(&ctx, r->crowd->suite->store, COLL_BILLING, id, id, ret, err) < 0) {
        if (!error_is(*err, ERR_UNAVAILABLE) || opctx_sleep_ms(&ctx, 20, NULL) < 0)
            return -1;
        error_clear(err);
    }
    return 0;
}

/* Increments a counter of its own until the race is over, and keeps book. */
static void run_through_crashes(void *arg)
{
    struct runner *r = arg;
    struct error *err = NULL;
    struct tally t = { 0 };
    cleanup_free char *id = xasprintf("crash%d", r->number);
    while (!atomic_load(&r->crowd->over)) {
        if (increment(r, id, &err) == 0) {
            t.sure++;
            atomic_fetch_add(&r->crowd->done, 1);
        } else if (str_eq(error_get_code(err), STORE_CODE_UNKNOWN)) {
            t.unsure++;
        } else if (!error_is(err, ERR_UNAVAILABLE)) {
            count_failure(r->crowd, &err, ERR_KINDS);
        }
        error_clear(&err);
    }
    cleanup_doc struct doc d = { 0 };
    if (read_after_crash(r, id, &d, &err) < 0) {
        count_failure(r->crowd, &err, ERR_KINDS);
        return;
    }
    int64_t n = count_in(&d);
    if (n < t.sure || n > t.sure + t.unsure) {
        (void)fprintf(stderr, "%s: %lld, but %lld were sure and %lld unsure\n", id, (long long)n,
                      (long long)t.sure, (long long)t.unsure);
        atomic_fetch_add(&r->crowd->odd, 1);
    }
}

/* Every success outlives the crash, and no failure was one after all. */
static void check_crashes(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    struct crowd crowd;
    int len = s.subject->threads ? s.subject->threads : THREADS_MAX;
    for (int i = 0; i < len; i++) {
        cleanup_free char *body = xasprintf("{\"id\":\"crash%d\",\"n\":0}", i);
        suite_ok(&s, suite_create(&s, COLL_BILLING, body, NULL));
    }

    start(&crowd, &s, run_through_crashes);
    for (int i = 0; i < CRASHES; i++) {
        int before = atomic_load(&crowd.done);
        while (atomic_load(&crowd.done) < before + len)
            sched_yield();
        s.subject->crash(s.subject->arg);
    }
    atomic_store(&crowd.over, true);
    finish(&crowd);
    suite_end(&s);
}

const struct suite_case store_suite_race[] = {
    { "loses no update of a counter", check_counter, false, false },
    { "lets one of many create an id or a unique key", check_create_race, false, false },
    { "feeds late commits, too", check_feed_under_writers, false, false },
    { "keeps its word when the server crashes", check_crashes, false, true },
    { 0 },
};
