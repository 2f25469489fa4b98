/*
 * crypt.h - certificates, JWT assertions, digests, sealing: OpenSSL behind small functions.
 * Threads: pure, any thread.
 */
#ifndef PKG_CRYPT_CRYPT_H
#define PKG_CRYPT_CRYPT_H

#include <stdbool.h>
#include <stdint.h>

#include "pkg/base/error.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"

#define SHA1_LEN 20
#define SHA256_LEN 32
/* For names that others derive so (thumbprints, UUIDs of version 5): it protects nothing. */
void sha1(const void *data, size_t len, unsigned char out[SHA1_LEN]);
void sha256(const void *data, size_t len, unsigned char out[SHA256_LEN]);
void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                 unsigned char out[SHA256_LEN]);

/* Checks that text holds at least one certificate (PEM) and how long the first is valid; ret may be
 * NULL. */
int pem_check_certs(const char *pem, size_t *ret_count, int64_t *ret_not_after_wall_ns,
                    struct error **err);
/* The first certificate of a PEM text as DER; owned by the caller. */
int pem_give_der(const char *pem, char **ret, size_t *ret_len, struct error **err);
int pem_check_key_matches(const char *cert_pem, const struct secret *key_pem, struct error **err);
/* Splits a PEM bundle of key and chain, in any order (as clients of AAD store them). */
int pem_split_bundle(const char *bundle, char **ret_certs, struct secret **ret_key,
                     struct error **err);

/* RS256 or PS256 client assertion for AAD: header with x5t / x5t#S256 (base64url) and x5c when
 * chain is sent. */
struct jwt_assertion {
    const char *cert_pem;
    const struct secret *key_pem;
    bool pss;        /* PS256 + x5t#S256; otherwise RS256 + x5t */
    bool send_chain; /* x5c, leaf first */
    const char *claims_json;
};
int jwt_give_assertion(const struct jwt_assertion *a, char **ret, struct error **err);
/* The payload segment, decoded, unverified. */
int jwt_give_payload(const char *jwt, char **ret_json, size_t *ret_len, struct error **err);
/* That an assertion (RS256 or PS256) was signed with the key of cert_pem's first certificate and names
 * it by x5t or x5t#S256, in the URL's or the standard alphabet; ERR_INVALID otherwise. Claims are the
 * caller's to judge. */
int jwt_verify(const char *jwt, const char *cert_pem, struct error **err);

/* Certificate facts for authentication and tests. */
struct x509_facts { /* owned */
    char *common_name;
    struct strv organizations, dns_names, ip_addresses;
    int64_t not_before_wall_ns, not_after_wall_ns;
    /* The authority's key identifier is the subject's: right for one that signed itself, a defect of any other. */
    bool names_own_key;
};
int x509_read_der(const void *der, size_t len, struct x509_facts *ret, struct error **err);
void x509_facts_release(struct x509_facts *f);
/* Chain of a client certificate to a PEM bundle of authorities, at a given time; purpose
 * clientAuth. */
int x509_verify_client(const void *leaf_der, size_t leaf_len, const char *ca_pem, int64_t wall_ns,
                       struct error **err);

/* The same for a leaf whose issuer is among what the client sent along, which links it to an authority
 * and is none itself. */
struct x509_der {
    const void *der;
    size_t len;
};
int x509_verify_client_chain(const void *leaf_der, size_t leaf_len, const struct x509_der *chain,
                             size_t chain_len, const char *ca_pem, int64_t wall_ns,
                             struct error **err);

/* Making keys and certificates (devcloud, tests, the built-in installer). ECDSA P-256 or RSA 2048.
 */
struct x509_request {
    const char *common_name;
    const char *const *organizations; /* NULL-terminated; may be NULL */
    const char *organizational_unit;  /* may be NULL */
    const char *const *dns_names, *const *ip_addresses;
    bool is_ca, is_client, is_server, rsa;
    int64_t not_before_wall_ns, not_after_wall_ns;
    const char *issuer_cert_pem; /* NULL: self-signed */
    const struct secret *issuer_key_pem;
};
/* The subject's key identifier is a hash of its own key, the authority's that of the issuer: they differ unless the certificate is
 * self-signed. */
int x509_make(const struct x509_request *req, char **ret_cert_pem, struct secret **ret_key_pem,
              struct error **err);

#endif
