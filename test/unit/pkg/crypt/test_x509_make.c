#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "pkg/crypt/crypt.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/test.h"

static void check_keys(void **state)
{
    (void)state;
    struct pair ca = pair_make("ca", NULL, false, true);
    struct pair leaf = pair_make("leaf", &ca, false, false);

    assert_int_equal(pem_check_key_matches(ca.cert, ca.key, NULL), 0);
    assert_int_equal(pem_check_key_matches(leaf.cert, leaf.key, NULL), 0);
    pair_release(&leaf);
    pair_release(&ca);
}

static void check_bad_requests(void **state)
{
    (void)state;
    static const char *const bad_ips[] = { "not an address", NULL };
    struct x509_request requests[] = {
        { .common_name = "x", .ip_addresses = bad_ips, .not_after_wall_ns = DAY_NS },
        { .common_name = "x", .issuer_cert_pem = "nothing", .not_after_wall_ns = DAY_NS },
    };
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        char *cert = NULL;
        struct secret *key = NULL;
        cleanup_error struct error *err = NULL;
        assert_int_equal(x509_make(&requests[i], &cert, &key, &err), -1);
        assert_true(error_is(err, ERR_INVALID));
    }
}

static X509 *give_certificate(const char *pem)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    X509 *cert = PEM_read_bio_X509(in, NULL, NULL, NULL);
    BIO_free(in);
    assert_non_null(cert);
    return cert;
}

/* Load balancers that probe by HTTPS refuse a certificate which seems to be its own issuer. */
static void check_key_ids(void **state)
{
    (void)state;
    struct pair ca = pair_make("ca", NULL, false, false);
    struct pair leaf = pair_make("leaf", &ca, false, false);
    X509 *ca_cert = give_certificate(ca.cert), *leaf_cert = give_certificate(leaf.cert);

    const ASN1_OCTET_STRING *authority = X509_get0_authority_key_id(leaf_cert);
    const ASN1_OCTET_STRING *own = X509_get0_subject_key_id(leaf_cert);

    assert_non_null(authority);
    assert_non_null(own);
    assert_int_not_equal(ASN1_OCTET_STRING_cmp(authority, own), 0);
    assert_int_equal(ASN1_OCTET_STRING_cmp(authority, X509_get0_subject_key_id(ca_cert)), 0);
    X509_free(leaf_cert);
    X509_free(ca_cert);
    pair_release(&leaf);
    pair_release(&ca);
}

static void check_unit(void **state)
{
    (void)state;
    struct x509_request request = { .common_name = "root-ca",
                                    .organizational_unit = "openshift",
                                    .is_ca = true,
                                    .not_after_wall_ns = DAY_NS };
    cleanup_free char *pem = NULL;
    cleanup_secret struct secret *key = NULL;
    char text[64] = "";

    assert_int_equal(x509_make(&request, &pem, &key, NULL), 0);

    X509 *cert = give_certificate(pem);
    X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_organizationalUnitName, text,
                              sizeof(text));
    assert_string_equal(text, "openshift");
    X509_free(cert);
}

static void check_long_name(void **state)
{
    (void)state;
    static const char long_name[] =
        "system:serviceaccount:openshift-machine-config-operator:node-bootstrapper";
    struct x509_request request = { .common_name = long_name, .not_after_wall_ns = DAY_NS };
    cleanup_free char *pem = NULL, *none = NULL;
    cleanup_secret struct secret *key = NULL;
    char text[128] = "";

    assert_int_equal(x509_make(&request, &pem, &key, NULL), 0);
    request.common_name = "\xff";
    assert_int_equal(x509_make(&request, &none, &key, NULL), -1);

    X509 *cert = give_certificate(pem);
    X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, text, sizeof(text));
    assert_string_equal(text, long_name);
    X509_free(cert);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("made certificates fit their keys", check_keys),
        CASE("a leaf's key identifiers are two", check_key_ids),
        CASE("the subject has its organizational unit", check_unit),
        CASE("names may be as long as Kubernetes has them", check_long_name),
        CASE("a wrong address or issuer is refused", check_bad_requests),
    };
    return RUN_CASES("x509_make", tests);
}
