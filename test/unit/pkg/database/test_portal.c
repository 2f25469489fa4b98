#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/portal.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

#define SESSION "{'id':'chosen','ttl':60,'portal':{'username':'u','ssh':{'master':1}}}"

static char *create(struct database_rig *r)
{
    cleanup_document struct document d = { 0 };
    assert_int_equal(portal_create(&r->ctx, r->db, rig_tree(SESSION), &d, NULL), 0);
    return xstrdup(json_path_str(d.tree, "id"));
}

static void check_secret(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_document struct document d = { 0 };

    cleanup_free char *id = create(&r);

    assert_int_equal(strlen(id), UUID_LEN);
    assert_int_equal(portal_get(&r.ctx, r.db, id, &d, NULL), 0);
    assert_string_equal(json_path_str(d.tree, "portal.username"), "u");
}

static void check_ends(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_free char *id = create(&r);
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *gone = NULL, *endless = NULL;

    fake_clock_advance_ms(&r.clock, 61 * 1000);
    assert_int_equal(portal_get(&r.ctx, r.db, id, &d, &gone), -1);
    assert_int_equal(portal_create(&r.ctx, r.db, rig_tree("{'portal':{}}"), NULL, &endless), -1);

    assert_int_equal(error_kind(gone), ERR_NOT_FOUND);
    assert_int_equal(error_kind(endless), ERR_INVALID);
}

static void check_shown(void **state)
{
    (void)state;
    static const char *const shown[] = { "", "x", "../../etc",
                                         "ABCDEF00-0000-4000-8000-000000000000",
                                         "abcdef00-0000-4000-8000-000000000000" };
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        cleanup_error struct error *err = NULL;
        struct document d = { 0 };
        assert_int_equal(portal_get(&r.ctx, r.db, shown[i], &d, &err), -1);
        assert_int_equal(error_kind(err), ERR_NOT_FOUND);
        assert_null(*shown[i] ? strstr(error_text(err), shown[i]) : NULL);
    }
}

static int use_once(json *tree, void *arg, struct error **err)
{
    (void)arg;
    if (json_path_bool(tree, "portal.ssh.authenticated", false))
        return error_set(err, ERR_FORBIDDEN, "used");
    return json_path_put(tree, "portal.ssh.authenticated", json_new_bool(true), err);
}

static void check_once(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_free char *id = create(&r);
    cleanup_error struct error *err = NULL;

    assert_int_equal(portal_patch(&r.ctx, r.db, id, use_once, NULL, NULL, NULL), 0);
    assert_int_equal(portal_patch(&r.ctx, r.db, id, use_once, NULL, NULL, &err), -1);

    assert_int_equal(error_kind(err), ERR_FORBIDDEN);
    assert_int_equal(portal_patch(&r.ctx, r.db, "x", use_once, NULL, NULL, &err), -1);
    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a session gets a secret of its own", check_secret),
        CASE("a session ends", check_ends),
        CASE("whatever is shown that is no secret is not found, and not told", check_shown),
        CASE("a password that was used is used up", check_once),
    };
    return RUN_CASES("portal", tests);
}
