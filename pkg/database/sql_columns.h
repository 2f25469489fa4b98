/*
 * sql_columns.h - what the SQL drivers keep of a body in columns, for unique keys and queries. Private to pkg/database.
 */
#ifndef PKG_DATABASE_SQL_COLUMNS_H
#define PKG_DATABASE_SQL_COLUMNS_H

#include "pkg/database/body.h"
#include "pkg/database/store.h"

/* See sql_schema.c. Texts are owned; NULL is SQL NULL. */
struct sql_columns {
    char *unique[UNIQUE_KEYS_MAX];
    char *state, *schedule;
    int64_t lease_s, run_after_s;
    int64_t ttl_s; /* of this document; -1: it stays */
};
int sql_columns_read(enum collection coll, const char *body, size_t len, struct sql_columns *ret,
                     struct error **err);
void sql_columns_release(struct sql_columns *c);

static inline void sql_columns_release_slot(struct sql_columns *c)
{
    sql_columns_release(c);
}
#define cleanup_sql_columns CLEANUP_WITH(sql_columns_release_slot)

/* State of a subscription that is to be deleted: such documents have a flag in place of a word. */
#define STATE_DELETING "deleting"

#endif
