#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

static void text_that_differs_is_written(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{'infraId':'a-1'}", NULL, 0);
    int before = atomic_load(&r.db.spy->replaces);

    assert_int_equal(cluster_set_text(r.c, &r.ctx, "infraId", "a-1", NULL), 0);
    assert_int_equal(atomic_load(&r.db.spy->replaces), before);
    assert_int_equal(cluster_set_text(r.c, &r.ctx, "infraId", "a-2", NULL), 0);

    cluster_rig_assert(&r, "infraId", "a-2");
    assert_string_equal(cluster_text(r.c, "infraId"), "a-2");
}

static void a_secret_is_stored_sealed_and_opens(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);
    cleanup_secret struct secret *secret = secret_new("hidden", 6), *opened = NULL, *none = NULL;

    assert_int_equal(cluster_set_secret(r.c, &r.ctx, "sshKey", secret, NULL), 0);
    assert_int_equal(cluster_open_secret(r.c, &r.ctx, "sshKey", &opened, NULL), 0);
    assert_int_equal(cluster_open_secret(r.c, &r.ctx, "adminKubeconfig", &none, NULL), 0);

    assert_true(secret_equal(secret, opened));
    assert_null(none);
    assert_null(strstr(cluster_text(r.c, "sshKey"), "hidden"));
}

static void who_lost_the_lease_writes_nothing(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    cluster_rig_open(&r, "{'infraId':'a-1'}", NULL, 0);
    cluster_rig_lose_lease(&r);

    assert_int_equal(cluster_set_text(r.c, &r.ctx, "infraId", "a-2", &err), -1);

    assert_string_equal(error_get_code(err), DATABASE_LOST_LEASE);
    cluster_rig_assert(&r, "infraId", "a-1");
}

static void the_document_tells_layout_identities_and_visibility(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r,
                     "{'architectureVersion':0,'apiserverProfile':{'visibility':'Public'},"
                     "'ingressProfiles':[{'visibility':'Private'}]}",
                     NULL, 0);

    assert_int_equal(cluster_layout(r.c), LAYOUT_V1);
    assert_false(cluster_has_identities(r.c));
    assert_true(cluster_is_public(r.c, "apiserverProfile.visibility"));
    assert_false(cluster_is_public(r.c, "ingressProfiles[0].visibility"));
    assert_string_equal(cluster_doc_id(r.c), "id-a");
    assert_string_equal(cluster_resource_id(r.c), RIG_KEY("A"));
    assert_string_equal(cluster_tenant_id(r.c), RIG_TENANT);
    assert_string_equal(cluster_subscription_id(r.c), "00000000-0000-0000-0000-000000000000");
    assert_string_equal(cluster_location(r.c), "eastus");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("text that differs is written, and only that", text_that_differs_is_written),
        CASE("a secret is stored sealed and opens again", a_secret_is_stored_sealed_and_opens),
        CASE("who lost the lease writes nothing", who_lost_the_lease_writes_nothing),
        CASE("the document tells layout, identities and visibility",
             the_document_tells_layout_identities_and_visibility),
    };
    return RUN_CASES("cluster", tests);
}
