/* transact.h - one write: begin, work, commit, again when the database asks for it. Inside rp/syncsets/store and
 * rp/syncsets/controllers only. */
#ifndef RP_SYNCSETS_STORE_TRANSACT_H
#define RP_SYNCSETS_STORE_TRANSACT_H

#include "rp/syncsets/store/impl.h"

/* code of ERR_CONFLICT that is the caller's affair, not the database's. */
#define CONFLICT_CODE "Conflict"

/* May run several times: what it gave before is to be given up by itself. */
typedef int (*sets_work)(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                         struct error **err);
int sets_transact(const struct opctx *ctx, struct sets_store *st, sets_work work, void *arg,
                  struct error **err);
/* The same for what leaves the log as it is: nobody is told of the commit. */
int sets_transact_quietly(const struct opctx *ctx, struct sets_store *st, sets_work work, void *arg,
                          struct error **err);

#endif
