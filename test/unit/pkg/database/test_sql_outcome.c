#include <stdatomic.h>
#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/database/sql_store.h"
#include "test/unit/support/pkg/sql/postgres_rig.h"
#include "test/unit/support/test.h"

/* A server that loses the first commits of a write, and knows whether they happened. */
struct script {
    atomic_int lose; /* so many commits of writes */
    bool happened;
    atomic_bool writing; /* a write's transaction is open */
    atomic_int writes, questions;
};

static void play(void *arg, const char *statement, struct fake_reply *reply)
{
    struct script *s = arg;
    if (strstr(statement, "INSERT INTO documents")) {
        atomic_store(&s->writing, true);
        atomic_fetch_add(&s->writes, 1);
        reply->tag = "INSERT 0 1";
    } else if (str_eq(statement, "COMMIT") && atomic_load(&s->writing)) {
        atomic_store(&s->writing, false);
        reply->hang_up = atomic_fetch_sub(&s->lose, 1) > 0;
    } else if (str_starts(statement, "SELECT fence")) {
        atomic_fetch_add(&s->questions, 1);
        reply->value = s->happened ? "0" : "1";
        reply->tag = "SELECT 1";
    } else if (strstr(statement, "clock_timestamp")) {
        reply->value = "1000";
        reply->tag = "SELECT 1";
    }
}

struct rig {
    struct script script;
    struct postgres_rig r;
    struct store *store;
};

static void set_up(struct rig *rig)
{
    postgres_rig_init(&rig->r, play, &rig->script);
    assert_int_equal(
        store_open_postgresql(&rig->r.ctx, fake_postgres_dsn(rig->r.server), &rig->store, NULL), 0);
}

static void tear_down(struct rig *rig)
{
    store_close(rig->store);
    postgres_rig_release(&rig->r);
}

static int create(struct rig *rig, struct doc *ret)
{
    const struct doc_write w = { "a", "a", "{\"id\":\"a\"}", 10, 0 };
    return store_create(&rig->r.ctx, rig->store, COLL_BILLING, &w, ret, &rig->r.err);
}

static void check_happened(void **state)
{
    (void)state;
    struct rig rig = { .script = { .lose = 1, .happened = true } };
    cleanup_doc struct doc d = { 0 };
    set_up(&rig);

    assert_int_equal(create(&rig, &d), 0);

    assert_int_equal(rig.script.writes, 1);
    assert_int_equal(rig.script.questions, 1);
    assert_string_equal(d.body, "{\"id\":\"a\"}");
    tear_down(&rig);
}

static void check_did_not_happen(void **state)
{
    (void)state;
    struct rig rig = { .script = { .lose = 2, .happened = false } };
    set_up(&rig);

    assert_int_equal(create(&rig, NULL), 0);

    assert_int_equal(rig.script.writes, 3);
    assert_int_equal(rig.script.questions, 2);
    tear_down(&rig);
}

static void check_gives_up(void **state)
{
    (void)state;
    struct rig rig = { .script = { .lose = 100, .happened = false } };
    set_up(&rig);

    assert_int_equal(create(&rig, NULL), -1);

    assert_true(error_is(rig.r.err, ERR_UNAVAILABLE));
    assert_null(error_get_code(rig.r.err)); /* it is known that nothing happened */
    assert_int_equal(rig.script.writes, rig.script.questions);
    tear_down(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("finds that a write happened though its answer was lost", check_happened),
        CASE("repeats a write that did not happen", check_did_not_happen),
        CASE("tells in the end that nothing happened", check_gives_up),
    };
    return RUN_CASES("sql_outcome", tests);
}
