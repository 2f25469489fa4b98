/*
 * reply_cache.h - texts of replies, each good as long as its document has the etag that it was made of. The document is
 * still read for each request; what is saved is to parse it, to convert it and to write it anew.
 *
 * A fixed number of places, one for each key and version by hash: a newcomer takes the place of whoever has it. Texts
 * of more than REPLY_CACHE_TEXT_MAX bytes are not kept, so that all of them take 4 MB at most. Any number of threads.
 */
#ifndef RP_FRONTEND_REPLY_CACHE_H
#define RP_FRONTEND_REPLY_CACHE_H

#include <stdbool.h>

#include "pkg/base/cleanup.h"

#define REPLY_CACHE_TEXT_MAX 8192

struct cached_reply {
    char *etag, *text; /* owned; NULL: none */
};
void cached_reply_release(struct cached_reply *r);
#define cleanup_cached_reply CLEANUP_WITH(cached_reply_release)

struct reply_cache;
struct reply_cache *reply_cache_new(void);
void reply_cache_free(struct reply_cache *c); /* accepts NULL */

/* False: there is none, and ret stays as it is. */
bool reply_cache_find(struct reply_cache *c, const char *key, const char *version,
                      struct cached_reply *ret);
/* All are copied. */
void reply_cache_put(struct reply_cache *c, const char *key, const char *version, const char *etag,
                     const char *text);

#endif
