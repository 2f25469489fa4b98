#include "hack/devcloud/up/ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
    const char *option, *of;
} table[CLOUD_PORTS] = {
    [CLOUD_PORT_AZURE] = { "azure-port", "the simulated Azure" },
    [CLOUD_PORT_RP] = { "port", "the resource provider" },
    [CLOUD_PORT_PLAIN] = { "plain-port", "the resource provider's listener without TLS" },
    [CLOUD_PORT_SYNCSETS] = { "syncsets-port", "SyncSets" },
};

const char *cloud_port_option(enum cloud_port port)
{
    return table[port].option;
}

/* As a server would, which may follow another at once. Returns an errno value. */
static int try_port(int port)
{
    const struct sockaddr_in at = { .sin_family = AF_INET,
                                    .sin_port = htons((uint16_t)port),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    int problem = bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ? errno : 0;
    (void)close(fd);
    return problem;
}

static int check_apart(const int *ports, struct error **err)
{
    for (size_t i = 0; i < CLOUD_PORTS; i++)
        for (size_t j = i + 1; ports[i] > 0 && j < CLOUD_PORTS; j++)
            if (ports[i] == ports[j])
                return error_set(err, ERR_INVALID, "--%s and --%s are both %d: choose another port",
                                 table[i].option, table[j].option, ports[i]);
    return 0;
}

int ports_check(const int *ports, struct error **err)
{
    if (check_apart(ports, err) < 0)
        return -1;
    for (size_t i = 0; i < CLOUD_PORTS; i++) {
        int problem = ports[i] > 0 ? try_port(ports[i]) : 0;
        if (problem == EADDRINUSE)
            return error_set(err, ERR_EXISTS,
                             "port %d of 127.0.0.1, for %s, is in use: choose another with --%s "
                             "PORT, or --%s 0 for a free one",
                             ports[i], table[i].of, table[i].option, table[i].option);
        if (problem != 0)
            return error_set_errno(err, problem,
                                   "port %d of 127.0.0.1, for %s: --%s PORT "
                                   "chooses another",
                                   ports[i], table[i].of, table[i].option);
    }
    return 0;
}
