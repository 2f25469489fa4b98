/* pki.h - certificates made on the spot, P-256. Nothing here is fit for anything but tests. */
#ifndef TEST_UNIT_SUPPORT_PKG_NET_PKI_H
#define TEST_UNIT_SUPPORT_PKG_NET_PKI_H

struct test_cert {
    char *cert_pem, *key_pem;
};

/* A self-signed authority. */
struct test_cert *test_ca_new(const char *name);
/* A leaf: common name, and alternative names as OpenSSL writes them ("DNS:a.test,IP:127.0.0.1"; NULL: none). */
struct test_cert *test_cert_new(const struct test_cert *ca, const char *name,
                                const char *alt_names);
void test_cert_free(struct test_cert *c);

#endif
