/* ssl_types.h - scope-bound release of OpenSSL's objects, and PEM text to objects; inside pkg/crypt only. */
#ifndef PKG_CRYPT_SSL_TYPES_H
#define PKG_CRYPT_SSL_TYPES_H

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "pkg/base/cleanup.h"
#include "pkg/base/error.h"
#include "pkg/base/secret.h"

DEFINE_RELEASE(BIO *, BIO_free_all)
#define cleanup_bio CLEANUP_WITH(BIO_free_all_slot)
DEFINE_RELEASE(X509 *, X509_free)
#define cleanup_x509 CLEANUP_WITH(X509_free_slot)
DEFINE_RELEASE(EVP_PKEY *, EVP_PKEY_free)
#define cleanup_pkey CLEANUP_WITH(EVP_PKEY_free_slot)
DEFINE_RELEASE(EVP_MD_CTX *, EVP_MD_CTX_free)
#define cleanup_md_ctx CLEANUP_WITH(EVP_MD_CTX_free_slot)
DEFINE_RELEASE(X509_STORE *, X509_STORE_free)
#define cleanup_store CLEANUP_WITH(X509_STORE_free_slot)
DEFINE_RELEASE(X509_STORE_CTX *, X509_STORE_CTX_free)
#define cleanup_store_ctx CLEANUP_WITH(X509_STORE_CTX_free_slot)

/* A certificate chain in the order of the text; *ret has at least one. */
int pem_read_chain(const char *pem, STACK_OF(X509) * *ret, struct error **err);
void pem_chain_free(STACK_OF(X509) * chain);
int pem_read_key(const struct secret *pem, EVP_PKEY **ret, struct error **err);
/* Nanoseconds since the epoch; years outside 1678 to 2261 give INT64_MIN and INT64_MAX. */
int asn1_time_ns(const ASN1_TIME *t, int64_t *ret_wall_ns, struct error **err);
DEFINE_RELEASE(STACK_OF(X509) *, pem_chain_free)
#define cleanup_chain CLEANUP_WITH(pem_chain_free_slot)

#endif
