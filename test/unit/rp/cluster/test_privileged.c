#include "rp/cluster/privileged.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define PRIVILEGED \
    "{'apiVersion':'security.openshift.io/v1','kind':'SecurityContextConstraints'," \
    "'metadata':{'name':'privileged'},'allowPrivilegedContainer':true}"

static void the_constraints_are_waited_for(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_json json *found = NULL;
    inside_rig_open(&r, "{'architectureVersion':0}");
    fake_cluster_add(&r.inside, PRIVILEGED);
    fake_cluster_fail(&r.inside, "GET", 404, "NotFound", 5);

    assert_int_equal(privileged_wait(r.c, r.ctx, &found, NULL), 0);

    assert_true(json_path_bool(found, "allowPrivilegedContainer", false));
}

static void the_wait_has_an_end(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    json *found = NULL;
    inside_rig_open(&r, "{'architectureVersion':0}");

    assert_int_equal(privileged_wait(r.c, r.ctx, &found, &err), -1);

    assert_true(error_is(err, ERR_TIMEOUT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the constraints are waited for", the_constraints_are_waited_for),
        CASE("the wait has an end", the_wait_has_an_end),
    };
    return RUN_CASES("privileged", tests);
}
