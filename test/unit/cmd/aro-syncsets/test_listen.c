#include <stdlib.h>

#include "cmd/aro-syncsets/listen.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static void addresses_have_a_port(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host;
        int port; /* -1: none */
    } cases[] = { { "127.0.0.1:7070", "127.0.0.1", 7070 },
                  { ":80", NULL, 80 },
                  { "[::1]:0", "::1", 0 },
                  { "7070", NULL, -1 },
                  { ":65536", NULL, -1 },
                  { "host:", NULL, -1 } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *host = NULL;
        uint16_t port = 0;
        cleanup_error struct error *err = NULL;
        int status = listen_parse("X", cases[i].text, &host, &port, &err);
        assert_int_equal(status, cases[i].port < 0 ? -1 : 0);
        assert_true(str_eq(host, cases[i].host));
        assert_int_equal(port, cases[i].port < 0 ? 0 : cases[i].port);
        assert_int_equal(error_is(err, ERR_INVALID), cases[i].port < 0);
        free(host);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("addresses have a port", addresses_have_a_port),
    };
    return RUN_CASES("listen", tests);
}
