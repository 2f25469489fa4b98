/*
 * tls_server.h - a scripted HTTP/1.1 server on 127.0.0.1, with or without TLS, a thread for each connection. The
 * script is a function that gets each request and writes what it likes, well-formed or not.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_NET_TLS_SERVER_H
#define TEST_UNIT_SUPPORT_PKG_NET_TLS_SERVER_H

#include "pkg/net/http.h"
#include "test/unit/support/pkg/net/pki.h"

struct tls_server;

struct server_request {
    char *method, *target;
    struct http_headers headers;
    struct buf body;
    char *sni;           /* "" when none; also without TLS */
    char *client_name;   /* common name of the client's certificate, "" when none */
    unsigned connection; /* from 1, in the order of acceptance */
    unsigned nth;        /* on this connection, from 1 */
};
struct server_call {
    const struct server_request *req;
    void *arg;
    struct server_conn *conn;
};

/* True: read the next request; false: end the connection in order. Runs on the connection's thread. */
typedef bool (*server_script)(struct server_call *call);

struct tls_server_config {
    const struct test_cert *cert; /* NULL: plain */
    const struct test_cert
        *client_ca; /* ask for a certificate of this authority; NULL: do not ask */
    bool
        http2; /* agree to HTTP/2: the script then gets its preface as a request, see h2_script.h */
    server_script script;
    void *arg;
};
struct tls_server *tls_server_start(const struct tls_server_config *cfg);
unsigned tls_server_port(const struct tls_server *s);
unsigned tls_server_connections(struct tls_server *s); /* accepted so far */
void tls_server_stop(struct tls_server *s);            /* cuts what is open, joins, frees */

/* For scripts. Writing to a client that is gone does nothing. */
void call_write(struct server_call *c, const void *data, size_t len);
void call_writes(struct server_call *c, const char *text);
/* headers: "A: b\r\n" lines or ""; Content-Length is added. */
void call_reply(struct server_call *c, int status, const char *headers, const char *body);
bool call_read(struct server_call *c, void *data,
               size_t len);             /* behind the request; false: it ended */
void call_stall(struct server_call *c); /* until the client goes or the server stops */
bool call_reset(struct server_call *c); /* ends the connection with RST; false */
bool call_cut(struct server_call *c);   /* ends it without TLS's goodbye; false */
bool call_die(struct server_call *c);   /* ends it so, and nobody listens any more; false */

/* "https://127.0.0.1:PORT/path", into a static-free buffer owned by the caller. */
char *tls_server_give_url(const struct tls_server *s, const char *host, const char *path);

#endif
