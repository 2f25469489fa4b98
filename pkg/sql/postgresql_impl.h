/* postgresql_impl.h - one connection to PostgreSQL. Private to pkg/sql. */
#ifndef PKG_SQL_POSTGRESQL_IMPL_H
#define PKG_SQL_POSTGRESQL_IMPL_H

#include <postgresql/libpq-fe.h>

#include "pkg/sql/sql_impl.h"

struct postgresql {
    struct sql base;
    PGconn *conn;
    struct map *statements; /* text -> name, of what is prepared on this connection */
    size_t statements_len;
    int wake_fd; /* an eventfd: the context's stop ends a wait */
};

static inline struct postgresql *postgresql_of(struct sql *c)
{
    return container_of(c, struct postgresql, base);
}

/* ---- postgresql_error.c: always -1 ---- */
/* r is what the server answered; NULL: the connection itself failed. A connection that is of no more use is marked. */
int postgresql_fail(struct postgresql *c, const PGresult *r, struct error **err);
enum err_kind postgresql_kind_of(const char *sqlstate); /* NULL: no answer came */
bool postgresql_ends_connection(const char *sqlstate);

/* ---- postgresql_wait.c ---- */
/* Waits until the socket can be read (or, while something is unsent, written). */
int postgresql_wait(const struct opctx *ctx, struct postgresql *c, bool write, struct error **err);
/* Sends what is queued and takes the answer to one command: its last result, owned by the caller. The context's end
 * makes the connection unusable: its answer would come too late. */
int postgresql_answer(const struct opctx *ctx, struct postgresql *c, PGresult **ret,
                      struct error **err);

#endif
