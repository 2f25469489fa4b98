#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/database/cosmos.h"

char *cosmos_give_key_auth(const struct secret *key, const char *verb, const char *type,
                           const char *link, const char *date)
{
    size_t key_len;
    const char *bytes = secret_reveal(key, &key_len);
    cleanup_free char *low_verb = str_give_lower(verb);
    cleanup_free char *low_date = str_give_lower(date);
    cleanup_free char *text = xasprintf("%s\n%s\n%s\n%s\n\n", low_verb, type, link, low_date);
    unsigned char mac[SHA256_LEN];
    hmac_sha256(bytes, key_len, text, strlen(text), mac);
    cleanup_free char *sig = base64_give(mac, sizeof(mac));
    cleanup_free char *value = xasprintf("type=master&ver=1.0&sig=%s", sig);
    return percent_give(value);
}

char *cosmos_give_token_auth(const struct secret *token)
{
    cleanup_free char *value = xasprintf("type=aad&ver=1.0&sig=%s", secret_reveal(token, NULL));
    char *escaped = percent_give(value);
    secret_wipe(value, strlen(value));
    return escaped;
}
