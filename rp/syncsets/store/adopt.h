/*
 * adopt.h - the database of the first prototype, made by goose: clusters and syncsets with id, name, namespace and data
 * (the flat form, kubeconfig in the clear). Inside rp/syncsets/store only; all within the transaction of c.
 */
#ifndef RP_SYNCSETS_STORE_ADOPT_H
#define RP_SYNCSETS_STORE_ADOPT_H

#include "pkg/crypt/keyring.h"
#include "pkg/sql/sql.h"

#define PROTOTYPE_VERSION "20201126085459"

int adopt_is_prototype(const struct opctx *ctx, struct sql *c, bool *ret, struct error **err);
/* Gives its tables other names, so that ours can be made. ERR_INVALID without keys. */
int adopt_set_aside(const struct opctx *ctx, struct sql *c, const struct keyring *keys,
                    struct error **err);
/* Makes objects of their rows, and drops them. A row that no object can be made of is an error that names it. */
int adopt_take_over(const struct opctx *ctx, struct sql *c, struct sql_db *db,
                    const struct keyring *keys, struct error **err);

#endif
