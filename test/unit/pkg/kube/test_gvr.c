#include "pkg/kube/gvr.h"
#include "test/unit/support/test.h"

static void test_finds_core_kind(void **state)
{
    (void)state;
    assert_ptr_equal(gvr_find("v1", "ConfigMap"), &GVR_CONFIGMAPS);
}

static void test_finds_grouped_kind(void **state)
{
    (void)state;
    assert_ptr_equal(gvr_find("apps/v1", "Deployment"), &GVR_DEPLOYMENTS);
}

static void test_refuses_other_versions_and_groups(void **state)
{
    (void)state;
    assert_null(gvr_find("apps/v1beta1", "Deployment"));
    assert_null(gvr_find("app/v1", "Deployment"));
    assert_null(gvr_find("appsx/v1", "Deployment"));
    assert_null(gvr_find("v1", "Deployment"));
    assert_null(gvr_find("apps/v1", "deployment"));
    assert_null(gvr_find(NULL, "Deployment"));
    assert_null(gvr_find("v1", NULL));
}

static void test_finds_by_resource(void **state)
{
    (void)state;
    assert_ptr_equal(gvr_find_resource("", "nodes"), &GVR_NODES);
    assert_ptr_equal(gvr_find_resource("machine.openshift.io", "machinesets"), &GVR_MACHINESETS);
    assert_null(gvr_find_resource("", "machinesets"));
}

static void test_spells_api_version(void **state)
{
    (void)state;
    cleanup_free char *core = gvr_give_api_version(&GVR_PODS);
    cleanup_free char *grouped = gvr_give_api_version(&GVR_LEASES);
    assert_string_equal(core, "v1");
    assert_string_equal(grouped, "coordination.k8s.io/v1");
}

static void test_compares_without_kind(void **state)
{
    (void)state;
    struct gvr pods = { .group = "", .version = "v1", .resource = "pods", .kind = "Other" };
    assert_true(gvr_same(&pods, &GVR_PODS));
    pods.version = "v2";
    assert_false(gvr_same(&pods, &GVR_PODS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("finds a kind of the core group by version alone", test_finds_core_kind),
        CASE("finds a kind of a named group", test_finds_grouped_kind),
        CASE("gives NULL for other versions, groups, letter case and NULL",
             test_refuses_other_versions_and_groups),
        CASE("finds a row by group and plural", test_finds_by_resource),
        CASE("spells apiVersion with a group only where there is one", test_spells_api_version),
        CASE("compares group, version and resource, not the kind", test_compares_without_kind),
    };
    return RUN_CASES("gvr", tests);
}
