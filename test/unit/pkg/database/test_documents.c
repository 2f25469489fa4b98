#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/database/documents.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

#define COLL COLL_SUBSCRIPTIONS

/* A patch of the document "a". */
static struct documents_patch patch_of(document_mutate mutate, void *arg)
{
    return (struct documents_patch){
        .coll = COLL, .partition = "a", .id = "a", .mutate = mutate, .arg = arg
    };
}

struct calls {
    atomic_int n;
    const char *put; /* a member that gets the number of the call; NULL: none */
    enum err_kind fails;
    struct stop *stops; /* at the second call */
};

static int count_call(json *tree, void *arg, struct error **err)
{
    struct calls *c = arg;
    int n = atomic_fetch_add(&c->n, 1) + 1;
    if (c->stops && n == 2)
        stop_request(c->stops);
    if (c->put)
        json_put(tree, c->put, json_new_int(n));
    return c->fails ? error_set(err, c->fails, "not so") : 0;
}

/* ---- creating ---- */

static void check_create(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_document struct document made = { 0 }, read = { 0 };

    assert_int_equal(documents_create(&r.ctx, r.db, COLL, rig_tree("{'x':1}"), 0, &made, NULL), 0);

    const char *id = json_path_str(made.tree, "id");
    assert_int_equal(strlen(id), UUID_LEN);
    assert_non_null(made.etag);
    assert_int_equal(made.ts_s, RIG_NOW_S);
    assert_int_equal(documents_get(&r.ctx, r.db, COLL, id, id, &read, NULL), 0);
    assert_true(json_equal(made.tree, read.tree));
    assert_string_equal(made.etag, read.etag);
}

static void check_create_taken(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    cleanup_error struct error *plain = NULL, *once = NULL;

    assert_int_equal(documents_create(&r.ctx, r.db, COLL, rig_tree("{'id':'a'}"), 0, NULL, &plain),
                     -1);
    assert_int_equal(
        documents_create_once(&r.ctx, r.db, COLL, rig_tree("{'id':'a'}"), 0, NULL, &once), -1);

    assert_int_equal(error_kind(plain), ERR_EXISTS);
    assert_int_equal(error_kind(once), ERR_PRECONDITION);
}

static void check_create_bad(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_error struct error *err = NULL;

    assert_int_equal(documents_create(&r.ctx, r.db, COLL, json_new_array(), 0, NULL, &err), -1);
    assert_int_equal(error_kind(err), ERR_INVALID);
    assert_int_equal(documents_create(&r.ctx, r.db, COLL, rig_tree("{'id':'A'}"), 0, NULL, &err),
                     -1);
    assert_string_equal(error_text(err), "Subscriptions: the id 'A' is not in lower case");
    assert_int_equal(
        documents_create(&r.ctx, r.db, COLL_POOL_WORKERS, rig_tree("{'id':'a'}"), 0, NULL, &err),
        -1);
    assert_string_equal(error_text(err), "PoolWorkers: document 'a' has no workerType");
}

/* ---- etags ---- */

static void check_etags(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    cleanup_document struct document d = { 0 }, other = { 0 }, after = { 0 };
    rig_create(&r, COLL, "{'id':'b'}");
    assert_int_equal(documents_get(&r.ctx, r.db, COLL, "a", "a", &d, NULL), 0);
    assert_int_equal(documents_get(&r.ctx, r.db, COLL, "b", "b", &other, NULL), 0);
    struct document newer = { d.tree, d.etag, 0 };
    assert_int_equal(documents_replace(&r.ctx, r.db, COLL, &newer, 0, NULL, NULL), 0);

    const struct {
        char *etag;
        enum err_kind want;
    } bad[] = { { d.etag, ERR_PRECONDITION },
                { other.etag, ERR_PRECONDITION },
                { (char[]){ "" }, ERR_INVALID } };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        cleanup_error struct error *err = NULL;
        const struct document stale = { d.tree, bad[i].etag, 0 };
        json_put(d.tree, "overwritten", json_new_bool(true));
        assert_int_equal(documents_replace(&r.ctx, r.db, COLL, &stale, 0, NULL, &err), -1);
        assert_int_equal(error_kind(err), bad[i].want);
    }
    assert_int_equal(documents_get(&r.ctx, r.db, COLL, "a", "a", &after, NULL), 0);
    rig_assert_tree(after.tree, "{'id':'a'}");
}

