#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static void the_indexes_follow_the_object(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    json_free(sets_rig_create(&r, TYPE_SYNCSETS,
                              "{'metadata':{'name':'s','namespace':'n','labels':{'a':'b'}},'spec':{"
                              "'clusterDeploymentRefs':[{'name':'x'},{'name':'y'}]}}"));
    cleanup_sql struct sql *c = NULL;
    int64_t n = -1;
    assert_int_equal(sql_acquire(&r.ctx, r.db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sets_number(&r.ctx, c,
                                 "SELECT (SELECT count(*) FROM object_labels) * 10 + (SELECT "
                                 "count(*) FROM syncset_targets WHERE namespace = 'n')",
                                 NULL, 0, &n, NULL),
                     0);
    sql_release(take(c));
    assert_int_equal(n, 12);
    const struct sets_write w = { .type = &api_types[TYPE_SYNCSETS], .nspace = "n", .name = "s" };
    assert_int_equal(sets_delete(&r.ctx, r.store, &w, NULL, NULL), 0);
    assert_int_equal(sql_acquire(&r.ctx, r.db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sets_number(&r.ctx, c,
                                 "SELECT (SELECT count(*) FROM object_labels) * 10 + (SELECT "
                                 "count(*) FROM syncset_targets)",
                                 NULL, 0, &n, NULL),
                     0);
    assert_int_equal(n, 0);
    sql_release(take(c));
    sets_rig_release(&r);
}

static int64_t number(struct sets_rig *r, const char *text)
{
    cleanup_sql struct sql *c = NULL;
    int64_t n = -1;
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sets_number(&r->ctx, c, text, NULL, 0, &n, NULL), 0);
    return n;
}

/* A user may write what looks like the version of an object into it. */
static void the_event_has_the_version_of_the_row(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    cleanup_json json *made =
        sets_rig_create(&r, TYPE_SYNCSETS,
                        "{'metadata':{'name':'s','namespace':'n','annotations':{'a':"
                        "'\\\"resourceVersion\\\":\\\"7'}},'spec':{'clusterDeploymentRefs':"
                        "[{'name':'x'}]}}");
    const char *told = json_path_str(made, "metadata.resourceVersion");
    cleanup_free char *same = xasprintf(
        "SELECT count(*) FROM events e JOIN syncsets s ON s.uid = e.uid WHERE e.revision = %s"
        " AND s.resource_version = e.revision AND e.generation = 1 AND e.op = 'ADDED'"
        " AND e.object LIKE '%%,\"resourceVersion\":\"%s\"%%'",
        told, told);
    assert_int_equal(number(&r, same), 1);
    cleanup_free char *last = xasprintf(
        "SELECT count(*) FROM revision WHERE type IN ('', 'syncsets') AND last = %s", told);
    assert_int_equal(number(&r, last), 2);
    sets_rig_release(&r);
}

/* As it was stored before there were limits. */
static void make_large(struct sets_rig *r, size_t bytes)
{
    cleanup_free char *zeros = xcalloc(1, bytes + 1);
    memset(zeros, '0', bytes);
    cleanup_free char *text = xasprintf(
        "UPDATE syncsets SET data = '{\"apiVersion\":\"v1\",\"annotations\":{\"a\":\"b\"},"
        "\"spec\":{\"x\":\"%s\"}}'",
        zeros);
    sets_rig_script(r, text);
}

static int64_t deleted_bytes(struct sets_rig *r, size_t spec_bytes)
{
    json_free(sets_rig_create(r, TYPE_SYNCSETS,
                              "{'metadata':{'name':'s','namespace':'n','labels':{'l':'m'}},'spec':{"
                              "'clusterDeploymentRefs':[{'name':'x'}]}}"));
    make_large(r, spec_bytes);
    const struct sets_write w = { .type = &api_types[TYPE_SYNCSETS], .nspace = "n", .name = "s" };
    assert_int_equal(sets_delete(&r->ctx, r->store, &w, NULL, NULL), 0);
    return number(r, "SELECT length(object) FROM events WHERE op = 'DELETED' ORDER BY revision DESC"
                     " LIMIT 1");
}

static void what_was_too_large_is_deleted_by_its_identity(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);

    assert_true(deleted_bytes(&r, (size_t)1 << 20) > 1 << 20);
    assert_true(deleted_bytes(&r, (size_t)26 << 20) < 1000);

    assert_int_equal(
        number(&r,
               "SELECT count(*) FROM events e WHERE op = 'DELETED' AND object LIKE '%,\"spec\":{}}'"
               " AND object LIKE '%\"labels\":{\"l\":\"m\"}%' AND object LIKE '%' || e.uid || '%'"
               " AND object LIKE '%\"resourceVersion\":\"' || e.revision || '\"%'"),
        1);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the indexes follow the object", the_indexes_follow_the_object),
        CASE("the event has the version of the row", the_event_has_the_version_of_the_row),
        CASE("what was too large is deleted by its identity",
             what_was_too_large_is_deleted_by_its_identity),
    };
    return RUN_CASES("changes", tests);
}
