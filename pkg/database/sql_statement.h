/* sql_statement.h - the text of queries on the documents, with its parameters. Private to pkg/database. */
#ifndef PKG_DATABASE_SQL_STATEMENT_H
#define PKG_DATABASE_SQL_STATEMENT_H

#include "pkg/base/buf.h"
#include "pkg/database/store_impl.h"
#include "pkg/sql/sql.h"

/* How one query is made. %N in `where` is the server's clock, %A the parameter of args[0]. */
struct sql_shape {
    const char *where; /* "" for all */
    const char *key;   /* the column by which it finds and orders; NULL: id, in each partition */
    bool oldest;       /* in the order of the writes, not of the keys */
    bool prefix;       /* args[0] is a prefix: a second parameter, %B, is the end of its range */
    bool clusters;     /* of the partitions alone, each once */
    bool slim;         /* bodies with id, key and bucket only */
};

extern const struct sql_shape sql_shapes[QUERIES];

/* Behind which row a page begins; all zero: with the first. */
struct sql_position {
    int64_t lsn;
    char *part; /* owned; NULL: from the beginning */
    const char *key;
};
void sql_position_release(struct sql_position *p);
#define cleanup_sql_position CLEANUP_WITH(sql_position_release)

#define SQL_STATEMENT_PARAMS 8
struct sql_statement {
    struct buf text;
    struct sql_param params[SQL_STATEMENT_PARAMS]; /* borrowed from the query and the position */
    size_t n;
    char *prefix_end;
};
void sql_statement_release(struct sql_statement *st);
#define cleanup_sql_statement CLEANUP_WITH(sql_statement_release)

/* Rows of DOC_COLUMNS, lsn and, where the query has one, the key; of QUERY_MANIFESTS_DUE_CLUSTERS the partition alone. One
 * more than the page has tells whether there is a next. */
void sql_statement_page(struct sql_statement *ret, enum sql_dialect dialect,
                        const struct store_query *q, const struct sql_position *from);
void sql_statement_count(struct sql_statement *ret, enum sql_dialect dialect,
                         const struct store_query *q);

#endif
