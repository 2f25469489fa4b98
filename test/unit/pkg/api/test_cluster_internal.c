#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/pkg/api/api_rig.h"
#include "test/unit/support/test.h"

/*
 * One request in one version: what it makes of the internal cluster. live: what the base shows
 * instead of the internal cluster, after enrichment; NULL: the same.
 */
struct write_case {
    const char *name, *letters, *internal, *live, *body, *want;
    bool is_put;
};
#define P(x) "{'properties':{" x "}}"
#define SP(x) P("'servicePrincipalProfile':{" x "}")
#define LB(x) P("'networkProfile':{'loadBalancerProfile':{" x "}}")
#define PWI(x) P("'platformWorkloadIdentityProfile':{'platformWorkloadIdentities':{" x "}}")

static struct write_case write_cases[] = {
    { .name = "an empty update writes nothing",
      .letters = RIG_LETTERS,
      .internal = "{'x':1,'location':'l','properties':{'clusterProfile':{'domain':'d','y':null},"
                  "'servicePrincipalProfile':{'clientSecret':'sealed:s'}}}",
      .body = "{}",
      .want = "{'x':1,'location':'l','properties':{'clusterProfile':{'domain':'d','y':null},"
              "'servicePrincipalProfile':{'clientSecret':'sealed:s'}}}" },
    { .name = "a new secret is sealed, its neighbours stay",
      .letters = "ABCDEFGHIJK",
      .internal = SP("'clientId':'c','clientSecret':'sealed:old','spObjectId':'o','x':[1]"),
      .body = SP("'clientSecret':'new'"),
      .want = SP("'clientId':'c','clientSecret':'sealed:new','spObjectId':'o','x':[1]") },
    { .name = "enrichment is not written",
      .letters = "BIJK",
      .internal = SP("'clientId':'stored','clientSecret':'sealed:stored'"),
      .live = SP("'clientId':'live','clientSecret':'sealed:live'"),
      .body = "{'tags':{'a':'b'}}",
      .want = "{'tags':{'a':'b'},'properties':{'servicePrincipalProfile':{'clientId':'stored',"
              "'clientSecret':'sealed:stored'}}}" },
    { .name = "what the client changed is written over what was live",
      .letters = "BIJK",
      .internal = SP("'clientId':'stored'"),
      .live = SP("'clientId':'live'"),
      .body = SP("'clientId':'mine'"),
      .want = SP("'clientId':'mine'") },
    { .name = "live workers do not replace the stored ones",
      .letters = "BCDEFG",
      .internal = P("'workerProfiles':[{'name':'worker','count':3}]"),
      .live = P("'workerProfiles':[{'name':'worker','count':3}],"
                "'workerProfilesStatus':[{'name':'a','count':1},{'name':'b','count':9}]"),
      .body = "{'tags':{}}",
      .want = P("'workerProfiles':[{'name':'worker','count':3}]") },
    { .name = "the first version scales, whatever is live",
      .letters = "A",
      .internal = P("'workerProfiles':[{'name':'worker','count':3,'encryptionAtHost':'Enabled'}]"),
      .live = P("'workerProfiles':[{'name':'worker','count':3,'encryptionAtHost':'Enabled'}],"
                "'workerProfilesStatus':[{'name':'a','count':1},{'name':'b','count':2}]"),
      .body = P("'workerProfiles':[{'name':'worker','count':5}]"),
      .want = P("'workerProfiles':[{'name':'worker','count':5,'encryptionAtHost':'Enabled'}]") },
    { .name = "names in other letters are not written",
      .letters = RIG_LETTERS,
      .internal = "{'id':'/a','properties':{'clusterProfile':{'resourceGroupId':'/g'}}}",
      .body = "{'id':'/A','properties':{'clusterProfile':{'resourceGroupId':'/G'}}}",
      .want = "{'id':'/a','properties':{'clusterProfile':{'resourceGroupId':'/g'}}}" },
    { .name = "tags that are taken away are gone",
      .letters = "ABCDEFGHIJK",
      .internal = "{'tags':{'a':'b'}}",
      .body = "{'tags':null}",
      .want = "{}" },
    { .name = "a PUT without tags takes them away",
      .letters = "ABCDEFGHIJK",
      .internal = "{'tags':{'a':'b'}}",
      .body = "{}",
      .want = "{}",
      .is_put = true },
    { .name = "a PUT keeps secrets and version",
      .letters = "ABCDEFGHI",
      .internal = P("'clusterProfile':{'pullSecret':'sealed:p','version':'4.14.1'},"
                    "'servicePrincipalProfile':{'clientId':'c','clientSecret':'sealed:s'}"),
      .body = SP("'clientId':'c'"),
      .want = P("'clusterProfile':{'pullSecret':'sealed:p','version':'4.14.1'},"
                "'servicePrincipalProfile':{'clientId':'c','clientSecret':'sealed:s'}"),
      .is_put = true },
    { .name = "a PUT without a load balancer keeps its addresses",
      .letters = "IJK",
      .internal = LB("'managedOutboundIps':{'count':3},'effectiveOutboundIps':[{'id':'/1'}]"),
      .body = "{}",
      .want = LB("'effectiveOutboundIps':[{'id':'/1'}]"),
      .is_put = true },
    { .name = "a PUT of a version without load balancers keeps them",
      .letters = "FH",
      .internal = LB("'managedOutboundIps':{'count':3}"),
      .body = "{}",
      .want = LB("'managedOutboundIps':{'count':3}"),
      .is_put = true },
    { .name = "a new load balancer joins the addresses",
      .letters = "GIJKa",
      .internal = LB("'effectiveOutboundIps':[{'id':'/1'}]"),
      .body = LB("'managedOutboundIps':{'count':4}"),
      .want = LB("'effectiveOutboundIps':[{'id':'/1'}],'managedOutboundIps':{'count':4}") },
    { .name = "another identity forgets what was known of the old one",
      .letters = "JKa",
      .internal = PWI("'a':{'resourceId':'/a','clientId':'c','objectId':'o','x':1},"
                      "'b':{'resourceId':'/b','clientId':'d','objectId':'p'}"),
      .body = PWI("'a':{'resourceId':'/new'},'b':{'resourceId':'/b'},'c':{'resourceId':'/c'}"),
      .want = PWI("'a':{'resourceId':'/new','x':1},"
                  "'b':{'resourceId':'/b','clientId':'d','objectId':'p'},"
                  "'c':{'resourceId':'/c'}") },
    { .name = "an exchanged cluster identity leaves what is not shown",
      .letters = "JKa",
      .internal = "{'managedServiceIdentity':{'type':'UserAssigned','identityURL':'u',"
                  "'userAssignedIdentities':{'/a':{'clientId':'c','principalId':'p'}}}}",
      .body = "{'identity':{'userAssignedIdentities':{'/b':{}}}}",
      .want = "{'managedServiceIdentity':{'type':'UserAssigned','identityURL':'u',"
              "'userAssignedIdentities':{'/b':{}}}}" },
    { .name = "a flag that becomes false is gone",
      .letters = "a",
      .internal = P("'featureProfile':{'gatewayEnabled':true,'x':1}"),
      .body = P("'featureProfile':{'gatewayEnabled':false}"),
      .want = P("'featureProfile':{'x':1}") },
    { .name = "operator flags are laid over the old ones",
      .letters = "a",
      .internal = P("'operatorFlags':{'a':'1'}"),
      .body = "{'operatorFlagsMergeStrategy':'merge','properties':{'operatorFlags':{'b':'2'}}}",
      .want = P("'operatorFlags':{'a':'1','b':'2'}") },
    { .name = "an emptied optional object is gone",
      .letters = "ABCDEFGHIJ",
      .internal = SP("'clientId':'c','spObjectId':'o'"),
      .body = P("'servicePrincipalProfile':null"),
      .want = P("") },
};

