#include <string.h>

#include "pkg/database/published.h"
#include "rp/cluster/identity_roles.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

/* {"oid":"object-fp"} in the middle. */
#define JWT "eyJhbGciOiJub25lIn0.eyJvaWQiOiJvYmplY3QtZnAifQ.x"

static void check_first_party(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        { .reply = "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"" JWT "\"}" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));
    cleanup_free char *id = NULL;

    assert_int_equal(first_party_give_object_id(r.c, &r.ctx, &id, NULL), 0);

    assert_string_equal(id, "object-fp");
    cluster_rig_close(&r);
}

#define WITH_IDENTITIES \
    "{'clusterProfile':{'version':'4.17.3'},'platformWorkloadIdentityProfile':{" \
    "'platformWorkloadIdentities':{'machine-api':{'objectId':'object-9'},'other':{'objectId':'" \
    "object-7'}}}}"

static void put_roles(struct cluster_rig *r, const char *id, const char *minor)
{
    json *tree = json_make(
        "{'id':%s,'platformWorkloadIdentityRoleSet':{'properties':{'openShiftVersion':%s,"
        "'platformWorkloadIdentityRoles':[{'operatorName':'machine-api','roleDefinitionId':"
        "'/providers/Microsoft.Authorization/roleDefinitions/role-1'},"
        "{'operatorName':'disk-csi','roleDefinitionId':'/x/role-2'}]}}}",
        id, minor);
    assert_int_equal(published_create(&r->ctx, r->db.db, PUBLISHED_ROLE_SETS, tree, NULL, NULL), 0);
}

static void check_roles(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open(&r, WITH_IDENTITIES, NULL, 0);
    cleanup_json json *roles = NULL;
    put_roles(&r, "s1", "4.16");
    put_roles(&r, "s2", "4.17");

    assert_int_equal(identity_roles_find(r.c, &r.ctx, &roles, NULL), 0);

    cleanup_free char *text = json_give_text(roles);
    assert_string_equal(text, "[{\"itemRole\":\"role-1\",\"itemPrincipal\":\"object-9\"}]");
    cluster_rig_close(&r);
}

static void check_no_roles(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open(&r, WITH_IDENTITIES, NULL, 0);
    json *roles = NULL;
    cleanup_error struct error *err = NULL;
    put_roles(&r, "s1", "4.16");

    assert_int_equal(identity_roles_find(r.c, &r.ctx, &roles, &err), -1);

    assert_non_null(strstr(error_text(err), "4.17"));
    cluster_rig_close(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("the service knows who it is in a tenant", check_first_party),
        CASE("identities get the roles of their operators", check_roles),
        CASE("a version without roles is told", check_no_roles),
    };
    return RUN_CASES("identity_roles", tests);
}
