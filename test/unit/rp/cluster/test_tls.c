#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/tls.h"
#include "test/unit/support/pkg/net/pki.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define VAULT "https://test-cls.vault.azure.net/secrets/"
#define APISERVER(spec) \
    "{'apiVersion':'config.openshift.io/v1','kind':'APIServer','metadata':{'name':'cluster'}," \
    "'spec':{" spec "}}"
#define INGRESS \
    "{'apiVersion':'operator.openshift.io/v1','kind':'IngressController'," \
    "'metadata':{'name':'default','namespace':'openshift-ingress-operator'},'spec':{'replicas':2}" \
    "}"
#define NAMESPACE(name) "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'" name "'}}"
#define NAMED "spec.servingCerts.namedCertificates"

/* Key first, as no server wants it. */
struct bundle {
    struct test_cert *ca, *leaf;
    char *reply;
};

static void bundle_open(struct bundle *b)
{
    b->ca = test_ca_new("signer");
    b->leaf = test_cert_new(b->ca, "api.a.aro.example.com", NULL);
    cleanup_free char *pem =
        xasprintf("%s%s%s", b->leaf->key_pem, b->leaf->cert_pem, b->ca->cert_pem);
    cleanup_json json *reply = json_make("{'value':%s,'contentType':'application/x-pem-file',"
                                         "'id':'https://v/secrets/n/1','attributes':"
                                         "{'enabled':true,'created':1}}",
                                         pem);
    b->reply = json_give_text(reply);
}

static void bundle_close(struct bundle *b)
{
    test_cert_free(b->ca);
    test_cert_free(b->leaf);
    free(b->reply);
}

static char *give_value(struct inside_rig *r, const char *nspace, const char *name, const char *key)
{
    cleanup_free char *path = xasprintf("data[\"%s\"]", key);
    const char *encoded = inside_rig_text(r, &GVR_SECRETS, nspace, name, path);
    char *text = NULL;
    size_t len;
    if (!encoded)
        fail_msg("Secret %s/%s has no %s", nspace, name, key);
    assert_int_equal(base64_parse(encoded, strlen(encoded), &text, &len, NULL), 0);
    return text;
}

static void assert_secret(struct inside_rig *r, const char *nspace, const char *name,
                          const struct bundle *b)
{
    cleanup_free char *certs = give_value(r, nspace, name, "tls.crt");
    cleanup_free char *key = give_value(r, nspace, name, "tls.key");
    cleanup_free char *chain = xasprintf("%s%s", b->leaf->cert_pem, b->ca->cert_pem);
    assert_string_equal(certs, chain);
    assert_true(str_starts(key, "-----BEGIN PRIVATE KEY-----"));
    assert_string_equal(inside_rig_text(r, &GVR_SECRETS, nspace, name, "type"),
                        "kubernetes.io/tls");
}

static void the_api_server_gets_the_certificate_of_the_vault(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    struct bundle b;
    bundle_open(&b);
    const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request =
              "GET " VAULT "id-a-apiserver?api-version=7.3\nAccept: application/json\n@gzip: true",
          .reply = b.reply },
        { .reply = b.reply },
    };
    inside_rig_open_env(&r, "{}", inside_rig_production, script, ARRAY_LEN(script));
    fake_cluster_add(&r.inside, APISERVER("'servingCerts':{'namedCertificates':["
                                          "{'names':['own.example.com'],'servingCertificate':"
                                          "{'name':'own'}},{'names':['api.a." RIG_ZONE
                                          "'],'servingCertificate':{'name':'older'}}]}"));
    fake_cluster_add(&r.inside, NAMESPACE("openshift-azure-operator"));

    inside_rig_must(&r, cluster_configure_api_server_certificate);
    fake_cluster_forget_writes(&r.inside);
    inside_rig_must(&r, cluster_configure_api_server_certificate);

    json *apiserver = fake_cluster_get(&r.inside, &GVR_APISERVERS, NULL, "cluster");
    assert_int_equal(json_len(json_path(apiserver, NAMED)), 2);
    assert_string_equal(json_path_str(apiserver, NAMED "[0].names[0]"), "api.a." RIG_ZONE);
    assert_string_equal(json_path_str(apiserver, NAMED "[0].servingCertificate.name"),
                        "id-a-apiserver");
    assert_string_equal(json_path_str(apiserver, NAMED "[1].servingCertificate.name"), "own");
    assert_secret(&r, "openshift-config", "id-a-apiserver", &b);
    assert_secret(&r, "openshift-azure-operator", "id-a-apiserver", &b);
    fake_cluster_must_not_write(&r.inside);
    bundle_close(&b);
}

