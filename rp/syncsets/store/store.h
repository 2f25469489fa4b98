/*
 * store.h - objects, the log of their changes, and what goes with them, over PostgreSQL or SQLite.
 *
 * Every write is one transaction that ends with the one row of `revision`: its lock makes the order of revisions the order
 * of commits, so a reader of the log never sees one fill in behind it. The same transaction puts the change into `events`;
 * what was rolled back has no event, and what was committed cannot lose it. A write that changes nothing keeps the
 * version and has no event.
 *
 * Secrets (kubeconfigs, the data of secrets) lie sealed in a column of their own and are in no object that is given out.
 *
 * Objects are JSON trees as clients see them. Errors (the first three of an object have "plural/name" as their target):
 * ERR_NOT_FOUND, ERR_EXISTS, ERR_CONFLICT (another version or uid;
 * code "Conflict"), ERR_FORBIDDEN (a quota; code "QuotaExceeded"), ERR_UNAVAILABLE, ERR_TIMEOUT, ERR_CANCELLED. Texts hold
 * no SQL.
 * Threads: a store is safe from any thread.
 */
#ifndef RP_SYNCSETS_STORE_STORE_H
#define RP_SYNCSETS_STORE_STORE_H

#include "pkg/crypt/keyring.h"
#include "pkg/sql/sql.h"
#include "rp/syncsets/types/selector.h"
#include "rp/syncsets/types/types.h"

struct sets_store;
struct sets_store_config {
    struct sql_db *db;          /* borrowed */
    const struct keyring *keys; /* borrowed */
    bool require_namespaces;    /* objects go only into namespaces that exist */
    int64_t selector_set_bytes; /* all SelectorSyncSets together, as JSON; 0: 32 MiB */
    /* A change was committed: wakes whoever follows the log in this process. May be NULL; must not block. */
    void (*on_commit)(void *arg);
    void *arg;
};
struct sets_store *sets_store_new(const struct sets_store_config *cfg);
void sets_store_free(struct sets_store *st);
DEFINE_RELEASE(struct sets_store *, sets_store_free)
#define cleanup_sets_store CLEANUP_WITH(sets_store_free_slot)
struct sql_db *sets_store_db(struct sets_store *st);
/* What sessions that wait for changes LISTEN to (PostgreSQL). */
#define SETS_CHANNEL "syncsets_events"

/* ---- reading ---- */
int sets_get(const struct opctx *ctx, struct sets_store *st, const struct api_type *type,
             const char *nspace, const char *name, json **ret, struct error **err);
/* nspace "" for global types, everywhere. */

struct sets_query {
    const struct api_type *type;
    const char *nspace;              /* NULL: of all */
    const struct strv *namespaces;   /* only of these; NULL: no limit */
    const struct selector *selector; /* NULL: all */
    const char *name;                /* only this one; NULL: all */
    int failed;                      /* clustersyncs with Failed=True (1) or without (0); -1: all */
    size_t limit;                    /* at least 1 */
    size_t max_bytes;                /* a page ends once it has so many; 0: 8 MiB */
    const char *after_nspace, *after_name; /* from behind it; NULL: from the first */
    bool as_added;   /* items as lines {"type":"ADDED","object":...}, as a watch begins */
    bool one_moment; /* the rows and the revision are of the same instant, which costs a little */
};
struct sets_page {
    struct buf items; /* objects, comma between */
    size_t len;
    int64_t revision; /* of before the first row was read */
    bool more;
    char *last_nspace, *last_name; /* of the last row; NULL when there is none */
};
/* How many there are, whatever limit and after_ say. */
int sets_count(const struct opctx *ctx, struct sets_store *st, const struct sets_query *q,
               int64_t *ret, struct error **err);
int sets_list(const struct opctx *ctx, struct sets_store *st, const struct sets_query *q,
              struct sets_page *ret, struct error **err);
void sets_page_release(struct sets_page *p);
#define cleanup_page CLEANUP_WITH(sets_page_release)
/* The database's plan of the statement that the query becomes, as text. */
int sets_list_explain(const struct opctx *ctx, struct sets_store *st, const struct sets_query *q,
                      char **ret, struct error **err);

int sets_revision(const struct opctx *ctx, struct sets_store *st, int64_t *ret, struct error **err);

/* The secret fields of an object: {"kubeconfig": text}; *ret NULL: it has none. Wipe it. ERR_INVALID code
 * "DecryptFailed": no key opens them. */
int sets_reveal(const struct opctx *ctx, struct sets_store *st, const struct api_type *type,
                const char *nspace, const char *name, json **ret, struct error **err);

/* A set in the clusters that it is for. */
struct sets_standing {
    int64_t generation, matched, applied, failing; /* applied: this generation */
    json *failing_clusters; /* [{"namespace","name","message"}], the first of them */
};
int sets_stand(const struct opctx *ctx, struct sets_store *st, const struct api_type *type,
               const char *nspace, const char *name, size_t failing_max, struct sets_standing *ret,
               struct error **err);
