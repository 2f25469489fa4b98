/*
 * locks.h - the advisory locks of SyncSets in PostgreSQL, all in one list: two of one number would keep each other out.
 *
 * Locks of one number and of a pair of numbers do not meet. pkg/sql holds 4702111234474983745 while it migrates.
 *
 * Threads: safe from any; a session is its thread's.
 * Source: PostgreSQL 15, "Advisory Lock Functions".
 */
#ifndef RP_SYNCSETS_STORE_LOCKS_H
#define RP_SYNCSETS_STORE_LOCKS_H

#include "pkg/sql/sql.h"

/* Held by a transaction. */
#define SETS_LOCK_MIGRATE "4702111234474983746"
#define SETS_LOCK_NAMESPACE "470211" /* with the hash of a name */

/* Held by a session as long as it lives: by who does a thing for all processes. */
#define SETS_LOCK_RELAY "4702111234474983747"
#define SETS_LOCK_CONTROLLERS "4702111234474983748"

enum sets_lead { SETS_LEAD_RELAY, SETS_LEAD_CONTROLLERS, SETS_LEADS };
/*
 * sets_try_lead - takes the lock of such a leader for a session of PostgreSQL, without waiting.
 *
 * Returns 1: this session leads until it ends (keep it from going back into the pool: sql_abandon); 0: another does; -1:
 *         the database failed.
 */
int sets_try_lead(const struct opctx *ctx, struct sql *session, enum sets_lead which,
                  struct error **err);

#endif
