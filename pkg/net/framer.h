/*
 * framer.h - cuts one connection's bytes into HTTP/1.1 requests.
 *
 * llhttp decides where bodies end; the head is checked here first, line by line, because llhttp is
 * laxer than a server in front of an API may be. Refused: missing or doubled Host, obs-fold, bare CR
 * or LF, NUL and other controls, spaces in header names, bytes outside printable ASCII in the
 * target, Content-Length that is doubled or beside Transfer-Encoding, codings other than one
 * "chunked", unknown Expect, CONNECT, versions other than 1.0 and 1.1, and whatever exceeds a limit.
 *
 * llhttp's header clashes with libwebsockets.h, so it is seen by framer.c alone; another parser can
 * replace it there.
 *
 * Use: feed until the state is FRAMER_DONE or FRAMER_BAD. The first feed that reaches the body stops
 * there (FRAMER_BODY), so that the caller sees the change of phase. After FRAMER_DONE,
 * framer_take_request begins the next request; after FRAMER_BAD nothing more is accepted.
 *
 * Threads: one at a time.
 */
#ifndef PKG_NET_FRAMER_H
#define PKG_NET_FRAMER_H

#include "pkg/net/http.h"

#define FRAMER_TARGET_MAX 16384 /* bytes; beyond: 414 */
#define FRAMER_HEADERS_MAX 256  /* fields; beyond: 431 */

struct framer;

struct framer_limits {
    size_t header_bytes; /* request line and fields; also of trailers and chunk framing */
    size_t body_bytes;
    bool
        give_cut; /* a request whose body is too large is given without it, as its connection's last */
};

enum framer_state { FRAMER_HEAD, FRAMER_BODY, FRAMER_DONE, FRAMER_BAD };

struct framer_request { /* owned; release with framer_request_release */
    char *method;
    char *target; /* raw; of the absolute form only what follows the authority */
    struct http_headers headers;
    struct buf body;
    int version; /* 10 or 11 */
    bool keep_alive;
    bool body_is_cut;
    bool websocket; /* GET with Connection: upgrade and Upgrade: websocket */
};
void framer_request_release(struct framer_request *r);

struct framer *framer_new(const struct framer_limits *limits);
void framer_free(struct framer *f);

/* Returns how many bytes were used; fewer than len only at a change of state. */
size_t framer_feed(struct framer *f, const char *data, size_t len);
enum framer_state framer_get_state(const struct framer *f);
/* Whether bytes of an unfinished request have come. */
bool framer_has_begun(const struct framer *f);
/* In FRAMER_BODY: the client waits for "100 Continue" before it sends the body. */
bool framer_wants_continue(const struct framer *f);
/* In FRAMER_DONE: moves the request out. */
void framer_take_request(struct framer *f, struct framer_request *ret);
/* In FRAMER_BAD: the status to answer, and why (static text). */
int framer_bad_status(const struct framer *f, const char **ret_reason);
/* In any state: moves out what is known of a request that is not to be read to its end, without its body; method and target are
 * "-" when they are not. It is its connection's last: FRAMER_BAD from now on. */
void framer_give_up(struct framer *f, struct framer_request *ret);

DEFINE_RELEASE(struct framer *, framer_free)
#define cleanup_framer CLEANUP_WITH(framer_free_slot)

#endif