static void check_replace_in_place(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    cleanup_document struct document d = { 0 };
    assert_int_equal(documents_get(&r.ctx, r.db, COLL, "a", "a", &d, NULL), 0);

    for (int i = 1; i < 4; i++) {
        json_put(d.tree, "n", json_new_int(i));
        assert_int_equal(documents_replace(&r.ctx, r.db, COLL, &d, 0, &d, NULL), 0);
        assert_int_equal(json_path_int(d.tree, "n", 0), i);
    }
}

/* ---- patching ---- */

static void check_mutator_fails(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    struct calls c = { .put = "n", .fails = ERR_PRECONDITION };
    const struct documents_patch p = patch_of(count_call, &c);
    cleanup_error struct error *err = NULL;
    cleanup_document struct document after = { 0 };

    assert_int_equal(documents_patch(&r.ctx, r.db, &p, NULL, &err), -1);

    assert_string_equal(error_text(err), "not so");
    assert_int_equal(c.n, 1);
    assert_int_equal(r.spy->replaces, 0);
    assert_int_equal(documents_get(&r.ctx, r.db, COLL, "a", "a", &after, NULL), 0);
    rig_assert_tree(after.tree, "{'id':'a'}");
}

static void check_races(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    r.spy->moves_id = "a";
    struct calls c = { .put = "n" };
    const struct documents_patch p = patch_of(count_call, &c);
    cleanup_error struct error *err = NULL;
    int64_t before = clock_mono_ns(&r.clock.base);

    assert_int_equal(documents_patch(&r.ctx, r.db, &p, NULL, &err), -1);

    int64_t paused_ms = (clock_mono_ns(&r.clock.base) - before) / NS_PER_MS;
    assert_int_equal(error_kind(err), ERR_PRECONDITION);
    assert_int_equal(c.n, 5);
    assert_in_range(paused_ms, 100 + 200 + 300, 2 * (100 + 200 + 300)); /* none after the last */
}

static void check_race_won_at_last(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    r.spy->fail_kind = ERR_PRECONDITION;
    atomic_store(&r.spy->fail_replaces, 4);
    struct calls c = { .put = "n" };
    const struct documents_patch p = patch_of(count_call, &c);
    cleanup_document struct document d = { 0 };

    assert_int_equal(documents_patch(&r.ctx, r.db, &p, &d, NULL), 0);

    rig_assert_tree(d.tree, "{'id':'a','n':5}");
}

static void check_other_errors(void **state)
{
    static const enum err_kind kinds[] = { ERR_NOT_FOUND, ERR_THROTTLED, ERR_UNAVAILABLE,
                                           ERR_TOO_LARGE, ERR_EXISTS };
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct calls c = { 0 };
        const struct documents_patch p = patch_of(count_call, &c);
        cleanup_error struct error *err = NULL;
        r.spy->fail_kind = kinds[i];
        atomic_store(&r.spy->fail_replaces, 1);
        assert_int_equal(documents_patch(&r.ctx, r.db, &p, NULL, &err), -1);
        assert_int_equal(error_kind(err), kinds[i]);
        assert_int_equal(c.n, 1);
    }
}

static void check_cancelled(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    r.spy->fail_kind = ERR_PRECONDITION;
    atomic_store(&r.spy->fail_replaces, 5);
    cleanup_stop struct stop *stop = stop_new(NULL);
    const struct opctx ctx = opctx_with_stop(&r.ctx, stop);
    struct calls c = { .stops = stop };
    const struct documents_patch p = patch_of(count_call, &c);
    cleanup_error struct error *err = NULL;

    assert_int_equal(documents_patch(&ctx, r.db, &p, NULL, &err), -1);

    assert_int_equal(error_kind(err), ERR_CANCELLED);
    assert_in_range(c.n, 1, 2);
}

#define THREADS 50

struct counter {
    pthread_t thread;
    struct database_rig *rig;
    int rcode;
};

static int increment(json *tree, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    json_put(tree, "n", json_new_int(json_path_int(tree, "n", 0) + 1));
    return 0;
}

static void count_up(void *arg)
{
    struct counter *c = arg;
    const struct documents_patch p = patch_of(increment, NULL);
    c->rcode = documents_patch(&c->rig->ctx, c->rig->db, &p, NULL, NULL);
}

