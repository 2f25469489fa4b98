/*
 * secret.h - a value that must not be seen: no printf form, excluded from core dumps where the system
 * allows it, zeroed on release, opened only by secret_reveal.
 */
#ifndef PKG_BASE_SECRET_H
#define PKG_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/base/cleanup.h"

struct secret; /* opaque, immutable, reference-counted */

/* Copies; the caller wipes its own copy. */
struct secret *secret_new(const char *value, size_t len);
struct secret *secret_ref(struct secret *s);
void secret_unref(struct secret *s); /* the last one zeroes */
/* Borrowed, NUL behind; len may be NULL. */
const char *secret_reveal(const struct secret *s, size_t *ret_len);
/* Constant time for equal lengths. */
bool secret_equal(const struct secret *a, const struct secret *b);
void secret_wipe(void *p, size_t len); /* never optimised away */
/* Of text on the heap that holds a secret: wipes, then frees. Accepts NULL. */
void secret_free_text(char *text);

DEFINE_RELEASE(struct secret *, secret_unref)
#define cleanup_secret CLEANUP_WITH(secret_unref_slot)
DEFINE_RELEASE(char *, secret_free_text)
#define cleanup_secret_text CLEANUP_WITH(secret_free_text_slot)

#endif
