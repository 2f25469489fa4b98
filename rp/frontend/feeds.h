/*
 * feeds.h - OpenShift versions and role sets in memory, kept up to date by reading what changed.
 *
 * Threads: one of its own reads; everything else is safe from any.
 */
#ifndef RP_FRONTEND_FEEDS_H
#define RP_FRONTEND_FEEDS_H

#include "rp/frontend/frontend_impl.h"

enum feed { FEED_VERSIONS, FEED_ROLE_SETS, FEED_COUNT };

struct feeds *feeds_new(struct frontend *f);
/* Begins to read every interval, at once for the first time. */
int feeds_start(struct feeds *fs, struct error **err);
void feeds_free(struct feeds *fs); /* ends reading; accepts NULL */
/* Reads what changed until nothing more did. */
int feeds_drain(struct feeds *fs, const struct opctx *ctx, struct error **err);
bool feeds_are_drained(struct feeds *fs); /* once at least, all of them */

/* Internal forms, owned by the caller. */
json *feeds_give_all(struct feeds *fs, enum feed feed);                  /* an array */
json *feeds_give_one(struct feeds *fs, enum feed feed, const char *key); /* NULL: there is none */
char *feeds_give_default_version(struct feeds *fs);                      /* NULL: there is none */

#endif
