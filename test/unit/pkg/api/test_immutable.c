/* What the field table says is in test_model.c; here are containers, letter case and names. */
#include <string.h>

#include "pkg/api/immutable.h"
#include "test/unit/pkg/api/api_rig.h"
#include "test/unit/support/test.h"

/* target NULL: allowed. */
struct change_case {
    const char *name, *letters, *base, *ext, *target;
};
#define P(x) "{'properties':{" x "}}"
static struct change_case change_cases[] = {
    { "nothing changed", RIG_LETTERS, P("'clusterProfile':{'domain':'d'}"),
      P("'clusterProfile':{'domain':'d'}"), NULL },
    { "empty text is the same as none", RIG_LETTERS, "{'location':''}", "{}", NULL },
    { "an empty value object is the same as none", RIG_LETTERS, P("'masterProfile':{}"), "{}",
      NULL },
    { "text that goes away is a change", RIG_LETTERS, "{'location':'l'}", "{}", "location" },
    { "the ID in another letter case is none", RIG_LETTERS, "{'id':'/A','name':'N','type':'T'}",
      "{'id':'/a','name':'n','type':'t'}", NULL },
    { "the resource group in another letter case is none", RIG_LETTERS,
      P("'clusterProfile':{'resourceGroupId':'/subscriptions/s/resourcegroups/g'}"),
      P("'clusterProfile':{'resourceGroupId':'/subscriptions/s/resourceGroups/G'}"), NULL },
    { "the location in another letter case is one", RIG_LETTERS, "{'location':'a'}",
      "{'location':'A'}", "location" },
    { "the first in the order of the model is told", "B",
      P("'clusterProfile':{'domain':'d'},'masterProfile':{'vmSize':'m'}"),
      P("'masterProfile':{'vmSize':'x'},'clusterProfile':{'domain':'x'}"),
      "properties.clusterProfile.domain" },
    { "a list that grows", "BK", P("'workerProfiles':[{'name':'a'}]"),
      P("'workerProfiles':[{'name':'a'},{'name':'b'}]"), "properties.workerProfiles" },
    { "a list that comes", "BK", "{}", P("'workerProfiles':[]"), "properties.workerProfiles" },
    { "a list that goes", "BK", P("'ingressProfiles':[{}]"), "{}", "properties.ingressProfiles" },
    { "an entry without name", "B", P("'workerProfiles':[{},{'count':1}]"),
      P("'workerProfiles':[{},{'count':2}]"), "properties.workerProfiles[1].count" },
    { "an entry with another name", "B", P("'workerProfiles':[{'name':'a'}]"),
      P("'workerProfiles':[{'name':'b'}]"), "properties.workerProfiles['b'].name" },
    { "a tag that changes, for admin", "a", "{'tags':{'a':'1','b':'2'}}",
      "{'tags':{'a':'1','b':'3'}}", "tags[\"b\"]" },
    { "a tag under another name, for admin", "a", "{'tags':{'a':'1'}}", "{'tags':{'b':'1'}}",
      "tags[\"b\"]" },
    { "tags may change for customers", "ABCDEFGHIJK", "{'tags':{'a':'1'}}", "{}", NULL },
    { "a service principal may come for customers", "BJK", "{}",
      P("'servicePrincipalProfile':{'clientId':'c'}"), NULL },
    { "a service principal may not come for admin", "a", "{}",
      P("'servicePrincipalProfile':{'clientId':'c'}"), "properties.servicePrincipalProfile" },
    { "an identity may not come", "JKa", "{}", "{'identity':{}}", "identity" },
    { "an identity may not go", "JKa", "{'identity':{}}", "{}", "identity" },
    { "workload identities may not come", "JKa", "{}", P("'platformWorkloadIdentityProfile':{}"),
      "properties.platformWorkloadIdentityProfile" },
    { "a read-only field in an entry that is new", "JKa", P("'platformWorkloadIdentityProfile':{}"),
      P("'platformWorkloadIdentityProfile':{'platformWorkloadIdentities':{'a.b':{'clientId':'c'}}"
        "}"),
      "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities[\"a.b\"].clientId" },
    { "a read-only field that is empty", "IJK", "{}", P("'consoleProfile':{'url':''}"), NULL },
    { "a read-only field that says what is so", "IJK", P("'consoleProfile':{'url':'u'}"),
      P("'consoleProfile':{'url':'u'}"), "properties.consoleProfile.url" },
    { "the same instant in another spelling", "CDEFGH",
      "{'systemData':{'createdAt':'2024-01-02T03:04:05Z'}}",
      "{'systemData':{'createdAt':'2024-01-02T04:04:05+01:00'}}", NULL },
    { "a null entry is an empty one", "K", P("'workerProfiles':[{}]"), P("'workerProfiles':[null]"),
      NULL },
};

static void check_change(void **state)
{
    const struct change_case *c = *state;
    cleanup_json json *base = rig_give_json(c->base), *ext = rig_give_json(c->ext);

    for (const char *l = c->letters; *l; l++) {
        cleanup_error struct error *err = NULL;
        int rc = api_immutable_check(rig_version(*l), ext, base, &err);
        assert_int_equal(rc, c->target ? -1 : 0);
        if (c->target)
            rig_assert_refused(&err, "PropertyChangeNotAllowed", c->target);
    }
}

static void the_message_names_the_property(void **state)
{
    (void)state;
    cleanup_json json *base = rig_give_json("{'location':'a'}"), *ext = json_new_object();
    cleanup_error struct error *err = NULL;

    assert_int_equal(api_immutable_check(rig_version('K'), ext, base, &err), -1);

    assert_string_equal(error_text(err), "Changing property 'location' is not allowed.");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(change_cases) + 1] = {
        CASE("the message names the property", the_message_names_the_property),
    };
    for (size_t i = 0; i < ARRAY_LEN(change_cases); i++)
        tests[1 + i] =
            (struct CMUnitTest)CASE_OF(change_cases[i].name, check_change, &change_cases[i]);
    return RUN_CASES("immutable", tests);
}
