#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/crypt/crypt.h"
#include "test/unit/support/test.h"

static void check_sha1(void **state)
{
    (void)state;
    unsigned char out[SHA1_LEN];

    sha1("abc", 3, out);

    cleanup_free char *hex = hex_give(out, sizeof(out));
    assert_string_equal(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
}

static void check_sha256(void **state)
{
    (void)state;
    unsigned char out[SHA256_LEN];

    sha256("abc", 3, out);

    cleanup_free char *hex = hex_give(out, sizeof(out));
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* RFC 4231, test case 2. */
static void check_hmac(void **state)
{
    (void)state;
    unsigned char out[SHA256_LEN];

    hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out);

    cleanup_free char *hex = hex_give(out, sizeof(out));
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("SHA-1 of abc is the published digest", check_sha1),
        CASE("SHA-256 of abc is the published digest", check_sha256),
        CASE("HMAC-SHA-256 matches RFC 4231", check_hmac),
    };
    return RUN_CASES("digest", tests);
}
