#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "pkg/crypt/crypt.h"

/* These can only fail when OpenSSL itself is broken or out of memory. */
void sha1(const void *data, size_t len, unsigned char out[SHA1_LEN])
{
    if (!EVP_Digest(data, len, out, NULL, EVP_sha1(), NULL))
        abort();
}

void sha256(const void *data, size_t len, unsigned char out[SHA256_LEN])
{
    if (!EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL))
        abort();
}

void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                 unsigned char out[SHA256_LEN])
{
    if (!HMAC(EVP_sha256(), key, (int)key_len, data, len, out, NULL))
        abort();
}
