#include "pkg/base/encoding.h"
#include "pkg/crypt/crypt.h"
#include "test/unit/hack/devcloud/azure/vault_rig.h"

static void check_policies(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    static const char *const bodies[] = {
        "{'policy':{'x509_props':{'subject':'CN=a'}}}",
        VAULT_POLICY("Self", "'subject':'O=a'"),
        VAULT_POLICY("Self", "'subject':'CN='"),
        VAULT_POLICY("Self", "'subject':'CN=0123456789012345678901234567890123456789012345678901234"
                             "5678901234'"),
        "{'policy':{'issuer':{'name':'Self'},'secret_props':{'contentType':'text/plain'},"
        "'x509_props':{'subject':'CN=a'}}}",
        "{'policy':{'issuer':{'name':'Self'},'key_props':{'kty':'RSA','key_size':1024},"
        "'x509_props':{'subject':'CN=a'}}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        rig_refused(&r, "POST", "/certificates/n/create" VAULT_VERSION, bodies[i], 400,
                    "BadParameter");
}

/* The chain leads to the authority, the key is the certificate's, and names and time are as asked for. */
static void check_certificate(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    cleanup_reply struct rig_reply secret = { 0 }, cert = { 0 };
    cleanup_free char *certs = NULL, *der = NULL;
    cleanup_secret struct secret *key = NULL;
    struct x509_facts facts = { 0 };
    size_t count = 0, len = 0;

    vault_rig_issue(&r, "n", VAULT_WISH);

    rig_call(&r, "GET", "/secrets/n" VAULT_VERSION, NULL, &secret);
    rig_call(&r, "GET", "/certificates/n" VAULT_VERSION, NULL, &cert);
    assert_string_equal(json_path_str(secret.body, "contentType"), "application/x-pem-file");
    assert_true(json_path_bool(secret.body, "managed", false));
    assert_non_null(strstr(json_path_str(secret.body, "kid"), "/keys/n/"));
    assert_int_equal(pem_split_bundle(json_path_str(secret.body, "value"), &certs, &key, NULL), 0);
    assert_int_equal(pem_check_certs(certs, &count, NULL, NULL), 0);
    assert_int_equal(count, 2);
    assert_int_equal(pem_check_key_matches(certs, key, NULL), 0);
    assert_non_null(strstr(certs, azure_sim_ca_pem(r.sim)));
    const char *cer = json_path_str(cert.body, "cer");
    assert_int_equal(base64_parse(cer, strlen(cer), &der, &len, NULL), 0);
    assert_int_equal(x509_read_der(der, len, &facts, NULL), 0);
    assert_string_equal(facts.common_name, "api.example.com");
    assert_string_equal(facts.dns_names.v[0], "api.example.com");
    int64_t left_s = (facts.not_after_wall_ns - clock_wall_ns(&r.clock.base)) / NS_PER_S;
    assert_in_range(left_s, 89 * 86400, 91 * 86400);
    assert_int_equal(json_path_int(cert.body, "attributes.exp", 0),
                     facts.not_after_wall_ns / NS_PER_S);
    x509_facts_release(&facts);
}

static void check_self(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    vault_rig_open(&r);
    cleanup_reply struct rig_reply secret = { 0 };
    cleanup_free char *certs = NULL;
    cleanup_secret struct secret *key = NULL;
    size_t count = 0;

    vault_rig_issue(&r, "n",
                    "{'policy':{'issuer':{'name':'Self'},'x509_props':{'subject':'CN=a'}}}");

    rig_call(&r, "GET", "/secrets/n" VAULT_VERSION, NULL, &secret);
    assert_int_equal(pem_split_bundle(json_path_str(secret.body, "value"), &certs, &key, NULL), 0);
    assert_int_equal(pem_check_certs(certs, &count, NULL, NULL), 0);
    assert_int_equal(count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("policies that cannot be met are refused", check_policies),
        CASE("a certificate comes with its key and its chain", check_certificate),
        CASE("one may sign itself", check_self),
    };
    return RUN_CASES("vault_issue", tests);
}