static void the_ingress_gets_the_certificate_of_the_vault(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    struct bundle b;
    bundle_open(&b);
    const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request =
              "GET " VAULT "id-a-ingress?api-version=7.3\nAccept: application/json\n@gzip: true",
          .reply = b.reply },
    };
    inside_rig_open_env(&r, "{}", inside_rig_production, script, ARRAY_LEN(script));
    fake_cluster_add(&r.inside, INGRESS);

    inside_rig_must(&r, cluster_configure_ingress_certificate);

    json *ingress = fake_cluster_get(&r.inside, &GVR_INGRESSCONTROLLERS,
                                     "openshift-ingress-operator", "default");
    assert_string_equal(json_path_str(ingress, "spec.defaultCertificate.name"), "id-a-ingress");
    assert_int_equal(json_path_int(ingress, "spec.replicas", 0), 2);
    assert_secret(&r, "openshift-ingress", "id-a-ingress", &b);
    assert_null(
        fake_cluster_get(&r.inside, &GVR_SECRETS, "openshift-azure-operator", "id-a-ingress"));
    bundle_close(&b);
}

static void a_renewed_certificate_replaces_the_older(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    struct bundle first, second;
    bundle_open(&first);
    bundle_open(&second);
    const struct script_step script[] = { RIG_TOKEN_STEP,
                                          { .reply = first.reply },
                                          { .reply = second.reply } };
    inside_rig_open_env(&r, "{}", inside_rig_production, script, ARRAY_LEN(script));
    fake_cluster_add(&r.inside, INGRESS);

    inside_rig_must(&r, cluster_configure_ingress_certificate);
    assert_secret(&r, "openshift-ingress", "id-a-ingress", &first);
    inside_rig_must(&r, cluster_configure_ingress_certificate);

    assert_secret(&r, "openshift-ingress", "id-a-ingress", &second);
    bundle_close(&first);
    bundle_close(&second);
}

static void unmanaged_domains_and_development_keep_the_installers(void **state)
{
    (void)state;
    static const struct {
        const char *properties;
        const char *const *env;
    } cases[] = {
        { "{'clusterProfile':{'domain':'own.example.org'}}", inside_rig_production },
        { "{}", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_inside_rig struct inside_rig r;
        inside_rig_open_env(&r, cases[i].properties, cases[i].env, NULL, 0);

        inside_rig_must(&r, cluster_configure_api_server_certificate);
        inside_rig_must(&r, cluster_configure_ingress_certificate);

        assert_int_equal(r.inside.reads, 0);
        fake_cluster_must_not_write(&r.inside);
    }
}

static void a_certificate_that_is_not_there_is_named(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .status = 404,
          .reply = "{\"error\":{\"code\":\"SecretNotFound\",\"message\":\"none\"}}" },
    };
    inside_rig_open_env(&r, "{}", inside_rig_production, script, ARRAY_LEN(script));

    assert_int_equal(cluster_configure_api_server_certificate(r.c, r.ctx, &err), -1);

    assert_true(str_starts(error_text(err), "the certificate id-a-apiserver"));
    fake_cluster_must_not_write(&r.inside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the API server gets the certificate of the vault",
             the_api_server_gets_the_certificate_of_the_vault),
        CASE("the ingress gets the certificate of the vault",
             the_ingress_gets_the_certificate_of_the_vault),
        CASE("a renewed certificate replaces the older", a_renewed_certificate_replaces_the_older),
        CASE("unmanaged domains and development keep the installer's",
             unmanaged_domains_and_development_keep_the_installers),
        CASE("a certificate that is not there is named", a_certificate_that_is_not_there_is_named),
    };
    return RUN_CASES("tls", tests);
}
