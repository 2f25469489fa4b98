/*
 * store_suite.h - the conformance suite of document stores: what store.h promises, asked of any driver.
 *
 * A driver's test fills a store_subject, lists the cases and runs them:
 *     struct CMUnitTest tests[STORE_SUITE_MAX];
 *     size_t n = store_suite_list(&subject, tests, 0);
 *     return _cmocka_run_group_tests("...", tests, n, NULL, NULL);
 * Each case begins by emptying the store through its own interface, so that subjects need not be fresh. Cases assert on
 * the test's thread only; threads that they start report by counters.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_DATABASE_STORE_SUITE_H
#define TEST_UNIT_SUPPORT_PKG_DATABASE_STORE_SUITE_H

#include "pkg/database/store.h"
#include "test/unit/support/test.h"

struct store_subject {
    const char *name;
    /* A handle on the subject's documents; called again while others are open, where is_shared. */
    int (*open)(void *arg, const struct opctx *ctx, struct store **ret, struct error **err);
    /* Lets the server's clock go on by s seconds, however that is done. */
    void (*pass_s)(void *arg, struct store *store, int64_t s);
    /* The server ends as in a crash and comes back, during other calls; NULL: cannot be had. */
    void (*crash)(void *arg);
    void *arg;
    bool is_shared;     /* what one handle writes another one reads */
    bool keeps_numbers; /* literals beyond what a double holds; else the suite asks for none */
    int threads;        /* at once, in races; 0: 50 */
};

#define STORE_SUITE_MAX 64
/* Appends the cases behind tests[n]; returns the new number. */
size_t store_suite_list(const struct store_subject *subject, struct CMUnitTest *tests, size_t n);

/* ---- for the suite's own parts ---- */
struct suite {
    const struct store_subject *subject;
    struct opctx ctx; /* on the system's clock */
    struct store *store;
    struct error *err;
};
void suite_begin(struct suite *s, void **state);
void suite_end(struct suite *s);
/* The last call failed with this kind; clears the error. */
void suite_expect(struct suite *s, int status, enum err_kind kind);
void suite_ok(struct suite *s, int status);
/* Calls with a header read from the body. */
int suite_create(struct suite *s, enum collection coll, const char *body, struct doc *ret);
int suite_replace(struct suite *s, enum collection coll, const char *body, const char *etag,
                  struct doc *ret);
/* The body of a cluster with unique keys of its own; further members are appended: ",\"x\":1". Owned by the caller. */
char *suite_cluster(const char *partition, const char *id, const char *state, const char *more);
/* Ids of all pages, sorted, joined by spaces; in the order of their coming when oldest. */
char *suite_ids(struct suite *s, struct store_query q, bool keep_order);

typedef void suite_case_fn(void **state);
struct suite_case {
    const char *name;
    suite_case_fn *fn;
    bool shared, crashes; /* only where the subject has that */
};
/* Parts of the suite, each a table. */
extern const struct suite_case store_suite_basic[], store_suite_time[], store_suite_query[],
    store_suite_feed[], store_suite_race[];

#endif
