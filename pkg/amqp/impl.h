/* impl.h - one connection. Private to pkg/amqp, the only folder that knows librabbitmq. */
#ifndef PKG_AMQP_IMPL_H
#define PKG_AMQP_IMPL_H

#include <amqp.h>

#include "pkg/amqp/amqp.h"
#include "pkg/base/buf.h"

#define CHANNEL 1
#define BATCH_MS 1000 /* heartbeats are looked after that often */

struct pending {
    struct amqp_delivery d;
    struct pending *next;
};

/* Confirms: numbers of messages rise from 1; `oldest` is the first that is not confirmed. */
struct confirms {
    uint64_t next, oldest;
    bool done[AMQP_WINDOW]; /* by number modulo */
    size_t returned, refused;
};

struct amqp {
    amqp_connection_state_t conn;
    const struct clock *clock;
    char *where; /* for errors */
    bool is_broken;
    int wake_fd;
    bool owes_wake; /* a wake that no amqp_next told of yet */
    struct confirms confirms;
    /* A message on its way in, frame by frame. */
    enum { CONTENT_NONE, CONTENT_HEADER, CONTENT_BODY } content;
    bool is_return;
    struct amqp_delivery coming;
    struct buf body;
    size_t missing;
    struct pending *first, **end; /* complete ones */
};

/* ---- failure.c: always -1; the connection is broken ---- */
int amqp_fail_reply(struct amqp *c, amqp_rpc_reply_t reply, const char *doing, struct error **err);
int amqp_fail_status(struct amqp *c, int status, const char *doing, struct error **err);
int amqp_fail_close(struct amqp *c, unsigned code, amqp_bytes_t text, const char *doing,
                    struct error **err);
int amqp_fail_broken(struct amqp *c, struct error **err); /* a call on what failed before */

/* ---- confirms.c ---- */
void confirms_init(struct confirms *f);
size_t confirms_open(const struct confirms *f); /* how many wait */
void confirms_add(struct confirms *f);
/* Numbers that were not given are ignored. */
void confirms_settle(struct confirms *f, uint64_t number, bool multiple, bool refused);

/* ---- frames.c ---- */
/* Takes every frame that has come; does not wait. */
int amqp_take_frames(struct amqp *c, struct error **err);
/* Waits until something comes, at most BATCH_MS; *ret_woken: amqp_wake was called. */
int amqp_wait_frames(const struct opctx *ctx, struct amqp *c, bool *ret_woken, struct error **err);

#endif
