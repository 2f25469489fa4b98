#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/net/server_impl.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/test.h"

struct listen_case {
    const char *name, *address;
    const char *dial; /* an IPv4 address that reaches it */
};
static struct listen_case cases[] = {
    { "listens on one address", "127.0.0.1", "127.0.0.1" },
    { "listens on every address", NULL, "127.9.8.7" },
    { "listens on every IPv4 address", "0.0.0.0", "127.9.8.7" },
};

static void check_listen(void **state)
{
    const struct listen_case *c = *state;
    cleanup_close int fd = -1;
    uint16_t port = 0;
    struct error *e = NULL;
    if (server_listen(c->address, 0, &fd, &port, &e) < 0)
        fail_msg("%s", error_text(e));

    cleanup_wire struct wire w = wire_connect(c->dial, port);
    cleanup_close int accepted = -1;
    while (accepted < 0) /* the listener does not block */
        accepted = accept(fd, NULL, NULL);
    struct server_peer *p = server_peer_new(accepted);

    cleanup_free char *want = xasprintf("%s:%u", c->dial, port);
    assert_string_equal(p->local_address, want);
    assert_true(strncmp(p->address, "127.", 4) == 0);
    assert_null(p->leaf);
    assert_ptr_equal(server_peer_ref(p), p);
    server_peer_unref(p);
    server_peer_unref(p);
}

static void refuses_names(void **state)
{
    (void)state;
    static const char *const bad[] = { "localhost", "", "127.0.0", "1.2.3.4:5" };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        cleanup_error struct error *e = NULL;
        int fd = -1;
        uint16_t port;
        assert_int_equal(server_listen(bad[i], 0, &fd, &port, &e), -1);
        assert_true(error_is(e, ERR_INVALID));
        assert_int_equal(fd, -1);
    }
}

static void names_what_is_in_use(void **state)
{
    (void)state;
    cleanup_close int fd = -1;
    int other = -1;
    uint16_t port;
    cleanup_error struct error *e = NULL;
    assert_int_equal(server_listen("127.0.0.1", 0, &fd, &port, NULL), 0);

    assert_int_equal(server_listen("127.0.0.1", port, &other, &port, &e), -1);

    cleanup_free char *want = xasprintf("listening on 127.0.0.1 port %u: ", port);
    assert_non_null(strstr(error_text(e), want));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_listen, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("refuses what is no address", refuses_names);
    tests[ARRAY_LEN(cases) + 1] =
        (struct CMUnitTest)CASE("names the port that is in use", names_what_is_in_use);
    return RUN_CASES("listening", tests);
}
