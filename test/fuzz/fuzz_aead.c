/* Any bytes as a sealed blob: both formats refuse them without reading past the end, unless they are a right one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/crypt/aead.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int rcode, const struct error *err)
{
    if (rcode < 0 && (!err || strcmp(error_get_code(err), AEAD_ERR_CORRUPT) != 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char bytes[AEAD_V2_KEY_LEN];
    cleanup_secret struct secret *long_key = secret_new(bytes, AEAD_V2_KEY_LEN);
    cleanup_secret struct secret *short_key = secret_new(bytes, AEAD_LEGACY_KEY_LEN);
    cleanup_secret struct secret *a = NULL, *b = NULL;
    cleanup_error struct error *why_a = NULL, *why_b = NULL;
    check(aead_v2_open(long_key, data, size, &a, &why_a), why_a);
    check(aead_legacy_open(short_key, data, size, &b, &why_b), why_b);
    return 0;
}
