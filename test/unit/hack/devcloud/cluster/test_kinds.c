#include <string.h>

#include "hack/devcloud/cluster/kinds.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static void finds_kinds(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *c = catalog_new();
    cleanup_kinds struct kinds *k = kinds_new(c, 20, NULL, 0);

    const struct resource *d = kinds_find(k, "apps", "v1", "deployments");
    assert_string_equal(d->kind, "Deployment");
    assert_string_equal(d->list_kind, "DeploymentList");
    assert_string_equal(d->singular, "deployment");
    assert_string_equal(d->collection, "apps/deployments");
    assert_true(d->counts_generation);
    assert_true(resource_has_subresource(d, "scale"));
    assert_false(resource_has_subresource(d, "sca"));
    assert_true(resource_has_verb(d, "watch"));
    assert_ptr_equal(kinds_find_kind(k, "apps", "v1", "Deployment"), d);
    assert_null(kinds_find(k, "apps", "v2", "deployments"));
    assert_null(kinds_find(k, "", NULL, "deployments"));
    cleanup_free char *version = resource_give_api_version(d);
    assert_string_equal(version, "apps/v1");
    cleanup_free char *core = resource_give_api_version(kinds_find(k, "", NULL, "pods"));
    assert_string_equal(core, "v1");
}

static void newer_servers(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *c = catalog_new();
    cleanup_kinds struct kinds *old = kinds_new(c, 20, NULL, 0), *young = kinds_new(c, 32, NULL, 0);
    const char group[] = "admissionregistration.k8s.io";

    assert_null(kinds_find(old, group, NULL, "validatingadmissionpolicies"));
    assert_non_null(kinds_find(young, group, NULL, "validatingadmissionpolicies"));
    assert_string_equal(kinds_find(old, "policy", NULL, "poddisruptionbudgets")->version,
                        "v1beta1");
    assert_string_equal(kinds_find(young, "policy", NULL, "poddisruptionbudgets")->version, "v1");
}

static void counts_references(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *c = catalog_new();
    struct crd_kinds *crd = xnew(struct crd_kinds);
    atomic_init(&crd->refs, 1);
    crd->name = xstrdup("foos.ex.io");
    crd->set = schemas_new();
    crd->v = xcalloc(1, sizeof(*crd->v));
    crd->v[0] =
        (struct resource){ .group = "ex.io", .version = "v1", .plural = "foos", .kind = "Foo" };
    crd->len = 1;

    struct kinds *k = kinds_new(c, 20, &crd, 1);
    crd_kinds_unref(crd);
    struct kinds *again = kinds_ref(k);
    kinds_unref(k);

    assert_string_equal(kinds_find(again, "ex.io", NULL, "foos")->kind, "Foo");
    assert_string_equal(kinds_at(again, kinds_len(again) - 1)->plural, "foos");
    kinds_unref(again);
}

static void orders_versions(void **state)
{
    (void)state;
    static const char *const sorted[] = { "v10",     "v2",       "v1",   "v2beta1",
                                          "v1beta2", "v1alpha3", "bar1", "foo" };
    for (size_t i = 0; i < ARRAY_LEN(sorted); i++)
        for (size_t j = 0; j < ARRAY_LEN(sorted); j++) {
            int want = i < j ? -1 : i > j;
            int got = version_compare(sorted[i], sorted[j]);
            assert_int_equal(got < 0 ? -1 : got > 0, want);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("finds kinds by resource and by kind", finds_kinds),
        CASE("newer servers have more kinds", newer_servers),
        CASE("kinds of definitions live as long as they are used", counts_references),
        CASE("orders versions by stability and number", orders_versions),
    };
    return RUN_CASES("kinds", tests);
}
