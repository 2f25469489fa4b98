#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

static void hold(struct crew_rig *c, const char *uid, int64_t lease_s, struct held *h)
{
    struct lease lease;
    work_rig_match(&c->r);
    assert_int_equal(lease_take(&c->r.ctx, c->r.store, "rig", uid, lease_s, &lease, NULL), 1);
    keeper_add(c->k->keeper, h, &lease, NULL);
}

static void a_lease_with_little_left_allows_nothing(void **state)
{
    (void)state;
    struct crew_rig c;
    struct held h;
    cleanup_error struct error *err = NULL;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    hold(&c, uid, 120, &h);
    assert_int_equal(keeper_check(c.k->keeper, &h, NULL), 0);
    h.lease.until_ns = clock_mono_ns(clock_system()) + KEEPER_MARGIN_S * NS_PER_S;
    assert_int_equal(keeper_check(c.k->keeper, &h, &err), -1);
    assert_string_equal(error_get_code(err), FENCE_LOST);
    keeper_remove(c.k->keeper, &h);
    crew_rig_release(&c);
}

static void a_short_lease_is_of_use_for_two_thirds(void **state)
{
    (void)state;
    struct crew_rig c;
    struct held h;
    struct keeper *k = NULL;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    assert_int_equal(keeper_start(&c.r.ctx, c.r.store, 9, c.metrics, &k, NULL), 0);
    hold(&c, uid, 120, &h);
    h.lease.until_ns = clock_mono_ns(clock_system()) + 9 * NS_PER_S;
    assert_int_equal(keeper_check(k, &h, NULL), 0);
    h.lease.until_ns = clock_mono_ns(clock_system()) + 3 * NS_PER_S;
    assert_int_equal(keeper_check(k, &h, NULL), -1);
    keeper_remove(c.k->keeper, &h);
    keeper_stop(k);
    crew_rig_release(&c);
}

static void a_lost_lease_ends_its_work(void **state)
{
    (void)state;
    struct crew_rig c;
    struct held h;
    struct keeper *k = NULL;
    struct lease lease;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    work_rig_match(&c.r);
    assert_int_equal(keeper_start(&c.r.ctx, c.r.store, 1, c.metrics, &k, NULL), 0);
    assert_int_equal(lease_take(&c.r.ctx, c.r.store, "rig", uid, 120, &lease, NULL), 1);
    sets_rig_script(&c.r, "UPDATE cluster_work SET fence = fence + 1");
    keeper_add(k, &h, &lease, NULL);
    while (!stop_is_set(h.stop))
        (void)opctx_sleep_ms(&c.r.ctx, 10, NULL);
    assert_int_equal(keeper_check(k, &h, NULL), -1);
    assert_true(keeper_remove(k, &h));
    keeper_stop(k);
    crew_rig_release(&c);
}

static void leases_are_renewed(void **state)
{
    (void)state;
    struct crew_rig c;
    struct held h;
    struct keeper *k = NULL;
    struct lease lease;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    work_rig_match(&c.r);
    assert_int_equal(keeper_start(&c.r.ctx, c.r.store, 1, c.metrics, &k, NULL), 0);
    assert_int_equal(lease_take(&c.r.ctx, c.r.store, "rig", uid, 120, &lease, NULL), 1);
    int64_t until = work_rig_number(&c.r, "SELECT lease_until FROM cluster_work");
    keeper_add(k, &h, &lease, NULL);
    while (work_rig_number(&c.r, "SELECT lease_until FROM cluster_work") == until)
        (void)opctx_sleep_ms(&c.r.ctx, 10, NULL);
    assert_false(keeper_remove(k, &h));
    keeper_stop(k);
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a lease with little left allows nothing", a_lease_with_little_left_allows_nothing),
        CASE("a short lease is of use for two thirds", a_short_lease_is_of_use_for_two_thirds),
        CASE("a lost lease ends its work", a_lost_lease_ends_its_work),
        CASE("leases are renewed", leases_are_renewed),
    };
    return RUN_CASES("keeper", tests);
}
