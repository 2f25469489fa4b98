#include <string.h>

#include "pkg/base/mem.h"
#include "rp/cluster/balancer_edit.h"
#include "test/unit/support/rp/cluster/azure_steps.h"
#include "test/unit/support/rp/cluster/fake_arm.h"

#define BALANCER RIG_GROUP "/providers/Microsoft.Network/loadBalancers/x"

struct rig {
    struct cluster_rig r;
    struct fake_arm a;
    struct arm *arm;
};

static void open_rig(struct rig *rig)
{
    cluster_rig_open(&rig->r, "{'infraId':'a-12345'}", NULL, 0);
    fake_arm_use(&rig->a, &rig->r);
    fake_arm_add(&rig->a, BALANCER, "{'properties':{'rules':1}}");
    assert_int_equal(cluster_arm(rig->r.c, &rig->r.ctx, AS_FIRST_PARTY, &rig->arm, NULL), 0);
}

static void close_rig(struct rig *rig)
{
    fake_arm_release(&rig->a);
    cluster_rig_close(&rig->r);
}

static int set(json *resource, void *arg, struct error **err)
{
    return json_set_str(resource, "properties.ours", arg, err);
}

static int change(struct rig *rig, balancer_edit_fn edit, const char *id, struct error **err)
{
    return balancer_edit(rig->arm, &rig->r.ctx, id, edit, "yes", err);
}

static void it_is_written_once(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);

    assert_int_equal(change(&rig, set, BALANCER, NULL), 0);
    assert_int_equal(change(&rig, set, BALANCER, NULL), 0);

    assert_int_equal(rig.a.writes.len, 1);
    assert_string_equal(json_path_str(fake_arm_get(&rig.a, BALANCER), "properties.ours"), "yes");
    assert_int_equal(json_path_int(fake_arm_get(&rig.a, BALANCER), "properties.rules", 0), 1);
    close_rig(&rig);
}

static void touch(struct fake_arm *a)
{
    json *balancer = fake_arm_get(a, BALANCER);
    assert_int_equal(json_set_str(balancer, "properties.theirs", "too", NULL), 0);
    assert_int_equal(json_set_str(balancer, "etag", "another", NULL), 0);
}

static void who_was_first_is_not_overwritten(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    rig.a.before_write = touch;

    assert_int_equal(change(&rig, set, BALANCER, NULL), 0);

    const json *balancer = fake_arm_get(&rig.a, BALANCER);
    assert_string_equal(json_path_str(balancer, "properties.theirs"), "too");
    assert_string_equal(json_path_str(balancer, "properties.ours"), "yes");
    close_rig(&rig);
}

static void touch_always(struct fake_arm *a)
{
    cleanup_free char *etag = xasprintf("theirs-%lld", (long long)++a->etag);
    assert_int_equal(json_set_str(fake_arm_get(a, BALANCER), "etag", etag, NULL), 0);
    a->before_write = touch_always;
}

static void it_gives_up_in_the_end(void **state)
{
    (void)state;
    struct rig rig;
    cleanup_error struct error *err = NULL;
    open_rig(&rig);
    rig.a.before_write = touch_always;

    assert_int_equal(change(&rig, set, BALANCER, &err), -1);

    assert_true(error_is(err, ERR_PRECONDITION));
    close_rig(&rig);
}

static int refuse(json *resource, void *arg, struct error **err)
{
    (void)resource;
    (void)arg;
    return error_set(err, ERR_INVALID, "not this one");
}

static void errors_name_the_resource(void **state)
{
    (void)state;
    struct rig rig;
    cleanup_error struct error *refused = NULL, *absent = NULL;
    open_rig(&rig);

    assert_int_equal(change(&rig, refuse, BALANCER, &refused), -1);
    assert_int_equal(change(&rig, set, BALANCER "y", &absent), -1);

    assert_non_null(strstr(error_text(refused), "changing x: not this one"));
    assert_true(error_is(absent, ERR_NOT_FOUND));
    assert_int_equal(rig.a.writes.len, 0);
    close_rig(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("it is written once", it_is_written_once),
        CASE("who was first is not overwritten", who_was_first_is_not_overwritten),
        CASE("it gives up in the end", it_gives_up_in_the_end),
        CASE("errors name the resource", errors_name_the_resource),
    };
    return RUN_CASES("balancer_edit", tests);
}
