#include <string.h>

#include "rp/cluster/service_principal.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

#define SIGNS_IN \
    { \
        .request = "POST https://login.microsoftonline.com/" RIG_TENANT "/oauth2/v2.0/token\n" \
                   "Content-Type: application/x-www-form-urlencoded\nAccept: application/json\n\n" \
                   "grant_type=client_credentials&client_id=cluster-app&scope=https%3A%2F%2F" \
                   "graph.microsoft.com%2F%2F.default&client_secret=s%26cret", \
        .reply = "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"t1\"}" \
    }
#define LOOKS \
    .request = "GET https://graph.microsoft.com/v1.0/servicePrincipals" \
               "?$filter=appId%20eq%20%27cluster-app%27\nAccept: application/json\n@gzip: true\n"
#define FOUND(id) .reply = "{\"value\":[{\"id\":\"" id "\",\"appId\":\"cluster-app\"}]}"
#define NOBODY .reply = "{\"value\":[]}"
#define UNKNOWN \
    .status = 403, \
    .reply = "{\"error\":{\"code\":\"Authorization_IdentityNotFound\",\"message\":\"m\"}}"
#define SHORT "ARO_RP_VALIDATE_TOKEN_TIMEOUT_MS=20000"
#define CODE "InvalidServicePrincipalCredentials"

struct id_case {
    const char *name, *properties;
    struct script_step script[4];
    size_t len;
    const char *want; /* NULL: refused */
    const char *want_code, *want_text;
};
static struct id_case cases[] = {
    { "the object ID is what the directory says",
      "{}",
      { SIGNS_IN, { LOOKS, FOUND("oid") } },
      2,
      "oid",
      NULL,
      NULL },
    { "also when another application was there before",
      "{'servicePrincipalProfile':{'spObjectId':'old'}}",
      { SIGNS_IN, { LOOKS, FOUND("oid") } },
      2,
      "oid",
      NULL,
      NULL },
    { "a new application is waited for",
      "{}",
      { SIGNS_IN, { LOOKS, UNKNOWN }, { LOOKS, NOBODY }, { LOOKS, FOUND("oid") } },
      4,
      "oid",
      NULL,
      NULL },
    { "but not for ever",
      "{}",
      { SIGNS_IN, { LOOKS, UNKNOWN }, { LOOKS, UNKNOWN }, { LOOKS, UNKNOWN } },
      4,
      NULL,
      CODE,
      "The directory does not know the service principal of the application 'cluster-app': "
      "Authorization_IdentityNotFound." },
    { "one without a service principal is refused",
      "{}",
      { SIGNS_IN, { LOOKS, NOBODY }, { LOOKS, NOBODY }, { LOOKS, NOBODY } },
      4,
      NULL,
      CODE,
      "The directory does not know the service principal of the application 'cluster-app'." },
    { "another failure is told",
      "{}",
      { SIGNS_IN,
        { LOOKS, .status = 400, .reply = "{\"error\":{\"code\":\"x\",\"message\":\"m\"}}" } },
      2,
      NULL,
      "x",
      "/v1.0/servicePrincipals?$filter=appId%20eq%20%27cluster-app%27: x: m" },
};

static void check(void **state)
{
    const struct id_case *c = *state;
    static const char *const env[] = { SHORT, NULL };
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    cluster_rig_open_env(&r, c->properties, env, c->script, c->len);

    int result = cluster_ensure_sp_object_id(r.c, &r.ctx, &err);

    assert_int_equal(result, c->want ? 0 : -1);
    cluster_rig_assert(&r, "servicePrincipalProfile.spObjectId", c->want);
    cluster_rig_assert(&r, "servicePrincipalProfile.clientId", "cluster-app");
    if (c->want)
        return;
    assert_string_equal(error_text(err), c->want_text);
    assert_string_equal(error_get_code(err), c->want_code);
}

static void clients_need_a_service_principal(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    cluster_rig_open(&r, "{'servicePrincipalProfile':{'clientId':null}}", NULL, 0);

    assert_int_equal(cluster_initialize_sp_clients(r.c, &r.ctx, &err), -1);

    assert_string_equal(error_get_code(err), CODE);
}

static void clients_are_made_without_asking_anybody(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);

    assert_int_equal(cluster_initialize_sp_clients(r.c, &r.ctx, NULL), 0);

    assert_non_null(r.c->arms[AS_CLUSTER]);
}

/* Whoever maintains the cluster does not wait for what only its owner can mend. */
static void maintenance_keeps_what_is_known(void **state)
{
    (void)state;
    struct script_step script[] = { SIGNS_IN, { LOOKS, UNKNOWN }, { LOOKS, FOUND("new") } };
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{'servicePrincipalProfile':{'spObjectId':'old'}}", script, 3);

    assert_int_equal(cluster_refresh_sp_object_id(r.c, &r.ctx, NULL), 0);
    cluster_rig_assert(&r, "servicePrincipalProfile.spObjectId", "old");
    assert_int_equal(cluster_refresh_sp_object_id(r.c, &r.ctx, NULL), 0);
    cluster_rig_assert(&r, "servicePrincipalProfile.spObjectId", "new");
}

static void maintenance_finds_what_is_not_known(void **state)
{
    (void)state;
    static const char *const env[] = { SHORT, NULL };
    struct script_step script[] = { SIGNS_IN, { LOOKS, NOBODY }, { LOOKS, FOUND("oid") } };
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open_env(&r, "{}", env, script, 3);

    assert_int_equal(cluster_refresh_sp_object_id(r.c, &r.ctx, NULL), 0);

    cluster_rig_assert(&r, "servicePrincipalProfile.spObjectId", "oid");
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        CASE("clients need a service principal", clients_need_a_service_principal),
        CASE("clients are made without asking anybody", clients_are_made_without_asking_anybody),
        CASE("maintenance keeps what is known", maintenance_keeps_what_is_known),
        CASE("maintenance finds what is not known", maintenance_finds_what_is_not_known),
    };
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(others)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    memcpy(&tests[ARRAY_LEN(cases)], others, sizeof(others));
    return RUN_CASES("service principal of a cluster", tests);
}
