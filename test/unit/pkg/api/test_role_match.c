#include "test/unit/pkg/api/api_rig.h"

/* 4.14 needs a and b, 4.15 needs b and c, 4.16 needs what 4.14 does. */
static const json *find(void *arg, const char *minor)
{
    return json_get(arg, minor);
}

static json *give_sets(void)
{
#define SET(a, b) \
    "{'properties':{'platformWorkloadIdentityRoles':[{'operatorName':'" a "'},{'operatorName':'" b \
    "'}]}}"
    return rig_give_json(
        "{'4.14':" SET("b", "a") ",'4.15':" SET("b", "c") ",'4.16':" SET("a", "b") "}");
}

struct match_case {
    const char *name, *version, *upgradeable, *identities;
    const char *code, *target, *text; /* code NULL: they match */
};
#define IDENTITIES "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities"
static struct match_case match_cases[] = {
    { "the right set", "4.14.16", NULL, "{'a':{},'b':{}}", NULL, NULL, NULL },
    { "one too few", "4.14.16", NULL, "{'a':{}}", "PlatformWorkloadIdentityMismatch", IDENTITIES,
      "minor version '4.14' requires: a, b." },
    { "one too many", "4.14.16", NULL, "{'a':{},'b':{},'c':{}}", "PlatformWorkloadIdentityMismatch",
      IDENTITIES, "requires: a, b." },
    { "another name", "4.14.16", NULL, "{'a':{},'B':{}}", "PlatformWorkloadIdentityMismatch",
      IDENTITIES, "requires: a, b." },
    { "the union of two minor versions", "4.14.16", "4.15.0", "{'a':{},'b':{},'c':{}}", NULL, NULL,
      NULL },
    { "only the lower of two minor versions", "4.14.16", "4.15.0", "{'a':{},'b':{}}",
      "PlatformWorkloadIdentityMismatch", IDENTITIES,
      "minor version '4.14' and '4.15' requires: a, b, c." },
    { "a lower version to upgrade to", "4.15.0", "4.14.0", "{'b':{},'c':{}}", NULL, NULL, NULL },
    { "the same minor version to upgrade to", "4.14.1", "4.14.9", "{'a':{},'b':{}}", NULL, NULL,
      NULL },
    { "a minor version with the same roles", "4.14.1", "4.16.0", "{'a':{},'b':{}}", NULL, NULL,
      NULL },
    { "a version without role set", "4.13.1", NULL, "{'a':{}}", "InvalidParameter", IDENTITIES,
      "minor version '4.13'" },
    { "an upgrade without role set", "4.14.1", "4.17.0", "{'a':{},'b':{}}", "InvalidParameter",
      IDENTITIES, "minor version '4.17'" },
    { "a version that is none", "latest", NULL, "{'a':{}}", "InvalidParameter",
      "properties.clusterProfile.version", "'latest' is invalid" },
    { "no version", NULL, NULL, "{'a':{}}", "InvalidParameter", "properties.clusterProfile.version",
      "'' is invalid" },
};

static void check_match(void **state)
{
    const struct match_case *c = *state;
    cleanup_json json *sets = give_sets();
    cleanup_json json *internal =
        json_make("{'properties':{'clusterProfile':{'version':%s},"
                  "'platformWorkloadIdentityProfile':{'upgradeableTo':%s,"
                  "'platformWorkloadIdentities':%j}}}",
                  c->version, c->upgradeable, rig_give_json(c->identities));
    cleanup_error struct error *err = NULL;

    int rc = api_cluster_match_role_sets(internal, find, sets, &err);

    assert_int_equal(rc, c->code ? -1 : 0);
    if (!c->code)
        return;
    assert_non_null(strstr(error_text(err), c->text));
    rig_assert_refused(&err, c->code, c->target);
}

static void other_clusters_need_no_roles(void **state)
{
    (void)state;
    cleanup_json json *internal =
        rig_give_json("{'properties':{'servicePrincipalProfile':{},'clusterProfile':{}}}");

    assert_int_equal(api_cluster_match_role_sets(internal, find, NULL, NULL), 0);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(match_cases) + 1] = {
        CASE("clusters with a service principal need no roles", other_clusters_need_no_roles),
    };
    for (size_t i = 0; i < ARRAY_LEN(match_cases); i++)
        tests[1 + i] =
            (struct CMUnitTest)CASE_OF(match_cases[i].name, check_match, &match_cases[i]);
    return RUN_CASES("role_match", tests);
}
