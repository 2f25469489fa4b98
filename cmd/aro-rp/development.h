/*
 * development.h - what a resource provider of development needs in its database before the first
 * request: ARM has not registered anybody, and nobody has put versions of OpenShift there.
 */
#ifndef CMD_ARO_RP_DEVELOPMENT_H
#define CMD_ARO_RP_DEVELOPMENT_H

#include "pkg/database/database.h"
#include "rp/env/env.h"

/* What is there already stays as it is. */
int development_prepare(const struct opctx *ctx, struct database *db, const struct rp_env *env,
                        struct error **err);

#endif
