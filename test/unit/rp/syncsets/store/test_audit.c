/* What the audit keeps. */
#include "pkg/base/mem.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

#define DAY_S 86400

static int64_t number(struct sets_rig *r, const char *text)
{
    cleanup_sql struct sql *c = NULL;
    int64_t n = -1;
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sets_number(&r->ctx, c, text, NULL, 0, &n, NULL), 0);
    return n;
}

/* So many rows of that many days ago. */
static void add_rows(struct sets_rig *r, int n, int days)
{
    cleanup_free char *text = xasprintf(
        "INSERT INTO audit (at, actor, verb, type, namespace, name, uid, resource_version)"
        " WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < %d)"
        " SELECT %lld, 'test', 'create', 'clusters', 'n', 'x', 'u', i FROM t",
        n, (long long)(sets_now_s(&r->ctx) - (int64_t)days * DAY_S));
    sets_rig_script(r, text);
}

static void what_is_old_goes(void **state)
{
    struct sets_rig r;
    bool more;
    (void)state;
    sets_rig_init(&r);
    add_rows(&r, 3, 91);
    add_rows(&r, 2, 89);
    json_free(sets_rig_create(&r, TYPE_NAMESPACES, "{'metadata':{'name':'n'}}"));
    assert_int_equal(number(&r, "SELECT count(*) FROM audit"), 6);
    assert_int_equal(sets_audit_trim(&r.ctx, r.store, 90 * DAY_S, 1000, &more, NULL), 0);
    assert_false(more);
    assert_int_equal(number(&r, "SELECT count(*) FROM audit"), 3);
    assert_int_equal(number(&r, "SELECT count(*) FROM audit WHERE type = 'namespaces'"), 1);
    sets_rig_release(&r);
}

static void only_the_last_ones_stay(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    add_rows(&r, 10, 1);
    assert_int_equal(sets_audit_trim(&r.ctx, r.store, 90 * DAY_S, 4, NULL, NULL), 0);
    assert_int_equal(number(&r, "SELECT count(*) FROM audit"), 4);
    assert_int_equal(number(&r, "SELECT min(resource_version) FROM audit"), 7);
    assert_int_equal(sets_audit_trim(&r.ctx, r.store, 90 * DAY_S, 4, NULL, NULL), 0);
    assert_int_equal(number(&r, "SELECT count(*) FROM audit"), 4);
    sets_rig_release(&r);
}

/* As when the limit is new, and years are there. */
static void much_goes_bit_by_bit(void **state)
{
    struct sets_rig r;
    bool more = true;
    int64_t before = 45000;
    (void)state;
    sets_rig_init(&r);
    add_rows(&r, (int)before, 100);
    for (int turns = 0; more; turns++) {
        assert_int_equal(sets_audit_trim(&r.ctx, r.store, 90 * DAY_S, 1000000, &more, NULL), 0);
        int64_t now = number(&r, "SELECT count(*) FROM audit");
        assert_true(now < before || !more);
        assert_true(turns > 0 || now > 0);
        before = now;
    }
    assert_int_equal(before, 0);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is old goes", what_is_old_goes),
        CASE("only the last ones stay", only_the_last_ones_stay),
        CASE("much goes bit by bit", much_goes_bit_by_bit),
    };
    return RUN_CASES("audit", tests);
}
