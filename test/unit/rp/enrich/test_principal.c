#include "test/unit/support/rp/enrich/enrich_rig.h"
#include "test/unit/support/test.h"

#define SECRET(id) \
    "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'azure-credentials','namespace':" \
    "'kube-system'},'data':{'azure_client_id':'" id "','azure_client_secret':'bmV3'}}"

static void is_the_one_that_the_cluster_uses(void **state)
{
    (void)state;
    cleanup_enrich_rig struct enrich_rig r;
    cleanup_secret struct secret *secret = NULL;
    enrich_rig_open(&r, "{'servicePrincipalProfile':{'clientId':'old','spObjectId':'o'}}");
    fake_cluster_add(&r.inside, SECRET("YXBw"));

    assert_int_equal(enrich_rig_run(&r, &enrich_principal, NULL), 0);

    enrich_rig_is(&r, "servicePrincipalProfile.clientId", "'app'");
    enrich_rig_is(&r, "servicePrincipalProfile.spObjectId", "'o'");
    const char *sealed =
        json_path_str(r.cluster, "properties.servicePrincipalProfile.clientSecret");
    assert_int_equal(database_open_sealed(&r.db.ctx, r.db.db, sealed, &secret, NULL), 0);
    assert_string_equal(secret_reveal(secret, NULL), "new");
}

static void a_damaged_secret_changes_nothing(void **state)
{
    (void)state;
    cleanup_enrich_rig struct enrich_rig r;
    enrich_rig_open(&r, "{'servicePrincipalProfile':{'clientId':'old'}}");
    fake_cluster_add(&r.inside, SECRET("%%%"));

    assert_int_equal(enrich_rig_run(&r, &enrich_principal, NULL), -1);

    enrich_rig_is(&r, "servicePrincipalProfile", "{'clientId':'old'}");
}

static void concerns_clusters_that_have_one(void **state)
{
    (void)state;
    cleanup_json json *with = rig_tree("{'properties':{'servicePrincipalProfile':{}}}");
    cleanup_json json *without = rig_tree(
        "{'properties':{'servicePrincipalProfile':{},'platformWorkloadIdentityProfile':{}}}");
    assert_true(enrich_principal.concerns(with));
    assert_false(enrich_principal.concerns(without));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("is the one that the cluster uses", is_the_one_that_the_cluster_uses),
        CASE("a damaged secret changes nothing", a_damaged_secret_changes_nothing),
        CASE("concerns clusters that have one", concerns_clusters_that_have_one),
    };
    return RUN_CASES("service principal", tests);
}
