#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/clock.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/crypt/ssl_error.h"
#include "pkg/crypt/ssl_types.h"

#define NAME_CHARS 64
#define NAMES_MAX ((size_t)64 << 10)

/* OpenSSL holds names to the 64 characters of X.520, but the users of Kubernetes have longer ones, which its servers (and
 * OpenSSL) read all the same. */
static int add_entry(X509_NAME *name, int nid, const char *text)
{
    int type = strlen(text) <= NAME_CHARS ? MBSTRING_UTF8 : V_ASN1_UTF8STRING;
    if (!utf8_is_valid(text, strlen(text)))
        return -1;
    return X509_NAME_add_entry_by_NID(name, nid, type, (const unsigned char *)text, -1, -1, 0) ? 0
                                                                                               : -1;
}

static int set_subject(X509 *cert, const struct x509_request *req)
{
    X509_NAME *name = X509_get_subject_name(cert);
    for (size_t i = 0; req->organizations && req->organizations[i]; i++)
        if (add_entry(name, NID_organizationName, req->organizations[i]) < 0)
            return -1;
    if (req->organizational_unit &&
        add_entry(name, NID_organizationalUnitName, req->organizational_unit) < 0)
        return -1;
    return add_entry(name, NID_commonName, req->common_name);
}

static int set_serial(X509 *cert)
{
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return -1;
    bytes[0] &= 0x7f;
    BIGNUM *n = BN_bin2bn(bytes, sizeof(bytes), NULL);
    ASN1_INTEGER *set = BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));
    BN_free(n);
    return set ? 0 : -1;
}

static int add_extension(X509 *cert, X509V3_CTX *ctx, int nid, const char *value)
{
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
    if (!ext)
        return -1;
    int added = X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
    return added ? 0 : -1;
}

static void add_names(struct buf *b, const char *prefix, const char *const *names)
{
    for (size_t i = 0; names && names[i]; i++)
        buf_addf(b, "%s%s:%s", b->len ? "," : "", prefix, names[i]);
}

static int set_extensions(X509 *cert, X509 *issuer, const struct x509_request *req)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    const char *usage = req->is_ca ? "critical,digitalSignature,keyCertSign,cRLSign"
                                   : "critical,digitalSignature,keyEncipherment";
    cleanup_buf struct buf extended = BUF_INIT(NAMES_MAX);
    cleanup_buf struct buf names = BUF_INIT(NAMES_MAX);
    if (req->is_client)
        buf_adds(&extended, "clientAuth");
    if (req->is_server)
        buf_addf(&extended, "%sserverAuth", extended.len ? "," : "");
    add_names(&names, "DNS", req->dns_names);
    add_names(&names, "IP", req->ip_addresses);
    if (add_extension(cert, &ctx, NID_basic_constraints,
                      req->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE") < 0 ||
        add_extension(cert, &ctx, NID_key_usage, usage) < 0 ||
        add_extension(cert, &ctx, NID_subject_key_identifier, "hash") < 0 ||
        add_extension(cert, &ctx, NID_authority_key_identifier, "keyid") < 0)
        return -1;
    if (extended.len && add_extension(cert, &ctx, NID_ext_key_usage, buf_str(&extended)) < 0)
        return -1;
    return names.len ? add_extension(cert, &ctx, NID_subject_alt_name, buf_str(&names)) : 0;
}

static int fill(X509 *cert, EVP_PKEY *key, X509 *issuer, const struct x509_request *req)
{
    if (!X509_set_version(cert, 2) || set_serial(cert) < 0 || set_subject(cert, req) < 0 ||
        !X509_set_pubkey(cert, key))
        return -1;
    if (!ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(req->not_before_wall_ns / NS_PER_S)) ||
        !ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(req->not_after_wall_ns / NS_PER_S)))
        return -1;
    if (!X509_set_issuer_name(cert, X509_get_subject_name(issuer)))
        return -1;
    return set_extensions(cert, issuer, req);
}

static int write_pems(X509 *cert, EVP_PKEY *key, char **ret_cert, struct secret **ret_key,
                      struct error **err)
{
    cleanup_bio BIO *certs = BIO_new(BIO_s_mem());
    cleanup_bio BIO *keys = BIO_new(BIO_s_secmem());
    if (!PEM_write_bio_X509(certs, cert) ||
        !PEM_write_bio_PKCS8PrivateKey(keys, key, NULL, NULL, 0, NULL, NULL))
        return ssl_error(err, ERR_INTERNAL, "writing a certificate");
    char *text;
    long len = BIO_get_mem_data(certs, &text);
    *ret_cert = xstrndup(text, (size_t)len);
    len = BIO_get_mem_data(keys, &text);
    *ret_key = secret_new(text, (size_t)len);
    return 0;
}

int x509_make(const struct x509_request *req, char **ret_cert_pem, struct secret **ret_key_pem,
              struct error **err)
{
    cleanup_pkey EVP_PKEY *key = req->rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    cleanup_x509 X509 *cert = X509_new();
    cleanup_chain STACK_OF(X509) *issuer = NULL;
    cleanup_pkey EVP_PKEY *issuer_key = NULL;
    if (!key || !cert)
        return ssl_error(err, ERR_INTERNAL, "making a key");
    if (req->issuer_cert_pem && (pem_read_chain(req->issuer_cert_pem, &issuer, err) < 0 ||
                                 pem_read_key(req->issuer_key_pem, &issuer_key, err) < 0))
        return error_wrap(err, "issuer");
    X509 *signer = issuer ? sk_X509_value(issuer, 0) : cert;
    if (fill(cert, key, signer, req) < 0 ||
        !X509_sign(cert, issuer_key ? issuer_key : key, EVP_sha256()))
        return ssl_error(err, ERR_INVALID, "making a certificate");
    return write_pems(cert, key, ret_cert_pem, ret_key_pem, err);
}