void sets_standing_release(struct sets_standing *s);
#define cleanup_standing CLEANUP_WITH(sets_standing_release)

/* ---- writing ---- */
struct sets_write {
    const struct api_type *type;
    const char *nspace, *name; /* "" for global types */
    /* As api_decode made it, without secrets; borrowed. */
    const json *object;
    const json *secrets; /* NULL: they stay as they are */
    const json *status;  /* NULL: it stays as it is */
    int64_t if_version;  /* 0: any */
    const char *if_uid;  /* NULL: any */
    bool upsert;         /* of a replacement: create it where it is absent */
    bool orphan;         /* of a deletion: forget what was applied */
    bool cleanup;        /* of a deletion: mark it, controllers finish it */
    const char *actor;   /* for the audit */
    /* A repeated creation with this key gives the first one's result. NULL: none. request_hash tells repetitions
     * from other requests; what is kept of it is a MAC, for the request may hold secrets. */
    const char *idempotency_key, *request_hash;
};
int sets_create(const struct opctx *ctx, struct sets_store *st, const struct sets_write *w,
                json **ret, struct error **err);
/* ret_created may be NULL. */
int sets_replace(const struct opctx *ctx, struct sets_store *st, const struct sets_write *w,
                 bool *ret_created, json **ret, struct error **err);
/* *ret: the object as it was last; with cleanup as it is now. */
int sets_delete(const struct opctx *ctx, struct sets_store *st, const struct sets_write *w,
                json **ret, struct error **err);

/* Makes a cluster due, for a full apply; unquarantine: its failed attempts are forgotten. actor: for the audit.
 * ERR_NOT_FOUND. */
int sets_mark(const struct opctx *ctx, struct sets_store *st, const char *nspace, const char *name,
              bool unquarantine, const char *actor, struct error **err);

/* ---- the log ---- */
struct sets_event {
    int64_t revision, prev;
    const char *type, *op, *uid, *nspace, *name; /* op: ADDED, MODIFIED, DELETED */
    int64_t generation;
    const char *old_labels,
        *labels;        /* JSON objects; NULL: there were or are none (creation, deletion) */
    const char *object; /* JSON, with this revision as its resourceVersion */
    size_t object_len;
    bool status_only; /* nothing but status differs from before */
};
/* Of events behind `after`, in order, up to limit; ends when visit returns -1 (that is its error) or 1 (enough for now).
 * Strings are borrowed for the visit. *ret_last: the last that was visited (after when none). ERR_GONE: what comes next was
 * compacted. */
typedef int (*sets_visit)(void *arg, const struct sets_event *e, struct error **err);
int sets_events(const struct opctx *ctx, struct sets_store *st, int64_t after, size_t limit,
                sets_visit visit, void *arg, int64_t *ret_last, struct error **err);
/* Revisions up to this one are no longer in the log. */
int sets_floor(const struct opctx *ctx, struct sets_store *st, int64_t *ret, struct error **err);
/* Drops events older than that, but none behind a younger one or that a cursor has not passed, and idempotency keys of
 * more than a day. */
int sets_compact(const struct opctx *ctx, struct sets_store *st, int64_t keep_s,
                 struct error **err);
/* Takes the oldest rows out of the audit: those of more than keep_s ago, and all but the last `rows`. A part of them at a time, so
 * that nobody waits long: *ret_more (may be NULL) says that there are others. */
int sets_audit_trim(const struct opctx *ctx, struct sets_store *st, int64_t keep_s, int64_t rows,
                    bool *ret_more, struct error **err);
/* Cursors (relay, matcher, floor) are rows of the schema. They never go back: a smaller revision changes nothing, and neither does
 * a name that is not there, which reads as 0. */
int sets_cursor_get(const struct opctx *ctx, struct sets_store *st, const char *name, int64_t *ret,
                    struct error **err);
int sets_cursor_set(const struct opctx *ctx, struct sets_store *st, const char *name,
                    int64_t revision, struct error **err);
/* The age in seconds of the first event that the cursor has not passed; 0: there is none. */
int sets_cursor_lag(const struct opctx *ctx, struct sets_store *st, const char *name, int64_t *ret,
                    struct error **err);

/* ---- keys ---- */
/* Seals again what another key than the current one sealed. What no key opens stays and counts as failed. */
int sets_rotate(const struct opctx *ctx, struct sets_store *st, size_t *ret_sealed,
                size_t *ret_failed, struct error **err);

/* ---- continue tokens ---- */
struct sets_token {
    int64_t revision;
    char *nspace, *name;
};
/* query: a text of what was asked; another one does not take the token. */
char *sets_token_give(const struct keyring *keys, const struct sets_token *t, const char *query);
/* ERR_INVALID: not ours, or of another query. */
int sets_token_parse(const struct keyring *keys, const char *text, const char *query,
                     struct sets_token *ret, struct error **err);
void sets_token_release(struct sets_token *t);
#define cleanup_token CLEANUP_WITH(sets_token_release)

#endif
