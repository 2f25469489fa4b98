#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/database/documents.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

static const struct store_query query = { .query = QUERY_CLUSTERS_DEQUEUE };
static const struct documents_dequeue counted = { .query = &query };

struct taken {
    char *lease;
    struct document d;
};
static void taken_release(struct taken *t)
{
    free(t->lease);
    document_release(&t->d);
}
#define cleanup_taken CLEANUP_WITH(taken_release)

static void dequeue(struct database_rig *r, struct taken *ret)
{
    assert_int_equal(documents_dequeue(&r->ctx, r->db, &counted, &ret->lease, &ret->d, NULL), 0);
}

/* Dequeues, and it is that document; NULL: there is none. */
static void expect(struct database_rig *r, const char *id)
{
    cleanup_taken struct taken t = { 0 };
    dequeue(r, &t);
    if (!id) {
        assert_null(t.d.tree);
        assert_null(t.lease);
        return;
    }
    assert_non_null(t.d.tree);
    assert_string_equal(json_path_str(t.d.tree, "id"), id);
    assert_true(document_has_lease(t.d.tree, t.lease));
}

static void create_in_order(struct database_rig *r, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        rig_create_cluster(r, names[i], "Updating");
        fake_clock_advance_ms(&r->clock, 1000);
    }
}

static void check_oldest_first(void **state)
{
    static const char *const names[] = { "m", "z", "a" };
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    create_in_order(&r, names, ARRAY_LEN(names));

    expect(&r, "id-m");
    expect(&r, "id-z");
    expect(&r, "id-a");
    expect(&r, NULL);
}

static void check_envelope(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create_cluster(&r, "a", "Creating");
    cleanup_taken struct taken t = { 0 };

    dequeue(&r, &t);

    assert_int_equal(json_path_int(t.d.tree, "leaseExpires", 0), RIG_NOW_S + 60);
    assert_int_equal(json_path_int(t.d.tree, "dequeues", 0), 1);
    assert_int_equal(strlen(t.lease), UUID_LEN);
}

/* A client's clock has no say: expiry is the server's. Here both are the host's, so the lease ends with it. */
static void check_expiry(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create_cluster(&r, "a", "Deleting");
    cleanup_taken struct taken first = { 0 }, second = { 0 };
    dequeue(&r, &first);

    fake_clock_advance_ms(&r.clock, 60 * 1000);
    expect(&r, NULL);
    fake_clock_advance_ms(&r.clock, 1000);
    dequeue(&r, &second);

    assert_non_null(second.d.tree);
    assert_string_not_equal(first.lease, second.lease);
    assert_int_equal(json_path_int(second.d.tree, "dequeues", 0), 2);
}

/* The same process dequeues its own document again: the thread that lost it must not write. */
static void check_old_lease(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create_cluster(&r, "a", "Updating");
    cleanup_taken struct taken first = { 0 }, second = { 0 };
    dequeue(&r, &first);
    fake_clock_advance_ms(&r.clock, 61 * 1000);
    dequeue(&r, &second);
    struct documents_patch p = { .coll = COLL_OPENSHIFT_CLUSTERS,
                                 .partition = json_path_str(first.d.tree, "partitionKey"),
                                 .id = "id-a",
                                 .needs_lease = true,
                                 .lease = first.lease };
    cleanup_error struct error *err = NULL;
    int replaces = r.spy->replaces;

    assert_int_equal(documents_patch(&r.ctx, r.db, &p, NULL, &err), -1);
    assert_int_equal(error_kind(err), ERR_CONFLICT);
    assert_string_equal(error_get_code(err), DATABASE_LOST_LEASE);
    assert_int_equal(r.spy->replaces, replaces);

    p.lease = second.lease;
    assert_int_equal(documents_patch(&r.ctx, r.db, &p, NULL, NULL), 0);
    p.lease = NULL;
    assert_int_equal(documents_patch(&r.ctx, r.db, &p, NULL, NULL), -1);
    p.lease = "";
    assert_int_equal(documents_patch(&r.ctx, r.db, &p, NULL, NULL), -1);
}

static void check_corrupt(void **state)
{
    static const char *const names[] = { "bad", "good" };
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    create_in_order(&r, names, ARRAY_LEN(names));
    r.spy->corrupt_id = "id-bad";

    expect(&r, "id-good");
    expect(&r, NULL);
}

/* A page of documents that are not to be had does not hide the next page. */
static void check_pages(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    for (int i = 0; i < 30; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "n%02d", i);
        rig_create_cluster(&r, name, "Updating");
        fake_clock_advance_ms(&r.clock, 1000);
    }
    r.spy->fail_kind = ERR_PRECONDITION;
    atomic_store(&r.spy->fail_replaces, 20);

    expect(&r, "id-n20");
}

