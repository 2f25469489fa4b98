#include "hack/devcloud/controllers/served.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/control_rig.h"

static const char *const all_verbs[] = { "list", "delete", NULL };

static const struct gvr *find(const struct served_list *l, const char *group, const char *resource)
{
    for (size_t i = 0; i < l->len; i++)
        if (str_eq(l->v[i]->group, group) && str_eq(l->v[i]->resource, resource))
            return l->v[i];
    return NULL;
}

static void kinds(void **state)
{
    (void)state;
    struct control_rig r;
    cleanup_served_list struct served_list l = { NULL, 0 };
    control_rig_open(&r);

    assert_int_equal(served_give_list(r.control.served, &r.ctx, all_verbs, &l, NULL), 0);

    const struct gvr *pods = find(&l, "", "pods"), *sets = find(&l, "apps", "replicasets");
    assert_true(pods && pods->namespaced && str_eq(pods->kind, "Pod"));
    assert_true(sets && str_eq(sets->version, "v1"));
    assert_null(find(&l, "authorization.k8s.io", "subjectaccessreviews")); /* nothing to list */
    assert_null(find(&l, "", "pods/status"));
    served_list_release(&l);
    control_rig_close(&r);
}

static void rows_stay(void **state)
{
    (void)state;
    struct control_rig r;
    cleanup_served_list struct served_list one = { NULL, 0 }, two = { NULL, 0 };
    control_rig_open(&r);
    assert_null(served_find(r.control.served, "apps/v1", "ReplicaSet"));

    assert_int_equal(served_give_list(r.control.served, &r.ctx, all_verbs, &one, NULL), 0);
    assert_int_equal(served_give_list(r.control.served, &r.ctx, all_verbs, &two, NULL), 0);

    assert_int_equal(one.len, two.len);
    assert_ptr_equal(find(&one, "apps", "replicasets"), find(&two, "apps", "replicasets"));
    assert_ptr_equal(served_find(r.control.served, "apps/v1beta1", "ReplicaSet"),
                     find(&one, "apps", "replicasets")); /* whatever the version */
    served_list_release(&one);
    served_list_release(&two);
    control_rig_close(&r);
}

static void unreachable(void **state)
{
    (void)state;
    struct control_rig r;
    cleanup_served_list struct served_list l = { NULL, 0 };
    cleanup_error struct error *err = NULL;
    control_rig_open(&r);
    stop_request(r.stop);

    assert_int_equal(served_give_list(r.control.served, &r.ctx, all_verbs, &l, &err), -1);
    assert_true(error_is(err, ERR_CANCELLED));
    assert_int_equal(l.len, 0);
    control_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the kinds with the verbs are listed", kinds),
        CASE("a kind is the same row each time", rows_stay),
        CASE("a list that cannot be had is an error, not a short list", unreachable),
    };
    return RUN_CASES("served", tests);
}
