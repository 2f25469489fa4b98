/*
 * relay.h - a TCP relay on 127.0.0.1: passes bytes both ways between each client and a server, until told to fall
 * silent. Without a fixed server it is an HTTP CONNECT proxy.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_NET_RELAY_H
#define TEST_UNIT_SUPPORT_PKG_NET_RELAY_H

#include <stdbool.h>

struct relay_config {
    unsigned
        target_port; /* on 127.0.0.1; 0: be a CONNECT proxy, which dials 127.0.0.1 whatever is asked */
    unsigned proxied_port; /* of a CONNECT proxy: where it dials; 0: the port that was asked for */
    const char *credentials; /* Proxy-Authorization that it demands (407); NULL: none */
    bool socks;              /* a SOCKS5 proxy without credentials instead */
    int refuse_status;       /* CONNECT is answered so; 0: it is granted */
};
struct relay;

struct relay *relay_start(const struct relay_config *cfg);
unsigned relay_port(const struct relay *r);
unsigned relay_connections(struct relay *r); /* accepted so far */
/* From now on nothing is read or passed on, on any connection: a peer that TCP believes alive. */
void relay_stall(struct relay *r);
char *
relay_give_request(struct relay *r); /* the newest CONNECT line (SOCKS: "name:port"); "" before */
void relay_stop(struct relay *r);

#endif