struct refusal {
    enum err_kind kind;
    bool passes;
};
static struct refusal raced = { ERR_PRECONDITION, true };
static struct refusal gone = { ERR_NOT_FOUND, true };
static struct refusal large = { ERR_TOO_LARGE, true };
static struct refusal taken = { ERR_EXISTS, true };
static struct refusal invalid = { ERR_INVALID, true };
static struct refusal away = { ERR_UNAVAILABLE, false };
static struct refusal throttled = { ERR_THROTTLED, false };
static struct refusal cancelled = { ERR_CANCELLED, false };

static void check_refusal(void **state)
{
    static const char *const names[] = { "first", "second" };
    const struct refusal *f = *state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    create_in_order(&r, names, ARRAY_LEN(names));
    r.spy->fail_kind = f->kind;
    r.spy->fail_id = "id-first";
    atomic_store(&r.spy->fail_replaces, 1);
    cleanup_error struct error *err = NULL;
    cleanup_taken struct taken t = { 0 };

    int rcode = documents_dequeue(&r.ctx, r.db, &counted, &t.lease, &t.d, &err);

    if (f->passes) {
        assert_int_equal(rcode, 0);
        assert_string_equal(json_path_str(t.d.tree, "id"), "id-second");
    } else {
        assert_int_equal(rcode, -1);
        assert_int_equal(error_kind(err), f->kind);
    }
}

static void check_uncounted(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create_cluster(&r, "a", "Updating");
    cleanup_taken struct taken t = { 0 };
    const struct documents_dequeue q = { .query = &query, .uncounted = true };

    assert_int_equal(documents_dequeue(&r.ctx, r.db, &q, &t.lease, &t.d, NULL), 0);

    assert_non_null(t.d.tree);
    assert_false(json_has(t.d.tree, "dequeues"));
}

static void check_clear(void **state)
{
    (void)state;
    cleanup_json json *tree = rig_tree("{'leaseOwner':'me','leaseExpires':1,'x':1}");
    assert_true(document_has_lease(tree, "me"));
    assert_false(document_has_lease(tree, "you"));

    lease_clear(tree);

    rig_assert_tree(tree, "{'x':1}");
    assert_false(document_has_lease(tree, "me"));
    assert_false(document_has_lease(tree, ""));
    assert_false(document_has_lease(tree, NULL));
}

#define BACKENDS 16
#define CLUSTERS 40

struct backend {
    pthread_t thread;
    struct database_rig *rig;
    bool good;
    struct strv ids;
};

static void work(void *arg)
{
    struct backend *b = arg;
    b->good = true;
    for (;;) {
        cleanup_taken struct taken t = { 0 };
        b->good = documents_dequeue(&b->rig->ctx, b->rig->db, &counted, &t.lease, &t.d, NULL) == 0;
        if (!b->good || !t.d.tree)
            return;
        strv_add(&b->ids, json_path_str(t.d.tree, "id"));
    }
}

static void check_backends(void **state)
{
    static struct backend backends[BACKENDS];
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    atomic_store(&r.clock.auto_advance, false); /* leases shall not run out */
    cleanup_strv struct strv all = STRV_INIT;
    for (int i = 0; i < CLUSTERS; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "n%02d", i);
        rig_create_cluster(&r, name, "Updating");
    }

    for (size_t i = 0; i < BACKENDS; i++) {
        backends[i] = (struct backend){ .rig = &r };
        assert_int_equal(thread_start(&backends[i].thread, "backend", work, &backends[i], NULL), 0);
    }
    for (size_t i = 0; i < BACKENDS; i++)
        (void)pthread_join(backends[i].thread, NULL);

    for (size_t i = 0; i < BACKENDS; i++) {
        assert_true(backends[i].good);
        for (size_t k = 0; k < backends[i].ids.len; k++) {
            assert_false(strv_has(&all, backends[i].ids.v[k]));
            strv_add(&all, backends[i].ids.v[k]);
        }
        strv_release(&backends[i].ids);
    }
    assert_int_equal(all.len, CLUSTERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the document that waits longest comes first", check_oldest_first),
        CASE("a dequeue is counted and lasts a minute", check_envelope),
        CASE("a lease that has run out is free for the next", check_expiry),
        CASE("an old lease of the same process writes nothing", check_old_lease),
        CASE("a corrupt document does not stand in the way", check_corrupt),
        CASE("a page of lost documents does not hide the next", check_pages),
        CASE_OF("a race that was lost is passed over", check_refusal, &raced),
        CASE_OF("a document that is gone is passed over", check_refusal, &gone),
        CASE_OF("a document that has grown too large is passed over", check_refusal, &large),
        CASE_OF("a document whose unique key is taken is passed over", check_refusal, &taken),
        CASE_OF("a document that the store refuses is passed over", check_refusal, &invalid),
        CASE_OF("a store that is away ends the dequeue", check_refusal, &away),
        CASE_OF("a store that throttles ends the dequeue", check_refusal, &throttled),
        CASE_OF("a stop ends the dequeue", check_refusal, &cancelled),
        CASE("masters of pools are not counted", check_uncounted),
        CASE("a lease that ends is nobody's", check_clear),
        CASE("each document has one runner among many backends", check_backends),
    };
    return RUN_CASES("lease", tests);
}
