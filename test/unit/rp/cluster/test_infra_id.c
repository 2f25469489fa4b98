#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/infra_id.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

struct prefix_case {
    const char *name, *cluster, *want;
};
static struct prefix_case cases[] = {
    { "keeps letters, digits and dashes", "my-cluster1", "my-cluster1" },
    { "makes capitals small", "MyCluster", "mycluster" },
    { "makes anything else one dash", "a__b.(c)", "a-b-c" },
    { "cuts what is long, and no dash is left at its end", "abcdefghijklmnopqrst-vwxyz",
      "abcdefghijklmnopqrst" },
    { "counts what is left, not what was there", "a____________________________b", "a-b" },
    { "begins with no dash", "_a", "a" },
    { "has a name for what has none", "___", "aro" },
};

static void check_prefix(void **state)
{
    const struct prefix_case *c = *state;

    cleanup_free char *prefix = infra_id_give_prefix(c->cluster);

    assert_string_equal(prefix, c->want);
}

static void is_chosen_once(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);

    assert_int_equal(cluster_ensure_infra_id(r.c, &r.ctx, NULL), 0);

    cleanup_free char *first = cluster_rig_give_text(&r, "infraId");
    assert_memory_equal(first, "a-", 2);
    assert_int_equal(strlen(first), 7);
    assert_int_equal(strspn(first + 2, "bcdfghjklmnpqrstvwxz2456789"), 5);
    cluster_rig_reopen(&r);
    assert_int_equal(cluster_ensure_infra_id(r.c, &r.ctx, NULL), 0);
    cluster_rig_assert(&r, "infraId", first);
}

static void is_not_chosen_for_somebody_else(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    cluster_rig_open(&r, "{}", NULL, 0);
    cluster_rig_lose_lease(&r);

    assert_int_equal(cluster_ensure_infra_id(r.c, &r.ctx, &err), -1);

    assert_string_equal(error_get_code(err), DATABASE_LOST_LEASE);
    cluster_rig_assert(&r, "infraId", NULL);
}

static void check_suffix(const char *properties, size_t len)
{
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, properties, NULL, 0);

    assert_int_equal(cluster_ensure_storage_suffix(r.c, &r.ctx, NULL), 0);

    cleanup_free char *suffix = cluster_rig_give_text(&r, "storageSuffix");
    cleanup_free char *registry = xasprintf("imageregistry%s", suffix);
    assert_int_equal(strlen(suffix), len);
    assert_int_equal(strspn(suffix, "bcdfghjklmnpqrstvwxyz0123456789"), len);
    cluster_rig_assert(&r, "imageRegistryStorageAccountName", registry);
    cluster_rig_reopen(&r);
    assert_int_equal(cluster_ensure_storage_suffix(r.c, &r.ctx, NULL), 0);
    cluster_rig_assert(&r, "storageSuffix", suffix);
}

static void a_suffix_has_ten_characters(void **state)
{
    (void)state;
    check_suffix("{}", 10);
}

static void a_suffix_of_the_first_layout_has_five(void **state)
{
    (void)state;
    check_suffix("{'architectureVersion':0}", 5);
}

static void an_older_suffix_stays(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{'storageSuffix':'bcdfg'}", NULL, 0);

    assert_int_equal(cluster_ensure_storage_suffix(r.c, &r.ctx, NULL), 0);

    cluster_rig_assert(&r, "storageSuffix", "bcdfg");
    cluster_rig_assert(&r, "imageRegistryStorageAccountName", "imageregistrybcdfg");
}

int main(void)
{
    static const struct CMUnitTest more[] = {
        CASE("an infrastructure ID is chosen once", is_chosen_once),
        CASE("none is chosen for who lost the lease", is_not_chosen_for_somebody_else),
        CASE("a suffix has ten characters", a_suffix_has_ten_characters),
        CASE("a suffix of the first layout has five", a_suffix_of_the_first_layout_has_five),
        CASE("an older suffix stays, and names the registry's account", an_older_suffix_stays),
    };
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(more)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_prefix, &cases[i]);
    memcpy(&tests[ARRAY_LEN(cases)], more, sizeof(more));
    return RUN_CASES("names by chance", tests);
}
