#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/documents.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

#define COLL COLL_GATEWAY

static void create_three(struct database_rig *r)
{
    rig_create(r, COLL, "{'id':'a'}");
    rig_create(r, COLL, "{'id':'b'}");
    rig_create(r, COLL, "{'id':'c'}");
}

/* The ids of a page. */
static char *give_ids(const struct document_page *p)
{
    cleanup_strv struct strv ids = STRV_INIT;
    for (size_t i = 0; i < p->len; i++)
        strv_add(&ids, json_path_str(p->docs[i].tree, "id"));
    strv_sort(&ids);
    return strv_give_joined(&ids, " ");
}

static void check_list(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    create_three(&r);
    r.spy->corrupt_id = "b";
    const struct store_query q = { .query = QUERY_ALL, .coll = COLL };
    cleanup_document_page struct document_page p = { 0 };

    assert_int_equal(documents_page(&r.ctx, r.db, &q, &p, NULL), 0);

    cleanup_free char *ids = give_ids(&p);
    assert_string_equal(ids, "a c");
    assert_int_equal(p.corrupt.len, 1);
    assert_string_equal(p.corrupt.v[0], "b");
    assert_null(p.next);
    assert_non_null(p.docs[0].etag);
}

static void check_continuation(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    create_three(&r);
    cleanup_strv struct strv seen = STRV_INIT;
    cleanup_free char *next = NULL;
    size_t pages = 0;

    do {
        const struct store_query q = {
            .query = QUERY_ALL, .coll = COLL, .page = 1, .continuation = next
        };
        cleanup_document_page struct document_page p = { 0 };
        assert_int_equal(documents_page(&r.ctx, r.db, &q, &p, NULL), 0);
        for (size_t i = 0; i < p.len; i++)
            strv_add(&seen, json_path_str(p.docs[i].tree, "id"));
        free(next);
        next = take(p.next);
        assert_in_range(++pages, 1, 4);
    } while (next);

    strv_sort(&seen);
    cleanup_free char *ids = strv_give_joined(&seen, " ");
    assert_string_equal(ids, "a b c");
}

static void check_changes(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    create_three(&r);
    r.spy->corrupt_id = "b";
    cleanup_document_page struct document_page all = { 0 }, none = { 0 }, one = { 0 };

    assert_int_equal(documents_changes(&r.ctx, r.db, COLL, NULL, 0, &all, NULL), 0);
    assert_int_equal(documents_changes(&r.ctx, r.db, COLL, all.next, 0, &none, NULL), 0);
    rig_create(&r, COLL, "{'id':'d'}");
    assert_int_equal(documents_changes(&r.ctx, r.db, COLL, none.next, 0, &one, NULL), 0);

    cleanup_free char *all_ids = give_ids(&all);
    cleanup_free char *one_ids = give_ids(&one);
    assert_string_equal(all_ids, "a c");
    assert_string_equal(all.corrupt.v[0], "b");
    assert_int_equal(none.len, 0);
    assert_string_equal(one_ids, "d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a list passes over a corrupt document and names it", check_list),
        CASE("pages follow one another", check_continuation),
        CASE("a change feed passes over a corrupt document and goes on", check_changes),
    };
    return RUN_CASES("pages", tests);
}
