#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/database/cosmos.h"
#include "test/unit/support/test.h"

static void check_key(void **state)
{
    (void)state;
    char bytes[64];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)i;
    cleanup_secret struct secret *key = secret_new(bytes, sizeof(bytes));

    cleanup_free char *auth =
        cosmos_give_key_auth(key, "GET", "docs", "dbs/aro/colls/OpenShiftClusters/docs/0001",
                             "Thu, 27 Apr 2017 00:51:12 GMT");

    assert_string_equal(auth, "type%3Dmaster%26ver%3D1.0%26sig%3D7MmzcXLMr6HjEiNAR1u1b4orG7DSx2KIAz"
                              "plC792iJE%3D");
}

/* Case of verb and date does not count, that of the link does. */
static void check_case(void **state)
{
    (void)state;
    cleanup_secret struct secret *key = secret_new("k", 1);
    cleanup_free char *a = cosmos_give_key_auth(key, "get", "docs", "dbs/A", "THU");
    cleanup_free char *b = cosmos_give_key_auth(key, "GET", "docs", "dbs/A", "thu");
    cleanup_free char *c = cosmos_give_key_auth(key, "GET", "docs", "dbs/a", "thu");

    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
}

static void check_token(void **state)
{
    (void)state;
    cleanup_secret struct secret *token = secret_new("ey.J_-", 6);

    cleanup_free char *auth = cosmos_give_token_auth(token);

    assert_string_equal(auth, "type%3Daad%26ver%3D1.0%26sig%3Dey.J_-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a key signs as the published example", check_key),
        CASE("verb and date are signed in lower case, links as they are", check_case),
        CASE("a token is sent as it is", check_token),
    };
    return RUN_CASES("cosmos_auth", tests);
}
