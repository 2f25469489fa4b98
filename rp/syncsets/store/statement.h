/*
 * statement.h - statements put together from parts, above all the label selector of one. Inside rp/syncsets/store, and for
 * those who keep rows beside its own (rp/syncsets/controllers).
 *
 * Parameters are numbered as they come. Texts that selectors need belong to the statement; others are borrowed.
 */
#ifndef RP_SYNCSETS_STORE_STATEMENT_H
#define RP_SYNCSETS_STORE_STATEMENT_H

#include "pkg/base/buf.h"
#include "rp/syncsets/store/store.h"

#define STATEMENT_TEXTS_MAX 8
struct statement {
    struct buf text;
    struct sql_param params[SQL_PARAMS_MAX];
    size_t n;
    char *owned[STATEMENT_TEXTS_MAX];
    size_t owned_len;
};
#define STATEMENT_INIT \
    { \
        .text = BUF_INIT(BUF_UNBOUNDED) \
    }
void statement_release(struct statement *s);
#define cleanup_statement CLEANUP_WITH(statement_release)

/* Writes "$n". */
void statement_param(struct statement *s, struct sql_param p);
/* "column IN (values)". */
void statement_in(struct statement *s, enum sql_dialect d, const char *column,
                  const struct strv *values);

/* The requirement of a selector (NULL: everything) that finds the fewest rows; *ret NULL: none finds few. */
int statement_choose_driver(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                            const struct api_type *type, const struct selector *selector,
                            const struct requirement **ret, struct error **err);
/* "FROM ... WHERE ..." of the objects of that type, as "o", that match; more conditions may follow (" AND ..."). */
void statement_from(struct statement *s, enum sql_dialect d, const struct api_type *type,
                    const struct selector *selector, const struct requirement *driver);

#endif
