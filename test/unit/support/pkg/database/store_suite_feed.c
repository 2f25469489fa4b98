/* The change feed and hints. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/pkg/database/store_suite.h"

/* Reads from *position to the end, which becomes *position; ids in the order of their coming. */
static char *read_feed(struct suite *s, struct store *store, enum collection coll, size_t max,
                       char **position)
{
    cleanup_strv struct strv ids = STRV_INIT;
    size_t len;
    do {
        cleanup_doc_page struct doc_page page = { 0 };
        suite_ok(s, store_changes(&s->ctx, store, coll, *position, max, &page, &s->err));
        len = page.len;
        for (size_t i = 0; i < page.len; i++)
            strv_add(&ids, page.docs[i].id);
        assert_non_null(page.next);
        free(*position);
        *position = take(page.next);
    } while (len);
    return strv_give_joined(&ids, " ");
}

static void create(struct suite *s, const char *id)
{
    cleanup_free char *body = xasprintf("{\"id\":\"%s\",\"workerType\":\"t\"}", id);
    suite_ok(s, suite_create(s, COLL_POOL_WORKERS, body, NULL));
}

static void check_feed(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_free char *position = NULL;
    create(&s, "a");
    create(&s, "b");
    create(&s, "c");

    cleanup_free char *first = read_feed(&s, s.store, COLL_POOL_WORKERS, 2, &position);
    assert_string_equal(first, "a b c");
    cleanup_free char *nothing = read_feed(&s, s.store, COLL_POOL_WORKERS, 2, &position);
    assert_string_equal(nothing, "");

    suite_ok(&s, suite_replace(&s, COLL_POOL_WORKERS, "{\"id\":\"b\",\"workerType\":\"t\",\"v\":1}",
                               STORE_ANY_ETAG, NULL));
    create(&s, "d");
    suite_ok(&s,
             store_delete(&s.ctx, s.store, COLL_POOL_WORKERS, "t", "a", STORE_ANY_ETAG, &s.err));
    cleanup_free char *second = read_feed(&s, s.store, COLL_POOL_WORKERS, 2, &position);
    assert_string_equal(second, "b d");
    suite_end(&s);
}

static void check_latest_state(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc_page struct doc_page one = { 0 };
    cleanup_free char *position = NULL;
    create(&s, "a");
    create(&s, "b");
    suite_ok(&s, store_changes(&s.ctx, s.store, COLL_POOL_WORKERS, NULL, 1, &one, &s.err));
    position = take(one.next);
    suite_ok(&s, suite_replace(&s, COLL_POOL_WORKERS, "{\"id\":\"a\",\"workerType\":\"t\",\"v\":2}",
                               STORE_ANY_ETAG, NULL));
    suite_ok(&s, suite_replace(&s, COLL_POOL_WORKERS, "{\"id\":\"b\",\"workerType\":\"t\",\"v\":3}",
                               STORE_ANY_ETAG, NULL));

    /* Both were written after the position; each comes once, as it is now. */
    cleanup_doc_page struct doc_page two = { 0 };
    suite_ok(&s, store_changes(&s.ctx, s.store, COLL_POOL_WORKERS, position, 0, &two, &s.err));
    assert_int_equal(two.len, 2);
    assert_non_null(strstr(two.docs[0].body, "\"v\":2"));
    assert_non_null(strstr(two.docs[1].body, "\"v\":3"));
    suite_end(&s);
}

static void check_restart(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_free char *position = NULL;
    cleanup_store struct store *second = NULL;
    create(&s, "a");
    cleanup_free char *first = read_feed(&s, s.store, COLL_POOL_WORKERS, 0, &position);
    create(&s, "b");

    suite_ok(&s, s.subject->open(s.subject->arg, &s.ctx, &second, &s.err));

    cleanup_free char *rest = read_feed(&s, second, COLL_POOL_WORKERS, 0, &position);
    assert_string_equal(rest, "b");
    suite_end(&s);
}

static void check_collections_apart(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_free char *position = NULL;
    create(&s, "a");
    suite_ok(&s, suite_create(&s, COLL_BILLING, "{\"id\":\"x\"}", NULL));

    cleanup_free char *ids = read_feed(&s, s.store, COLL_BILLING, 0, &position);

    assert_string_equal(ids, "x");
    suite_end(&s);
}

static void check_hint(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    uint64_t seen = store_hint(s.store, COLL_POOL_WORKERS);

    create(&s, "a");

    /* An hour would be the test's time-out. */
    assert_int_equal(store_hint_wait(&s.ctx, s.store, COLL_POOL_WORKERS, seen, 3600000, NULL), 0);
    suite_end(&s);
}

const struct suite_case store_suite_feed[] = {
    { "feeds changes in their order, without deletes", check_feed, false, false },
    { "feeds the latest state of each document once", check_latest_state, false, false },
    { "goes on with a feed in another process", check_restart, true, false },
    { "feeds each collection by itself", check_collections_apart, false, false },
    { "hints at what it wrote itself", check_hint, false, false },
    { 0 },
};
