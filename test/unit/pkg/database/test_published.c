#include <stdio.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/published.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

struct kind_case {
    enum published kind;
    enum collection coll;
    const char *member;
};
static struct kind_case kinds[PUBLISHED_COUNT] = {
    { PUBLISHED_VERSIONS, COLL_OPENSHIFT_VERSIONS, "openShiftVersion" },
    { PUBLISHED_ROLE_SETS, COLL_ROLE_SETS, "platformWorkloadIdentityRoleSet" },
    { PUBLISHED_GATEWAY, COLL_GATEWAY, "gateway" },
};

/* The document of that id, in single quotes; owned. */
static char *give_quoted(const struct kind_case *k, const char *id, const char *inner)
{
    return xasprintf("{'id':'%s','%s':{%s}}", id, k->member, inner);
}

static void add(struct database_rig *r, const struct kind_case *k, const char *id)
{
    cleanup_free char *quoted = give_quoted(k, id, "'new':0");
    rig_create(r, k->coll, quoted);
}

static void is_made_once(void **state)
{
    const struct kind_case *k = *state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_free char *quoted = give_quoted(k, "v", "'new':0");
    cleanup_error struct error *err = NULL;
    cleanup_document struct document d = { 0 };

    assert_int_equal(published_create(&r.ctx, r.db, k->kind, rig_tree(quoted), NULL, NULL), 0);
    assert_int_equal(published_create(&r.ctx, r.db, k->kind, rig_tree(quoted), NULL, &err), -1);

    assert_int_equal(error_kind(err), ERR_EXISTS);
    assert_int_equal(published_get(&r.ctx, r.db, k->kind, "v", &d, NULL), 0);
    rig_assert_tree(d.tree, quoted);
}

static int mark(json *tree, void *arg, struct error **err)
{
    const struct kind_case *k = arg;
    cleanup_free char *path = xasprintf("%s.version", k->member);
    return json_set_str(tree, path, "4.14.1", err);
}

static void is_patched(void **state)
{
    struct kind_case *k = *state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    add(&r, k, "v");
    cleanup_document struct document d = { 0 };

    assert_int_equal(published_patch(&r.ctx, r.db, k->kind, "v", mark, k, &d, NULL), 0);

    cleanup_free char *want = give_quoted(k, "v", "'new':0,'version':'4.14.1'");
    rig_assert_tree(d.tree, want);
}

static void is_seen_to_go(void **state)
{
    const struct kind_case *k = *state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    add(&r, k, "v");
    cleanup_document_page struct document_page before = { 0 }, after = { 0 }, list = { 0 };
    assert_int_equal(published_changes(&r.ctx, r.db, k->kind, NULL, 0, &before, NULL), 0);

    assert_int_equal(published_withdraw(&r.ctx, r.db, k->kind, "v", NULL, NULL), 0);

    assert_int_equal(published_changes(&r.ctx, r.db, k->kind, before.next, 0, &after, NULL), 0);
    assert_int_equal(after.len, 1);
    const json *object = json_get(after.docs[0].tree, published_member(k->kind));
    assert_true(json_path_bool(object, "deleting", false));
    assert_int_equal(json_path_int(after.docs[0].tree, "ttl", 0), 60);
    fake_clock_advance_ms(&r.clock, 61 * 1000);
    assert_int_equal(published_list(&r.ctx, r.db, k->kind, 0, NULL, &list, NULL), 0);
    assert_int_equal(list.len, 0);
}

static void is_deleted_at_once(void **state)
{
    const struct kind_case *k = *state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    add(&r, k, "v");
    add(&r, k, "w");
    cleanup_document_page struct document_page p = { 0 };

    assert_int_equal(published_delete(&r.ctx, r.db, k->kind, "v", NULL), 0);

    assert_int_equal(published_list(&r.ctx, r.db, k->kind, 0, NULL, &p, NULL), 0);
    assert_int_equal(p.len, 1);
    assert_string_equal(json_path_str(p.docs[0].tree, "id"), "w");
}

/* Nobody else could tell whose link it is. */
static void only_a_link_needs_its_id(void **state)
{
    const struct kind_case *k = *state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_error struct error *err = NULL;
    cleanup_document struct document d = { 0 };

    int result = published_create(&r.ctx, r.db, k->kind, rig_tree("{}"), &d, &err);

    if (k->kind == PUBLISHED_GATEWAY) {
        assert_int_equal(result, -1);
        assert_string_equal(error_text(err), "Gateway: the id of a document is missing");
        return;
    }
    assert_int_equal(result, 0);
    assert_int_equal(strlen(json_path_str(d.tree, "id")), UUID_LEN);
}

static const struct {
    const char *name;
    CMUnitTestFunction check;
} checks[] = {
    { "is made once", is_made_once },
    { "is patched and keeps what is unknown", is_patched },
    { "is seen to go when it is withdrawn", is_seen_to_go },
    { "is deleted at once", is_deleted_at_once },
    { "gets an id unless it is a link", only_a_link_needs_its_id },
};

int main(void)
{
    struct CMUnitTest tests[PUBLISHED_COUNT * ARRAY_LEN(checks)];
    char names[ARRAY_LEN(tests)][80];
    for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
        struct kind_case *k = &kinds[i / ARRAY_LEN(checks)];
        size_t c = i % ARRAY_LEN(checks);
        (void)snprintf(names[i], sizeof(names[i]), "%s %s", k->member, checks[c].name);
        tests[i] = (struct CMUnitTest)CASE_OF(names[i], checks[c].check, k);
    }
    return RUN_CASES("published", tests);
}
