/*
 * reseal.h - seals the secrets of clusters anew that an older version of a key sealed, so that this version may be deleted.
 *
 * A document is sealed under the newest key when a secret in it changes, which may be never. So now and then one backend of
 * all looks through every cluster: the one that takes the lease of the document "reseal" among the pool workers, which also
 * says when a round was ended last. It writes with the etag that it read and touches nothing but sealed values, so that it is
 * in nobody's way, also not in that of an operation at work. A round that is broken off begins anew elsewhere when the lease
 * has run out; what was sealed anew is passed over then.
 */
#ifndef RP_BACKEND_RESEAL_H
#define RP_BACKEND_RESEAL_H

#include "rp/backend/backend.h"

#define RESEAL_TYPE "reseal"

/* One round, if one is due and nobody else is at it. -1: it was broken off, or could not begin. */
int reseal_round(const struct backend_config *cfg, const struct opctx *ctx, struct error **err);
/* Rounds until the context ends; none without keys. */
void reseal_run(const struct backend_config *cfg, const struct opctx *ctx);

#endif
