/*
 * quota.h - what a namespace may hold at most (its spec says so, or these defaults do), and SelectorSyncSets together.
 *
 * Errors: ERR_FORBIDDEN code "QuotaExceeded".
 * Threads: a store is safe from any thread; a connection is its thread's.
 */
#ifndef RP_SYNCSETS_STORE_QUOTA_H
#define RP_SYNCSETS_STORE_QUOTA_H

#include "rp/syncsets/store/impl.h"

#define QUOTA_CLUSTERS 10000
#define QUOTA_SETS 500
#define QUOTA_SECRETS 500
/* Whoever works on a cluster holds all of its sets in memory: those of its namespace, and SelectorSyncSets. */
#define QUOTA_SET_BYTES (32 << 20)
#define QUOTA_SELECTOR_SET_BYTES (32 << 20)

/* {"maxClusters","maxSets","maxSecrets","maxSetBytes"} of a namespace that nobody made; owned. */
json *sets_give_quotas(void);
/* Whether one more may be created in the namespace, whose row is locked: of two creations the second one counts when the
 * first one is there. */
int sets_check_number(const struct opctx *ctx, struct sql *c, const struct sets_write *w,
                      const struct sets_row *nspace, struct error **err);
/* Behind the creation of a set, within its transaction: whether all of them still fit. Of two writers the second one waits for the
 * first one's end. nspace NULL: it is looked for. */
int sets_check_bytes(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                     const struct sets_write *w, const struct sets_row *nspace, struct error **err);
/* The same behind a replacement, for those that made the set larger: where there is too much, what shrinks is welcome. */
int sets_check_growth(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                      const struct sets_write *w, const json *old, const json *made,
                      struct error **err);

#endif
