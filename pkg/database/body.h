/*
 * body.h - the few things that the store does with the text of a document, by scanning it, not by making a tree.
 * Private to pkg/database. Threads: pure.
 */
#ifndef PKG_DATABASE_BODY_H
#define PKG_DATABASE_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/buf.h"
#include "pkg/base/error.h"
#include "pkg/database/store.h"

/* A value inside a body: its bytes as they stand there. text NULL: absent. */
struct span {
    const char *text;
    size_t len;
};

/* One member that somebody wants: a path of keys, outermost first, NULL behind the last; value is filled in. The last of
 * duplicate keys wins, as in every JSON parser of the product. A parent that is no object leaves the value absent. */
#define BODY_DEPTH_MAX 4
struct body_member {
    const char *path[BODY_DEPTH_MAX];
    struct span value;
};

/* Checks the syntax of the whole text, which must be one object (ERR_INVALID), and finds the members. */
int body_find(const char *body, size_t len, struct body_member *members, size_t n,
              struct error **err);

bool span_is_set(struct span v);               /* neither absent nor null */
bool span_is_true(struct span v);              /* the literal */
char *span_give_text(struct span v);           /* a string, decoded; else NULL */
int64_t span_int(struct span v, int64_t dflt); /* a number within 64 bits, its fraction cut off */

/* What triggers (bits of enum trigger) write: the server's time, and how long leases last. */
struct body_edits {
    unsigned triggers;
    int64_t now_s;
    const struct store_leases *leases;
};
/*
 * The body without system fields and with the edits of triggers. Nothing else changes. ERR_INVALID where a trigger of
 * billing finds no object `billing`.
 */
int body_prepare(const char *body, size_t len, const struct body_edits *edits, struct buf *ret,
                 struct error **err);

#endif
