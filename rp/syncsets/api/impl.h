/* impl.h - what the files of rp/syncsets/api share. */
#ifndef RP_SYNCSETS_API_IMPL_H
#define RP_SYNCSETS_API_IMPL_H

#include <stdatomic.h>

#include "rp/syncsets/api/access.h"
#include "rp/syncsets/api/api.h"
#include "rp/syncsets/api/room.h"

/* Of a request. */
#define BODY_MAX ((size_t)4 << 20)
/* Of its tree: as much as 1 MiB takes that is nothing but variables of environments. */
#define BODY_ROOM_MAX ((size_t)48 << 20)

struct sets_hub;
struct sets_ready;

struct sets_api {
    struct sets_api_config cfg;
    struct sets_store *store;
    struct room *room; /* of watches */
    struct sets_hub *hub;
    struct sets_ready *ready;
    struct http_server *server;
    struct metric *requests, *watching, *delayed;
    atomic_bool draining;
};

/* One request, taken apart. */
struct sets_request {
    struct sets_api *api;
    struct http_call *call;
    const struct opctx *ctx;
    const struct api_type *type;
    char *nspace; /* "" for global types; NULL: of all namespaces */
    char *name;   /* NULL: the collection */
    char *action; /* behind ':'; NULL: none */
    char *who;
};
int sets_request_init(struct sets_request *r, struct sets_api *api, struct http_call *call,
                      const struct opctx *ctx, struct error **err);
void sets_request_release(struct sets_request *r);
#define cleanup_sets_request CLEANUP_WITH(sets_request_release)
/* ERR_FORBIDDEN. nspace as in a request. */
int sets_request_allow(const struct sets_request *r, enum sets_role role, const char *nspace,
                       struct error **err);

/* "GET, HEAD, POST": for what there is at its place an operation; owned, NULL: for nothing. */
char *sets_request_give_allowed(const struct sets_request *r);
/* ERR_INVALID: the query has something that the operation does not know, and would pass over. */
int sets_request_check_query(const struct sets_request *r, struct error **err);
/* Query parameters; owned; NULL when absent. ERR_INVALID: no UTF-8. */
int sets_request_text(const struct sets_request *r, const char *name, char **ret,
                      struct error **err);
int sets_request_bool(const struct sets_request *r, const char *name, bool *ret,
                      struct error **err);
int sets_request_int(const struct sets_request *r, const char *name, int64_t min, int64_t max,
                     int64_t dflt, int64_t *ret, struct error **err);
int sets_request_selector(const struct sets_request *r, struct selector *ret, struct error **err);
/* What fieldSelector asks for. */
struct sets_fields {
    char *nspace, *name; /* NULL: any */
    int failed;          /* as of struct sets_query */
    bool nothing;        /* it contradicts the path: nothing can match */
};
int sets_request_fields(const struct sets_request *r, struct sets_fields *ret, struct error **err);
void sets_fields_release(struct sets_fields *f);
#define cleanup_fields CLEANUP_WITH(sets_fields_release)
/* header is this media type, whatever its parameters and letter case. */
bool sets_is_media(const char *header, const char *type);
/* The body as JSON, owned. ERR_UNSUPPORTED: a media type that the method does not take. */
int sets_request_body(const struct sets_request *r, json **ret, struct error **err);
/* The version that If-Match names; 0: none. */
int sets_request_if_match(const struct sets_request *r, int64_t *ret, struct error **err);

void sets_reply_object(struct http_call *call, int status, const json *object);
/* Code of the ERR_UNAVAILABLE of a process that is about to end. */
#define CODE_STOPPING "ServiceStopping"
json *sets_give_status_of(const struct error *e);
int sets_on_error(struct http_call *call, const struct error *e, void *arg);

/* ---- verbs ---- */
typedef int (*sets_verb)(struct sets_request *r, struct error **err);
int sets_verb_get(struct sets_request *r, struct error **err);
int sets_verb_list(struct sets_request *r, struct error **err);
int sets_verb_create(struct sets_request *r, struct error **err);
int sets_verb_put(struct sets_request *r, struct error **err);
int sets_verb_patch(struct sets_request *r, struct error **err);
int sets_verb_delete(struct sets_request *r, struct error **err);
int sets_verb_delete_all(struct sets_request *r, struct error **err);
int sets_verb_watch(struct sets_request *r, struct error **err);
int sets_verb_action(struct sets_request *r, struct error **err);
int sets_action_preview(struct sets_request *r, struct error **err);

/* ---- readiness: looked for by a thread of its own, so that requests, however many, never keep the answer back ---- */
int sets_ready_start(struct sets_api *api, struct sets_ready **ret, struct error **err);
/* From memory, on any thread. ERR_UNAVAILABLE and others: why the last look failed, or that it is long ago. */
int sets_ready_check(struct sets_ready *r, struct error **err);
void sets_ready_stop(struct sets_ready *r); /* NULL: nothing */

