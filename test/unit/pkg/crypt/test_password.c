#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/crypt/password.h"
#include "test/unit/support/test.h"

static void knows_its_password(void **state)
{
    (void)state;
    cleanup_free char *hash = NULL, *again = NULL;

    assert_int_equal(bcrypt_give_hash("hY7nm-3kWqd", 4, &hash, NULL), 0);
    assert_int_equal(bcrypt_give_hash("hY7nm-3kWqd", 4, &again, NULL), 0);

    assert_true(str_starts(hash, "$2a$04$"));
    assert_int_equal(strlen(hash), 60);
    assert_true(bcrypt_matches("hY7nm-3kWqd", hash));
    assert_false(bcrypt_matches("hY7nm-3kWqD", hash));
    assert_string_not_equal(hash, again);
}

/* Made by another implementation (the test vectors of jBCrypt). */
static void agrees_with_others(void **state)
{
    (void)state;
    static const char *const hash = "$2a$10$k1wbIrmNyFAPwPVPSVa/zecw2BCEnBwVS2GbrmgzxFUOqW9dk4TCW";

    assert_true(bcrypt_matches("", hash));
    assert_true(
        bcrypt_matches("abc", "$2a$08$Ro0CUfOqk6cXEKf3dyaM7OhSCvnwM9s4wIX9JeLapehKK5YdLxKcm"));
    assert_false(
        bcrypt_matches("abd", "$2a$08$Ro0CUfOqk6cXEKf3dyaM7OhSCvnwM9s4wIX9JeLapehKK5YdLxKcm"));
    assert_false(bcrypt_matches("x", "no hash"));
    assert_false(bcrypt_matches("x", "$2a$no hash"));
}

static void refuses_what_it_cannot_hash(void **state)
{
    (void)state;
    char longer[74];
    memset(longer, 'x', sizeof(longer));
    longer[73] = '\0';
    cleanup_free char *hash = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(bcrypt_give_hash(longer, 4, &hash, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    assert_int_equal(bcrypt_give_hash("x", 99, &hash, &err), -1);

    assert_null(hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a hash knows its password, and no two are the same", knows_its_password),
        CASE("hashes of other programs are understood", agrees_with_others),
        CASE("too long a password and an impossible cost are refused", refuses_what_it_cannot_hash),
    };
    return RUN_CASES("password", tests);
}
