#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hack/devcloud/up/ports.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

/* A listener on a free port. */
static int occupy(int *ret_port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *ret_port = ntohs(at.sin_port);
    return fd;
}

static void names_what_is_taken(void **state)
{
    static const struct {
        enum cloud_port port;
        const char *of, *option;
    } rows[] = {
        { CLOUD_PORT_AZURE, "the simulated Azure", "azure-port" },
        { CLOUD_PORT_RP, "the resource provider", "port" },
        { CLOUD_PORT_PLAIN, "the resource provider's listener without TLS", "plain-port" },
    };
    int taken;
    (void)state;
    int fd = occupy(&taken);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_error struct error *err = NULL;
        int ports[CLOUD_PORTS] = { 0 };
        ports[rows[i].port] = taken;

        assert_int_equal(ports_check(ports, &err), -1);

        cleanup_free char *want = xasprintf("port %d of 127.0.0.1, for %s, is in use: choose "
                                            "another with --%s PORT, or --%s 0 for a free one",
                                            taken, rows[i].of, rows[i].option, rows[i].option);
        assert_string_equal(error_text(err), want);
        assert_string_equal(cloud_port_option(rows[i].port), rows[i].option);
    }
    (void)close(fd);
}

static void refuses_equal_ones(void **state)
{
    static const enum cloud_port pairs[][2] = {
        { CLOUD_PORT_AZURE, CLOUD_PORT_RP },
        { CLOUD_PORT_AZURE, CLOUD_PORT_PLAIN },
        { CLOUD_PORT_RP, CLOUD_PORT_PLAIN },
    };
    int port;
    (void)state;
    (void)close(occupy(&port)); /* a free one: only the other option stands in its way */
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        cleanup_error struct error *err = NULL;
        int ports[CLOUD_PORTS] = { 0 };
        ports[pairs[i][0]] = ports[pairs[i][1]] = port;

        assert_int_equal(ports_check(ports, &err), -1);

        cleanup_free char *want =
            xasprintf("--%s and --%s are both %d: choose another port",
                      cloud_port_option(pairs[i][0]), cloud_port_option(pairs[i][1]), port);
        assert_string_equal(error_text(err), want);
    }
}

static void lets_free_ones_pass(void **state)
{
    const int ports[CLOUD_PORTS] = { 0 };
    (void)state;
    assert_int_equal(ports_check(ports, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("names what is taken, and how to choose another", names_what_is_taken),
        CASE("refuses equal ones", refuses_equal_ones),
        CASE("lets free ones pass", lets_free_ones_pass),
    };
    return RUN_CASES("ports", tests);
}
