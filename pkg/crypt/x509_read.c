#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/crypt/ssl_error.h"
#include "pkg/crypt/ssl_types.h"

static int read_der(const void *der, size_t len, X509 **ret, struct error **err)
{
    const unsigned char *p = der;
    *ret = d2i_X509(NULL, &p, (long)len);
    return *ret ? 0 : ssl_error(err, ERR_INVALID, "reading a certificate");
}

/* Text of a name entry in UTF-8; NULL when it holds a NUL, which only an attacker would put there. */
static char *give_entry_text(X509_NAME_ENTRY *entry)
{
    unsigned char *text = NULL;
    int len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
    char *out = len >= 0 && memchr(text, 0, (size_t)len) == NULL
                    ? xstrndup((char *)text, (size_t)len)
                    : NULL;
    OPENSSL_free(text);
    return out;
}

static void read_subject(X509 *cert, struct x509_facts *f)
{
    X509_NAME *name = X509_get_subject_name(cert);
    for (int i = 0; i < X509_NAME_entry_count(name); i++) {
        X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
        cleanup_free char *text = give_entry_text(entry);
        if (text && nid == NID_commonName) {
            free(f->common_name);
            f->common_name = take(text);
        } else if (text && nid == NID_organizationName) {
            strv_add(&f->organizations, text);
        }
    }
}

static void read_names(X509 *cert, struct x509_facts *f)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
        const ASN1_STRING *s = n->type == GEN_DNS     ? n->d.dNSName
                               : n->type == GEN_IPADD ? n->d.iPAddress
                                                      : NULL;
        if (!s)
            continue;
        const unsigned char *data = ASN1_STRING_get0_data(s);
        size_t len = (size_t)ASN1_STRING_length(s);
        char ip[INET6_ADDRSTRLEN];
        if (n->type == GEN_DNS && !memchr(data, 0, len))
            strv_take(&f->dns_names, xstrndup((const char *)data, len));
        else if (n->type == GEN_IPADD && (len == 4 || len == 16) &&
                 inet_ntop(len == 4 ? AF_INET : AF_INET6, data, ip, sizeof(ip)))
            strv_add(&f->ip_addresses, ip);
    }
    GENERAL_NAMES_free(names);
}

static bool names_own_key(X509 *cert)
{
    const ASN1_OCTET_STRING *own = X509_get0_subject_key_id(cert);
    const ASN1_OCTET_STRING *authority = X509_get0_authority_key_id(cert);
    return own && authority && ASN1_OCTET_STRING_cmp(own, authority) == 0;
}

int x509_read_der(const void *der, size_t len, struct x509_facts *ret, struct error **err)
{
    cleanup_x509 X509 *cert = NULL;
    if (read_der(der, len, &cert, err) < 0)
        return -1;
    struct x509_facts f = { 0 };
    if (asn1_time_ns(X509_get0_notBefore(cert), &f.not_before_wall_ns, err) < 0 ||
        asn1_time_ns(X509_get0_notAfter(cert), &f.not_after_wall_ns, err) < 0)
        return -1;
    read_subject(cert, &f);
    read_names(cert, &f);
    f.names_own_key = names_own_key(cert);
    *ret = f;
    return 0;
}

void x509_facts_release(struct x509_facts *f)
{
    free(f->common_name);
    strv_release(&f->organizations);
    strv_release(&f->dns_names);
    strv_release(&f->ip_addresses);
    *f = (struct x509_facts){ 0 };
}

int x509_verify_client(const void *leaf_der, size_t leaf_len, const char *ca_pem, int64_t wall_ns,
                       struct error **err)
{
    return x509_verify_client_chain(leaf_der, leaf_len, NULL, 0, ca_pem, wall_ns, err);
}

static int read_chain(const struct x509_der *chain, size_t len, STACK_OF(X509) * *ret,
                      struct error **err)
{
    cleanup_chain STACK_OF(X509) *certs = sk_X509_new_null();
    for (size_t i = 0; i < len; i++) {
        X509 *cert;
        if (read_der(chain[i].der, chain[i].len, &cert, err) < 0)
            return -1;
        sk_X509_push(certs, cert);
    }
    *ret = take(certs);
    return 0;
}

int x509_verify_client_chain(const void *leaf_der, size_t leaf_len, const struct x509_der *chain,
                             size_t chain_len, const char *ca_pem, int64_t wall_ns,
                             struct error **err)
{
    cleanup_x509 X509 *leaf = NULL;
    cleanup_chain STACK_OF(X509) *roots = NULL, *links = NULL;
    if (read_der(leaf_der, leaf_len, &leaf, err) < 0 || pem_read_chain(ca_pem, &roots, err) < 0 ||
        read_chain(chain, chain_len, &links, err) < 0)
        return -1;
    cleanup_store X509_STORE *store = X509_STORE_new();
    for (int i = 0; i < sk_X509_num(roots); i++)
        X509_STORE_add_cert(store, sk_X509_value(roots, i));
    cleanup_store_ctx X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    if (!X509_STORE_CTX_init(ctx, store, leaf, links))
        return ssl_error(err, ERR_INTERNAL, "verifying a client certificate");
    X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_CLIENT);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), (time_t)(wall_ns / NS_PER_S));
    if (X509_verify_cert(ctx) == 1)
        return 0;
    int problem = X509_STORE_CTX_get_error(ctx);
    ERR_clear_error();
    return error_set(err, ERR_UNAUTHORIZED, "client certificate: %s",
                     X509_verify_cert_error_string(problem));
}
