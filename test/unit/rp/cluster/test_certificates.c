#include <string.h>

#include "rp/cluster/certificates.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define URL(name, more) \
    "https://dev-cls.vault.azure.net/certificates/id-a-" name more "?api-version=7.3"
#define GONE ARM_ERROR(404, "CertificateNotFound", "gone")
#define COMPLETED \
    { \
        .reply = "{\"status\":\"completed\"}" \
    }
static const char *const env[] = { "KEYVAULT_PREFIX=dev", NULL };

static void check_create(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        GONE,
        { .status = 202, .reply = "{}" },
        GONE,
        { .status = 202, .reply = "{}" },
        COMPLETED,
        COMPLETED,
    };
    struct cluster_rig r;
    cluster_rig_open_env(&r, "{}", env, script, ARRAY_LEN(script));

    run_step(&r, cluster_create_certificates);

    const char *api = r.transport.requests.v[2], *ingress = r.transport.requests.v[4];
    assert_non_null(strstr(api, "POST " URL("apiserver", "/create")));
    assert_non_null(strstr(api, "\"CN=api.a.aro.example.com\""));
    assert_non_null(strstr(api, "\"dns_names\":[\"api.a.aro.example.com\"]"));
    assert_non_null(strstr(ingress, "POST " URL("ingress", "/create")));
    assert_non_null(strstr(ingress, "\"dns_names\":[\"*.apps.a.aro.example.com\"]"));
    cluster_rig_close(&r);
}

/* A name of a certificate holds 64 characters. */
static void check_long_name(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        GONE,
        { .status = 202, .reply = "{}" },
        GONE,
        { .status = 202, .reply = "{}" },
        COMPLETED,
        COMPLETED,
    };
    struct cluster_rig r;
    cluster_rig_open_env(
        &r, "{'clusterProfile':{'domain':'a123456789b123456789c123456789d123456789e123'}}", env,
        script, ARRAY_LEN(script));

    run_step(&r, cluster_create_certificates);

    assert_non_null(strstr(r.transport.requests.v[2], "CN=api.a1234"));
    assert_non_null(strstr(r.transport.requests.v[4], "CN=reserved.aro.example.com"));
    assert_non_null(strstr(r.transport.requests.v[4], "[\"*.apps.a1234"));
    cluster_rig_close(&r);
}

/* Only the one that somebody else issued. */
static void check_issuer(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = REQUEST("GET", URL("apiserver", "/policy")),
          .reply = "{\"issuer\":{\"name\":\"digicert01\"}}" },
        { .status = 202, .reply = "{}" },
        COMPLETED,
        { .request = REQUEST("GET", URL("ingress", "/policy")),
          .reply = "{\"issuer\":{\"name\":\"Self\"}}" },
    };
    struct cluster_rig r;
    cluster_rig_open_env(&r, "{}", env, script, ARRAY_LEN(script));

    run_step(&r, cluster_correct_certificate_issuer);

    const char *create = r.transport.requests.v[2];
    assert_non_null(strstr(create, "POST " URL("apiserver", "/create")));
    assert_non_null(strstr(create, "\"issuer\":{\"name\":\"Self\"}"));
    assert_non_null(strstr(create, "\"CN=api.a.aro.example.com\""));
    cluster_rig_close(&r);
}

static void check_delete(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = REQUEST("DELETE", URL("apiserver", "")), .reply = "{}" },
        { .request = REQUEST("DELETE", URL("ingress", "")),
          .status = 404,
          .reply = "{\"error\":{\"code\":\"CertificateNotFound\"}}" },
    };
    struct cluster_rig r;
    cluster_rig_open_env(&r, "{}", env, script, ARRAY_LEN(script));

    run_step(&r, cluster_delete_certificates);

    cluster_rig_close(&r);
}

static void check_no_vault(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);

    cleanup_error struct error *err = fail_step(&r, cluster_create_certificates);

    assert_non_null(strstr(error_text(err), "KEYVAULT_PREFIX"));
    cluster_rig_close(&r);
}

static void check_unmanaged(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open(&r, "{'clusterProfile':{'domain':'a.example.org'}}", NULL, 0);

    run_step(&r, cluster_create_certificates);

    cluster_rig_close(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("both are asked for, then waited for", check_create),
        CASE("a long name stands beside a short one", check_long_name),
        CASE("one of another issuer is made anew", check_issuer),
        CASE("both are deleted, if they are there", check_delete),
        CASE("without a vault it is told which variable is missing", check_no_vault),
        CASE("a domain of the customer's gets none", check_unmanaged),
    };
    return RUN_CASES("certificates", tests);
}
