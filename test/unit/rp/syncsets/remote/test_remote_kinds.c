#include <string.h>

#include "pkg/base/strv.h"
#include "rp/syncsets/remote/remote.h"
#include "test/unit/support/joint/syncsets/apply_rig.h"

static void kinds_are_asked_for_once(void **state)
{
    struct apply_rig *r = *state;
    const struct gvr *gvr;
    assert_int_equal(sets_remote_find(r->remote, &r->ctx, "apps/v1", "Deployment", &gvr, NULL), 0);
    assert_string_equal(gvr->resource, "deployments");
    rig_count_from_zero(r);

    assert_int_equal(sets_remote_find(r->remote, &r->ctx, "apps/v1", "DaemonSet", &gvr, NULL), 0);

    assert_int_equal(rig_count(r).gets, 0);
}

static void what_is_absent_is_asked_for_each_time(void **state)
{
    struct apply_rig *r = *state;
    const struct gvr *gvr;
    for (int i = 0; i < 2; i++) {
        cleanup_error struct error *err = NULL;
        rig_count_from_zero(r);
        assert_int_equal(sets_remote_find(r->remote, &r->ctx, "v1", "Nothing", &gvr, &err), -1);
        assert_string_equal(error_get_code(err), "NoMatch");
        assert_true(rig_count(r).gets > 0);
    }
}

static void any_version_will_do(void **state)
{
    struct apply_rig *r = *state;
    const struct gvr *gvr;
    cleanup_error struct error *err = NULL;
    assert_int_equal(
        sets_remote_find_any(r->remote, &r->ctx, "apps", "v1beta1", "Deployment", &gvr, NULL), 0);
    assert_string_equal(gvr->version, "v1");
    assert_int_equal(sets_remote_find_any(r->remote, &r->ctx, "none.test", "v1", "X", &gvr, &err),
                     -1);
    assert_true(error_is(err, ERR_NOT_FOUND));
}

static void a_group_whose_server_fails_is_not_gone(void **state)
{
    struct apply_rig *r = *state;
    const struct gvr *gvr;
    cleanup_error struct error *err = NULL;
    sets_remote_forget_kinds(r->remote);
    rig_fail_requests(r, "GET", "/apis/apps/v1", 500, 1);

    assert_int_equal(
        sets_remote_find_any(r->remote, &r->ctx, "apps", "v1", "Deployment", &gvr, &err), -1);

    assert_false(error_is(err, ERR_NOT_FOUND));
}

int main(void)
{
#define FRESH(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = apply_rig_fresh \
    }
    const struct CMUnitTest tests[] = {
        FRESH("kinds are asked for once", kinds_are_asked_for_once),
        FRESH("what is absent is asked for each time", what_is_absent_is_asked_for_each_time),
        FRESH("any version will do", any_version_will_do),
        FRESH("a group whose server fails is not gone", a_group_whose_server_fails_is_not_gone),
    };
    return cmocka_run_group_tests(tests, apply_rig_setup, apply_rig_teardown);
}
