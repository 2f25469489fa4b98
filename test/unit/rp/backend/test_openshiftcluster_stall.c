/*
 * A backend that stands still for two minutes before any of its writes, while another one takes the cluster over and ends the
 * operation: what it does afterwards changes nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/billing.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

struct stall_case {
    const char *name, *state, *more, *steps, *steps_of_other;
};
static struct stall_case cases[] = {
    { "changes nothing of an install that another ended", "Creating", "'install':{},", ".e", "e" },
    { "changes nothing of an update that failed meanwhile", "Updating", "", "..", ".u" },
    { "changes nothing of an admin update", "AdminUpdating", "'lastProvisioningState':'Succeeded',",
      ".", "." },
    { "changes nothing of a cluster that is gone", "Deleting", "", ".", "." },
};

struct stall {
    struct backend_rig *r;
    const struct stall_case *c;
    bool happened; /* the other found the cluster, and ended the operation */
    char *cluster, *record, *billing;
};

static char *give_billing(struct backend_rig *r)
{
    cleanup_document struct document d = { 0 };
    return billing_get(&r->ctx, r->db, "id-a", &d, NULL) < 0 ? NULL : json_give_sorted(d.tree);
}

static void look(struct stall *s)
{
    s->cluster = backend_rig_cluster_text(s->r, "a", "openShiftCluster");
    s->record = backend_rig_async_text(s->r, "a", "asyncOperation");
    s->billing = give_billing(s->r);
}

/* What was decided before the stall stays so: then the other runs no step. */
static void end_it(void *arg)
{
    struct stall *s = arg;
    s->r->steps = s->c->steps_of_other;
    s->happened = backend_rig_work(s->r);
    look(s);
    s->r->steps = s->c->steps;
    fake_clock_advance_ms(&s->r->clock, 5000);
}

static void stall_release(struct stall *s)
{
    free(s->cluster);
    free(s->record);
    free(s->billing);
}

static void assert_same(const char *what, const char *was, const char *is)
{
    if ((was || is) && (!was || !is || strcmp(was, is) != 0))
        fail_msg("%s was %s and is %s", what, was ? was : "absent", is ? is : "absent");
}

/* false: so many writes there are not. */
static bool stall_at(const struct stall_case *c, int writes, int *happened)
{
    cleanup_backend_rig struct backend_rig r;
    struct stall before = { .r = &r, .c = c }, after = { .r = &r };
    backend_rig_open(&r);
    r.steps = c->steps;
    backend_rig_cluster(&r, "a", c->state, c->more);
    assert_int_equal(billing_create(&r.ctx, r.db,
                                    backend_rig_tree("{'id':'id-a','key':'k','billing':{}}"), NULL,
                                    NULL),
                     0);
    r.store->meanwhile = end_it;
    r.store->arg = &before;
    atomic_store(&r.store->writes, writes);

    (void)backend_rig_work(&r);

    bool stalled = atomic_load(&r.store->writes) < 0;
    look(&after);
    *happened += before.happened;
    if (before.happened) {
        assert_same("the cluster", before.cluster, after.cluster);
        assert_same("the record", before.record, after.record);
        assert_same("the billing", before.billing, after.billing);
    }
    stall_release(&before);
    stall_release(&after);
    return stalled;
}

static void check_stall(void **state)
{
    const struct stall_case *c = *state;
    int writes = 0, happened = 0;
    while (stall_at(c, writes, &happened))
        writes++;
    assert_in_range(writes, 4, 20);
    assert_in_range(happened, 3, writes);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_stall, &cases[i]);
    return RUN_CASES("openshiftcluster_stall", tests);
}