/* ---- the hub: one reader of the log, many watches ---- */
struct sets_watch;
int sets_hub_start(struct sets_api *api, struct sets_hub **ret, struct error **err);
void sets_hub_wake(struct sets_hub *hub); /* there may be something new; NULL: nothing */
void sets_hub_stop(struct sets_hub *hub); /* ends all watches */
/* Room for one more watch of that identity, until sets_hub_let_go. ERR_THROTTLED: there is none (room.h). */
int sets_hub_admit(struct sets_hub *hub, const char *who, struct error **err);
/* One that was admitted never began. */
void sets_hub_dismiss(struct sets_hub *hub, const char *who);
/* Takes over an admitted watch with a stream and its caller's reference; sends what it begins with (the state, when from is
 * 0) and what comes afterwards. ahead: from was not there yet, and is waited for a little; then the watch ends with 504. */
void sets_hub_take(struct sets_hub *hub, struct sets_watch *w, int64_t from, bool ahead);
int64_t sets_hub_last(struct sets_hub *hub); /* the revision that it has reached */
/* Joins the watches that follow the log, and takes over the caller's reference; false: the hub is ahead of it. */
bool sets_hub_join(struct sets_hub *hub, struct sets_watch *w);
void sets_hub_let_go(struct sets_hub *hub, struct sets_watch *w);

/* ---- beginnings: watches on their way to join the hub, on threads of their own ---- */
struct sets_beginnings;
int sets_beginnings_start(struct sets_api *api, struct sets_hub *hub, const struct opctx *ctx,
                          struct sets_beginnings **ret, struct error **err);
/* from 0: with the state first. ahead: as of sets_hub_take. */
void sets_beginnings_add(struct sets_beginnings *all, struct sets_watch *w, int64_t from,
                         bool ahead);
/* One that the hub had no room for: it reads on from the log, as there is room, and joins again. */
void sets_beginnings_resume(struct sets_beginnings *all, struct sets_watch *w);
/* After its context was stopped; lets go of those that are there. NULL: nothing. */
void sets_beginnings_stop(struct sets_beginnings *all);

/* ---- watches ---- */
#define WATCH_PENDING_MAX 1000
#define WATCH_QUEUE_MAX ((size_t)8 << 20)
struct sets_watch {
    struct http_stream *stream; /* or socket */
    struct ws *socket;
    const struct api_type *type;
    char *who, *nspace; /* nspace NULL: all */
    struct strv namespaces;
    bool limited; /* to namespaces */
    struct selector selector;
    char *name;   /* only this one; NULL: all */
    bool nothing; /* no object can match */
    bool bookmarks;
    int64_t last; /* revision */
    int64_t end_ns, bookmark_ns, check_ns;
    struct room *room; /* that its queue counts in; NULL: in none */
    size_t account;
    size_t claimed; /* of the account: room for lines that are still to be sent */
    /* Where each event that may not have been taken yet ends, in bytes of the stream. */
    size_t ends[WATCH_PENDING_MAX];
    size_t first, pending, sent;
    size_t queue_max; /* bytes of sets_watch_queued */
    atomic_int refs;  /* the hub's, the stream's */
    atomic_bool closed;
    struct sets_watch *next;
};
void sets_watch_unref(struct sets_watch *w);
/* The reply begins: a stream, or the WebSocket that was asked for. ERR_INVALID: a malformed handshake. */
int sets_watch_open(struct sets_watch *w, struct http_call *call, struct error **err);
size_t sets_watch_queued(const struct sets_watch *w); /* bytes that nobody has taken yet */
bool sets_watch_has_room(const struct sets_watch *w, size_t len);
/* line: with its line end. -1: its client is gone, or far behind. */
int sets_watch_write(struct sets_watch *w, const char *line, size_t len);
void sets_watch_end(struct sets_watch *w);
void sets_watch_leave(struct sets_watch *w); /* the hub's or the beginning's part of it ends */
/* -1: it is too far behind, or gone, and was ended; 1: all watches together leave no room for it now, and nothing was sent. */
int sets_watch_send(struct sets_watch *w, const char *line, size_t len);
size_t sets_watch_pending(struct sets_watch *w);
/* An event, for any number of watches of one thread: what they have to know of it is found out once. */
struct sets_told {
    const struct sets_event *event; /* borrowed */
    bool has_labels;
    json *old_labels, *labels; /* NULL: there are none, or nobody asked yet */
};
void sets_told_release(struct sets_told *t);
#define cleanup_told CLEANUP_WITH(sets_told_release)
/* As sets_watch_send, and w->last tells whether it was seen; 0, too, for what is not this watch's to see. */
int sets_watch_event(struct sets_watch *w, struct sets_told *t);
int sets_watch_bookmark(struct sets_watch *w, bool initial_end); /* as sets_watch_send */
void sets_watch_fail(struct sets_watch *w, struct error *e);     /* e is consumed */
/* False: its time, its client or its caller's rights have ended. */
bool sets_watch_may_go_on(struct sets_watch *w, struct sets_access *access, int64_t now_ns);

#endif
