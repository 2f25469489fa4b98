/* warning.h - `Warning: 299 - "text"` headers of API servers (RFC 7234, 5.5). Private to pkg/kube. */
#ifndef PKG_KUBE_WARNING_H
#define PKG_KUBE_WARNING_H

#include <pthread.h>

#include "pkg/base/log.h"
#include "pkg/base/map.h"
#include "pkg/base/strv.h"
#include "pkg/net/http.h"

#define WARNINGS_SEEN_MAX 256 /* then the memory of seen texts starts again */

/* The texts with code 299 of one header value, in order; what is malformed ends the reading. */
void warning_parse(const char *value, struct strv *texts);

struct warnings { /* texts that were logged already. Threads: safe from any */
    pthread_mutex_t mu;
    struct map *seen;
};
void warnings_init(struct warnings *w);
void warnings_release(struct warnings *w);
/* Logs each new text of a reply. */
void warnings_log(struct warnings *w, const struct http_headers *headers, const struct log *log);

#endif