static json *give_base(const struct api_version *v, const json *internal)
{
    struct rig_sealer sealer;
    json *base = NULL;
    rig_sealer_init(&sealer);
    assert_int_equal(api_cluster_to_external(v, internal, &sealer.base, &base, NULL), 0);
    return base;
}

static void check_write_in(const struct write_case *c, char letter)
{
    const struct api_version *v = rig_version(letter);
    struct rig_sealer sealer;
    cleanup_json json *internal = rig_give_json(c->internal), *body = rig_give_json(c->body);
    cleanup_json json *live = rig_give_json(c->live ? c->live : c->internal);
    cleanup_json json *base = give_base(v, live);
    cleanup_json json *ext = c->is_put ? api_cluster_give_skeleton(v, base) : json_give_copy(base);
    cleanup_free char *text = json_give_text(body);
    rig_sealer_init(&sealer);
    api_cluster_drop_read_only(v, ext);
    assert_int_equal(api_cluster_decode(v, text, strlen(text), ext, NULL), 0);

    int rc = api_cluster_to_internal(v, ext, base, internal, &sealer.base, NULL);

    assert_int_equal(rc, 0);
    rig_assert_json(internal, c->want);
}

static void check_write(void **state)
{
    const struct write_case *c = *state;
    for (const char *l = c->letters; *l; l++)
        check_write_in(c, *l);
}

