/* server.h - one API server that the suite runs on. Threads: as noted. */
#ifndef TEST_CONFORMANCE_SERVER_H
#define TEST_CONFORMANCE_SERVER_H

#include "pkg/net/http_client.h"

struct server {
    char *name, *url;
    char *compact; /* shell command; NULL: none */
    int minor;     /* of Kubernetes 1.N */
    struct http_peer *peer;
    struct opctx ctx;
};
/* spec: NAME=KUBECONFIG[,compact=COMMAND]. */
int server_open(struct http_client *http, const char *spec, struct server *ret, struct error **err);
void server_close(struct server *s);

struct exchange { /* what goes out; borrowed */
    const char *method, *path, *body;
    const struct strv *headers;
};
int server_send(struct server *s, const struct exchange *x, struct http_response *ret,
                struct error **err);
int server_compact(struct server *s, struct error **err);

/* A stream whose lines are taken one by one. */
struct stream;
int stream_open(struct server *s, const char *path, struct stream **ret, struct error **err);
/* The next line without its end; waits up to 15 s. NULL: the stream ended or nothing came. */
char *stream_give_line(struct stream *st);
void stream_close(struct stream *st); /* accepts NULL */

#endif
