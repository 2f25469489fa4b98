/*
 * server_fixture.h - a server on loopback for tests: routes in, port out. Times are long unless the
 * test shortens one.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_NET_SERVER_FIXTURE_H
#define TEST_UNIT_SUPPORT_PKG_NET_SERVER_FIXTURE_H

#include "pkg/net/server.h"
#include "test/unit/support/pkg/net/wire.h"

#define FIXTURE_GRACE_MS 10000

/* A configuration to change and start. */
struct http_server_config fixture_config(const struct http_route *routes, size_t routes_len,
                                         void *arg);
struct http_server *fixture_start(const struct http_server_config *cfg);
struct wire fixture_dial(const struct http_server *s);
/* One GET on a connection of its own; the reply without Date. */
char *fixture_give_answer(const struct http_server *s, const char *path);

static inline void fixture_stop_slot(struct http_server **slot)
{
    http_server_stop(*slot, FIXTURE_GRACE_MS);
}
#define cleanup_server CLEANUP_WITH(fixture_stop_slot)

#endif
