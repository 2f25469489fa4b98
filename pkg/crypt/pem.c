#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <time.h>

#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/crypt/ssl_error.h"
#include "pkg/crypt/ssl_types.h"

void pem_chain_free(STACK_OF(X509) * chain)
{
    sk_X509_pop_free(chain, X509_free);
}

int pem_read_chain(const char *pem, STACK_OF(X509) * *ret, struct error **err)
{
    cleanup_bio BIO *in = BIO_new_mem_buf(pem, -1);
    cleanup_chain STACK_OF(X509) *chain = sk_X509_new_null();
    for (X509 *c; (c = PEM_read_bio_X509(in, NULL, NULL, NULL));)
        sk_X509_push(chain, c);
    /* The end of the text is an error to OpenSSL, too; a broken block in the middle is one for us. */
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (!at_end)
        return ssl_error(err, ERR_INVALID, "reading a certificate");
    ERR_clear_error();
    if (sk_X509_num(chain) == 0)
        return error_set(err, ERR_INVALID, "there is no certificate in the PEM text");
    *ret = take(chain);
    return 0;
}

int pem_read_key(const struct secret *pem, EVP_PKEY **ret, struct error **err)
{
    size_t len;
    const char *text = secret_reveal(pem, &len);
    cleanup_bio BIO *in = BIO_new_mem_buf(text, (int)len);
    *ret = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
    return *ret ? 0 : ssl_error(err, ERR_INVALID, "reading a private key");
}

int asn1_time_ns(const ASN1_TIME *t, int64_t *ret_wall_ns, struct error **err)
{
    struct tm tm;
    if (!ASN1_TIME_to_tm(t, &tm))
        return ssl_error(err, ERR_INVALID, "reading a certificate's time");
    int64_t s = (int64_t)timegm(&tm);
    /* RFC 5280 writes "without end" as the year 9999, which is beyond what nanoseconds can tell. */
    *ret_wall_ns = s > INT64_MAX / NS_PER_S   ? INT64_MAX
                   : s < INT64_MIN / NS_PER_S ? INT64_MIN
                                              : s * NS_PER_S;
    return 0;
}

int pem_give_der(const char *pem, char **ret, size_t *ret_len, struct error **err)
{
    cleanup_chain STACK_OF(X509) *chain = NULL;
    unsigned char *der = NULL;
    if (pem_read_chain(pem, &chain, err) < 0)
        return -1;
    int len = i2d_X509(sk_X509_value(chain, 0), &der);
    if (len < 0)
        return ssl_error(err, ERR_INTERNAL, "encoding a certificate");
    *ret = xmemdup(der, (size_t)len);
    *ret_len = (size_t)len;
    OPENSSL_free(der);
    return 0;
}

int pem_check_certs(const char *pem, size_t *ret_count, int64_t *ret_not_after_wall_ns,
                    struct error **err)
{
    cleanup_chain STACK_OF(X509) *chain = NULL;
    if (pem_read_chain(pem, &chain, err) < 0)
        return -1;
    int64_t not_after = 0;
    if (asn1_time_ns(X509_get0_notAfter(sk_X509_value(chain, 0)), &not_after, err) < 0)
        return -1;
    if (ret_count)
        *ret_count = (size_t)sk_X509_num(chain);
    if (ret_not_after_wall_ns)
        *ret_not_after_wall_ns = not_after;
    return 0;
}

int pem_check_key_matches(const char *cert_pem, const struct secret *key_pem, struct error **err)
{
    cleanup_chain STACK_OF(X509) *chain = NULL;
    cleanup_pkey EVP_PKEY *key = NULL;
    if (pem_read_chain(cert_pem, &chain, err) < 0 || pem_read_key(key_pem, &key, err) < 0)
        return -1;
    if (!X509_check_private_key(sk_X509_value(chain, 0), key)) {
        ERR_clear_error();
        return error_set(err, ERR_INVALID, "the private key does not belong to the certificate");
    }
    return 0;
}

static char *give_bio_text(BIO *b)
{
    char *data;
    long len = BIO_get_mem_data(b, &data);
    return xstrndup(data, (size_t)len);
}

int pem_split_bundle(const char *bundle, char **ret_certs, struct secret **ret_key,
                     struct error **err)
{
    cleanup_secret struct secret *whole = secret_new(bundle, strlen(bundle));
    cleanup_chain STACK_OF(X509) *chain = NULL;
    cleanup_pkey EVP_PKEY *key = NULL;
    if (pem_read_chain(bundle, &chain, err) < 0 || pem_read_key(whole, &key, err) < 0)
        return -1;
    cleanup_bio BIO *certs = BIO_new(BIO_s_mem());
    cleanup_bio BIO *keys = BIO_new(BIO_s_secmem());
    for (int i = 0; i < sk_X509_num(chain); i++)
        PEM_write_bio_X509(certs, sk_X509_value(chain, i));
    if (!PEM_write_bio_PKCS8PrivateKey(keys, key, NULL, NULL, 0, NULL, NULL))
        return ssl_error(err, ERR_INTERNAL, "writing a private key");
    char *key_text;
    long key_len = BIO_get_mem_data(keys, &key_text);
    *ret_key = secret_new(key_text, (size_t)key_len);
    *ret_certs = give_bio_text(certs);
    return 0;
}
