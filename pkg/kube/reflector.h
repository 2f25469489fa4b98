/*
 * reflector.h - keeps one informer equal to the server: list, watch, back off, again. Private to
 * pkg/kube.
 *
 * reflector_run reads top to bottom on a thread of its own. The bytes of replies are consumed on the
 * I/O thread while that thread waits for the end of the exchange, so the two never work at once.
 */
#ifndef PKG_KUBE_REFLECTOR_H
#define PKG_KUBE_REFLECTOR_H

#include "pkg/base/opctx.h"

struct informer;
struct reflector;

struct reflector *reflector_new(struct informer *i);
void reflector_free(struct reflector *r); /* not while it runs */
/* Blocks until the context's stop. */
void reflector_run(struct reflector *r, const struct opctx *ctx);
/* Watches over a streaming list whose last bookmark does not come. Returns when to look again
 * (monotonic), CLOCK_NEVER when nothing is pending. Any thread. */
int64_t reflector_tick(struct reflector *r, int64_t now_ns);

#endif
