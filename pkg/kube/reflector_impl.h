/* reflector_impl.h - what the reflector_*.c files share. Private to them. */
#ifndef PKG_KUBE_REFLECTOR_IMPL_H
#define PKG_KUBE_REFLECTOR_IMPL_H

#include "pkg/kube/informer_impl.h"
#include "pkg/kube/reflector.h"
#include "pkg/net/ratelimit.h"

struct reflector {
    struct informer *informer;
    struct kube_cache *cache;
    char *path; /* NULL: the reference is invalid, see path_err */
    struct error *path_err;
    char *last_version;       /* resourceVersion of what the store shows; "" at first */
    bool version_unavailable; /* the server no longer knows last_version */
    bool listed;              /* last_version comes from a list */
    bool paginated;           /* a list at "0" came in pages: there is no watch cache */
    bool streams_refused;
    struct backoff backoff;
    char *failure;                   /* the text that was logged last; NULL while all is well */
    int64_t internal_error_since_ns; /* -1: the last watch had none */
    struct draft draft;

    /* A streaming list before its last bookmark, for reflector_tick. */
    pthread_mutex_t mu;
    struct stop *stream_stop; /* borrowed; NULL: no such list is running */
    int64_t stream_begin_ns, stream_warned_ns;
    atomic_int_least64_t stream_last_ns;
    bool stream_expired;
};

/* What the error of a request or of a stream means for the reflector. */
enum trouble {
    TROUBLE_OTHER,
    TROUBLE_EXPIRED,   /* 410: the resourceVersion is too old */
    TROUBLE_TOO_LARGE, /* the server is behind that resourceVersion */
    TROUBLE_BUSY,      /* throttled, or nobody listens: wait and do the same again */
    TROUBLE_INTERNAL,  /* 500 */
    TROUBLE_CUT,       /* the connection ended */
    TROUBLE_STOPPED    /* the context ended */
};
enum trouble reflector_trouble(const struct opctx *ctx, const struct error *e);

/* How a watch ended. */
enum watch_end {
    WATCH_END_AGAIN,   /* as it should, or nearly: watch on at once */
    WATCH_END_BACKOFF, /* watch on after a pause */
    WATCH_END_LEAVE    /* list again after a pause; err tells why */
};

/* Lists into the informer and takes the list's version. */
int reflector_list(struct reflector *r, const struct opctx *ctx, struct error **err);
enum watch_end reflector_watch(struct reflector *r, const struct opctx *ctx, struct error **err);
enum stream_end {
    STREAM_SYNCED,  /* the list was complete; *ret_end is how the watch behind it ended */
    STREAM_RETRY,   /* pause, then a streaming list again; err tells why */
    STREAM_USE_LIST /* list instead; err tells why */
};
/* A streaming list, followed by the watch on the same stream. */
enum stream_end reflector_stream(struct reflector *r, const struct opctx *ctx,
                                 enum watch_end *ret_end, struct error **err);

void reflector_set_version(struct reflector *r, const char *version);
/* "label=..&field=.." of every request. */
void reflector_add_selectors(const struct reflector *r, struct buf *query);
/* "name=value&..." without a leading mark; value NULL: nothing. */
void reflector_add_query(struct buf *query, const char *name, const char *value);
const char *reflector_accept(const struct reflector *r, bool list); /* NULL: plain JSON */
/* Logs an object of the stream that is left out. */
void reflector_log_skipped(const struct reflector *r, const char *what, const struct error *e);
/* Counts and sleeps one step of the back-off. -1: the context ended. */
int reflector_pause(struct reflector *r, const struct opctx *ctx);
/* All is well: a later failure is logged again. */
void reflector_note_success(struct reflector *r);
void reflector_note_failure(struct reflector *r, const struct error *e);

#endif
