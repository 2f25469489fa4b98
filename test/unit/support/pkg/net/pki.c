#include "test/unit/support/pkg/net/pki.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"

static void must(int ok)
{
    if (ok <= 0)
        abort();
}

static char *give_text(BIO *bio)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    char *text = xstrndup(data, (size_t)len);
    BIO_free(bio);
    return text;
}

static void add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    must(ext && X509_add_ext(cert, ext, -1));
    X509_EXTENSION_free(ext);
}

static X509 *cert_new(const char *name, EVP_PKEY *key)
{
    X509 *cert = X509_new();
    uint64_t serial = 0;
    must(RAND_bytes((unsigned char *)&serial, sizeof(serial)));
    must(X509_set_version(cert, 2));
    must(ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1));
    must(X509_gmtime_adj(X509_getm_notBefore(cert), -3600) != NULL);
    must(X509_gmtime_adj(X509_getm_notAfter(cert), 24 * 3600L) != NULL);
    must(X509_set_pubkey(cert, key));
    must(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                                    (const unsigned char *)name, -1, -1, 0));
    return cert;
}

static struct test_cert *give_pem(X509 *cert, EVP_PKEY *key)
{
    struct test_cert *c = xnew(struct test_cert);
    BIO *cert_bio = BIO_new(BIO_s_mem()), *key_bio = BIO_new(BIO_s_mem());
    must(PEM_write_bio_X509(cert_bio, cert));
    must(PEM_write_bio_PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL));
    c->cert_pem = give_text(cert_bio);
    c->key_pem = give_text(key_bio);
    X509_free(cert);
    EVP_PKEY_free(key);
    return c;
}

struct test_cert *test_ca_new(const char *name)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = cert_new(name, key);
    must(X509_set_issuer_name(cert, X509_get_subject_name(cert)));
    add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign");
    must(X509_sign(cert, key, EVP_sha256()));
    return give_pem(cert, key);
}

struct test_cert *test_cert_new(const struct test_cert *ca, const char *name, const char *alt_names)
{
    BIO *bio = BIO_new_mem_buf(ca->cert_pem, -1);
    X509 *ca_cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    bio = BIO_new_mem_buf(ca->key_pem, -1);
    EVP_PKEY *ca_key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);

    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = cert_new(name, key);
    must(X509_set_issuer_name(cert, X509_get_subject_name(ca_cert)));
    if (alt_names)
        add_extension(cert, ca_cert, NID_subject_alt_name, alt_names);
    must(X509_sign(cert, ca_key, EVP_sha256()));
    X509_free(ca_cert);
    EVP_PKEY_free(ca_key);
    return give_pem(cert, key);
}

void test_cert_free(struct test_cert *c)
{
    if (!c)
        return;
    free(c->cert_pem);
    free(c->key_pem);
    free(c);
}