/* ---- creates ---- */

static void a_create_writes_everything(void **state)
{
    (void)state;
    struct rig_sealer sealer;
    rig_sealer_init(&sealer);
    cleanup_json json *internal =
        rig_give_json("{'id':'/i','properties':{'architectureVersion':1}}");
    cleanup_json json *ext = rig_give_json(
        "{'id':'/i','location':'l','identity':{'type':'UserAssigned'},'properties':{"
        "'provisioningState':'Succeeded','clusterProfile':{'pullSecret':'p','domain':'d',"
        "'oidcIssuer':'mine'},'consoleProfile':{},'workerProfiles':[{'name':'worker','count':3},"
        "null],'networkProfile':{'loadBalancerProfile':{}}}}");

    int rc = api_cluster_to_internal(rig_version('J'), ext, NULL, internal, &sealer.base, NULL);

    assert_int_equal(rc, 0);
    rig_assert_json(
        internal,
        "{'id':'/i','location':'l','managedServiceIdentity':{'type':'UserAssigned'},'properties':{"
        "'architectureVersion':1,'provisioningState':'Succeeded','clusterProfile':{"
        "'pullSecret':'sealed:p','domain':'d'},'workerProfiles':[{'name':'worker','count':3},{}],"
        "'networkProfile':{'loadBalancerProfile':{}}}}");
}

static void addresses_of_a_create_are_kept_in_old_versions(void **state)
{
    (void)state;
    cleanup_json json *ext = rig_give_json(P("'consoleProfile':{'url':'https://x'}"));
    cleanup_json json *old = json_new_object(), *new = json_new_object();

    assert_int_equal(api_cluster_to_internal(rig_version('H'), ext, NULL, old, NULL, NULL), 0);
    assert_int_equal(api_cluster_to_internal(rig_version('I'), ext, NULL, new, NULL, NULL), 0);

    rig_assert_json(old, P("'consoleProfile':{'url':'https://x'}"));
    rig_assert_json(new, "{}");
}

static void unchanged_secrets_are_not_sealed_anew(void **state)
{
    (void)state;
    const struct api_version *v = rig_version('I');
    struct rig_sealer sealer;
    cleanup_json json *internal = rig_give_internal(), *before = json_give_copy(internal);
    cleanup_json json *base = give_base(v, internal), *ext = json_give_copy(base);
    rig_sealer_init(&sealer);

    assert_int_equal(api_cluster_to_internal(v, ext, base, internal, &sealer.base, NULL), 0);

    assert_int_equal(sealer.sealed, 0);
    assert_true(json_equal(internal, before));
}

static void a_key_that_is_away_is_an_error(void **state)
{
    (void)state;
    struct rig_sealer sealer;
    cleanup_error struct error *err = NULL;
    cleanup_json json *internal = json_new_object();
    cleanup_json json *ext = rig_give_json(SP("'clientSecret':'hunter2'"));
    rig_sealer_init(&sealer);
    sealer.fails = true;

    assert_int_equal(
        api_cluster_to_internal(rig_version('I'), ext, NULL, internal, &sealer.base, &err), -1);

    assert_true(error_is(err, ERR_UNAVAILABLE));
    assert_null(strstr(error_text(err), "hunter2"));
}

/* Whatever is read in a version and written back changes nothing. */
static void reading_and_writing_back_changes_nothing(void **state)
{
    (void)state;
    for (const char *l = RIG_LETTERS; *l; l++) {
        struct rig_sealer sealer;
        cleanup_json json *internal = rig_give_internal(), *before = json_give_copy(internal);
        cleanup_json json *base = give_base(rig_version(*l), internal);
        rig_sealer_init(&sealer);

        assert_int_equal(
            api_cluster_to_internal(rig_version(*l), base, base, internal, &sealer.base, NULL), 0);

        assert_true(json_equal(internal, before));
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(write_cases) + 5] = {
        CASE("a create writes everything but read-only fields", a_create_writes_everything),
        CASE("addresses of a create are kept in old versions",
             addresses_of_a_create_are_kept_in_old_versions),
        CASE("unchanged secrets are not sealed anew", unchanged_secrets_are_not_sealed_anew),
        CASE("a key that is away is an error", a_key_that_is_away_is_an_error),
        CASE("reading and writing back changes nothing", reading_and_writing_back_changes_nothing),
    };
    for (size_t i = 0; i < ARRAY_LEN(write_cases); i++)
        tests[5 + i] =
            (struct CMUnitTest)CASE_OF(write_cases[i].name, check_write, &write_cases[i]);
    return RUN_CASES("cluster_internal", tests);
}
