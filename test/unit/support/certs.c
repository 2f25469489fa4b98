#include "test/unit/support/certs.h"

#include <stdlib.h>

#include "pkg/base/file.h"
#include "pkg/crypt/crypt.h"

#define OWN_ISSUER "test/fixtures/cluster/names-its-own-key.pem"
#define OWN_ISSUER_MAX 4096

struct pair pair_make(const char *name, const struct pair *issuer, bool client, bool rsa)
{
    static const char *const organizations[] = { "system:masters", NULL };
    static const char *const dns[] = { "localhost", "api.example", NULL };
    static const char *const ips[] = { "127.0.0.1", "::1", NULL };
    struct x509_request req = {
        .common_name = name,
        .organizations = organizations,
        .dns_names = dns,
        .ip_addresses = ips,
        .is_ca = issuer == NULL,
        .is_client = client,
        .is_server = issuer && !client,
        .rsa = rsa,
        .not_before_wall_ns = CERT_EPOCH_NS,
        .not_after_wall_ns = CERT_EPOCH_NS + DAY_NS,
        .issuer_cert_pem = issuer ? issuer->cert : NULL,
        .issuer_key_pem = issuer ? issuer->key : NULL,
    };
    struct pair p = { 0 };
    if (x509_make(&req, &p.cert, &p.key, NULL) < 0)
        abort();
    return p;
}

void pair_release(struct pair *p)
{
    free(p->cert);
    secret_unref(p->key);
}

char *cert_give_own_issuer(void)
{
    char *pem = NULL;
    size_t len;
    if (file_read(OWN_ISSUER, OWN_ISSUER_MAX, &pem, &len, NULL) < 0)
        abort();
    return pem;
}
