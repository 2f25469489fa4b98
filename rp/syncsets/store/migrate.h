/*
 * migrate.h - the schema's versions: pairs of scripts (rp/syncsets/schema), each step one transaction, processes take
 * turns. The table schema_version holds what was applied, and a checksum of it.
 *
 * A database of the first prototype (goose_db_version with 20201126085459) is taken over: its rows become objects of
 * version 1, with their kubeconfigs sealed, and its own tables go.
 * Threads: safe from any; several processes, too.
 */
#ifndef RP_SYNCSETS_STORE_MIGRATE_H
#define RP_SYNCSETS_STORE_MIGRATE_H

#include "pkg/crypt/keyring.h"
#include "pkg/sql/sql.h"

struct sets_step {
    int version;
    const char *name;
    const char *up[SQL_DIALECTS], *down[SQL_DIALECTS];
};
/* The steps that this program knows, in order; at most SETS_STEPS_MAX. */
#define SETS_STEPS_MAX 64
size_t sets_steps(struct sets_step *ret);

struct sets_schema_state {
    int version;     /* of the database; 0: nothing */
    int known;       /* of the program */
    bool is_changed; /* an applied step has another checksum than the program's */
    bool is_prototype;
};
/* Reads only. */
int sets_schema_state(const struct opctx *ctx, struct sql_db *db, struct sets_schema_state *ret,
                      struct error **err);
/* ERR_UNAVAILABLE, with what to do: this program cannot work with it. One ahead is fine. */
int sets_schema_check(const struct opctx *ctx, struct sql_db *db, struct error **err);

/* To the newest version. keys seals what a prototype's database has in the clear; NULL: such a database is refused. */
int sets_migrate_up(const struct opctx *ctx, struct sql_db *db, const struct keyring *keys,
                    int *ret_steps, struct error **err);
/* Down by `steps`, or as far as there are. ERR_CONFLICT: a table that these steps drop holds what cannot be made again, and
 * force is not given; nothing is dropped then. */
int sets_migrate_down(const struct opctx *ctx, struct sql_db *db, int steps, bool force,
                      int *ret_steps, struct error **err);

#endif