static void check_threads(void **state)
{
    (void)state;
    static struct counter counters[THREADS];
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    int succeeded = 0;

    for (size_t i = 0; i < THREADS; i++) {
        counters[i].rig = &r;
        assert_int_equal(thread_start(&counters[i].thread, "counter", count_up, &counters[i], NULL),
                         0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(counters[i].thread, NULL);
        succeeded += counters[i].rcode == 0;
    }

    cleanup_document struct document d = { 0 };
    assert_int_equal(documents_get(&r.ctx, r.db, COLL, "a", "a", &d, NULL), 0);
    assert_int_equal(json_path_int(d.tree, "n", 0), succeeded);
    assert_in_range(succeeded, 1, THREADS);
}

/* ---- what survives ---- */

#define STRANGE \
    "{'id':'a','zeta':null,'list':[0,'',null,{'deep':{'er':[[]]}}],'big':9223372036854775808," \
    "'huge':1e400,'tiny':-0.10,'text':'\\u00e9\\n\xf0\x9f\x8d\x8a','empty':{}," \
    "'subscription':{'state':'Registered','news':{'x':0},'properties':{'tenantId':'t'," \
    "'registeredFeatures':[{'name':'f','state':'s','since':0}],'more':''}}"

static void check_unknown(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, STRANGE "}");
    struct calls c = { .put = "n" };
    const struct documents_patch p = patch_of(count_call, &c);
    cleanup_document struct document d = { 0 };

    assert_int_equal(documents_patch(&r.ctx, r.db, &p, NULL, NULL), 0);

    assert_int_equal(documents_get(&r.ctx, r.db, COLL, "a", "a", &d, NULL), 0);
    rig_assert_tree(d.tree, STRANGE ",'n':1}");
    assert_string_equal(json_spelling(json_get(d.tree, "huge")), "1e400");
    assert_string_equal(json_spelling(json_get(d.tree, "big")), "9223372036854775808");
}

static void check_zero(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL,
               "{'id':'a','leaseOwner':'','leaseExpires':0,'dequeues':0,'deleting':false,"
               "'subscription':{'state':'','properties':{'registeredFeatures':[]}}}");
    cleanup_document struct document d = { 0 };

    assert_int_equal(documents_get(&r.ctx, r.db, COLL, "a", "a", &d, NULL), 0);

    rig_assert_tree(d.tree, "{'id':'a','subscription':{'properties':{}}}");
}

/* ---- finding ---- */

static void check_find(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    const struct store_query q = { .query = QUERY_ALL, .coll = COLL };
    cleanup_error struct error *none = NULL, *many = NULL;
    cleanup_document struct document d = { 0 }, nothing = { 0 };

    assert_int_equal(documents_find(&r.ctx, r.db, &q, &nothing, &none), -1);
    rig_create(&r, COLL, "{'id':'a'}");
    assert_int_equal(documents_find(&r.ctx, r.db, &q, &d, NULL), 0);
    rig_create(&r, COLL, "{'id':'b'}");
    assert_int_equal(documents_find(&r.ctx, r.db, &q, &nothing, &many), -1);

    assert_int_equal(error_kind(none), ERR_NOT_FOUND);
    rig_assert_tree(d.tree, "{'id':'a'}");
    assert_int_equal(error_kind(many), ERR_INTERNAL);
}

static void check_corrupt(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL, "{'id':'a'}");
    r.spy->corrupt_id = "a";
    cleanup_error struct error *err = NULL;
    struct document d = { 0 };

    assert_int_equal(documents_get(&r.ctx, r.db, COLL, "a", "a", &d, &err), -1);

    assert_int_equal(error_kind(err), ERR_INTERNAL);
    assert_string_equal(error_get_code(err), DATABASE_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a new document gets an id and is read as it was written", check_create),
        CASE("what is taken is told as the caller wants it", check_create_taken),
        CASE("what is no document is not written", check_create_bad),
        CASE("stale, foreign and empty etags write nothing", check_etags),
        CASE("a document may be written again and again", check_replace_in_place),
        CASE("a mutator that fails writes nothing", check_mutator_fails),
        CASE("five lost races are enough, with pauses between them", check_races),
        CASE("the fifth try may succeed", check_race_won_at_last),
        CASE("only lost races are tried again", check_other_errors),
        CASE("a pause ends when the caller is stopped", check_cancelled),
        CASE("fifty threads count as far as they were told that they did", check_threads),
        CASE("unknown members and spellings of numbers survive a patch", check_unknown),
        CASE("known members that are zero are left out", check_zero),
        CASE("one document is found, none and several are errors", check_find),
        CASE("a document that is no JSON is corrupt", check_corrupt),
    };
    return RUN_CASES("documents", tests);
}
