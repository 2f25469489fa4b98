/* net_fixture.h - what every test of the HTTP client starts with: a client, an empty environment, an authority
 * and a context; and short ways to a peer and to a request. All fail the test (abort) when they cannot. */
#ifndef TEST_UNIT_SUPPORT_PKG_NET_NET_FIXTURE_H
#define TEST_UNIT_SUPPORT_PKG_NET_NET_FIXTURE_H

#include "pkg/net/http_client.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/pkg/net/tls_server.h"

struct net_fixture {
    struct fake_env env; /* set before the client is made: use net_setup_env */
    struct http_client *client;
    struct test_cert *ca, *cert; /* cert: DNS:api.test, IP:127.0.0.1 */
    struct stop *stop;
    struct opctx ctx; /* ends after a minute, so that a hang is a failure */
};

void net_setup(struct net_fixture *f);
/* name may be NULL. */
void net_setup_env(struct net_fixture *f, const char *name, const char *value);
/* The client's ages run on that clock; the context's deadline does not. */
void net_setup_clock(struct net_fixture *f, const struct clock *clock);
void net_teardown(struct net_fixture *f);

struct tls_server *net_serve(struct net_fixture *f, bool tls, server_script script, void *arg);
/* A peer that trusts the fixture's authority; cfg may be NULL. */
struct http_peer *net_peer(struct net_fixture *f, const struct http_peer_config *cfg);
/* GET url (freed); the status, or -1 with *err. ret may be NULL. */
int net_get(struct net_fixture *f, struct http_peer *p, char *url, struct http_response *ret,
            struct error **err);
/* A request on a thread of its own. */
struct net_call {
    struct http_peer *peer;
    struct http_request req; /* url is borrowed */
    struct opctx ctx;
    struct http_response resp;
    struct error *err;
    int status; /* HTTP status, -1 */
    pthread_t thread;
};
/* Sets peer, ctx and GET url; the test may change req before net_call_start. */
void net_call_init(struct net_call *c, struct net_fixture *f, struct http_peer *p, const char *url);
void net_call_start(struct net_call *c);
int net_call_join(struct net_call *c); /* the status */
void net_call_release(struct net_call *c);

size_t net_open_fds(void); /* of this process */

#endif
