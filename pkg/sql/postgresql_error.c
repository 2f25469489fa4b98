#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/sql/postgresql_impl.h"

#define DISK_FULL "53100"

/* The first row whose prefix fits. Source: PostgreSQL 15, appendix A. */
static const struct {
    const char *prefix;
    enum err_kind kind;
    bool ends_connection;
} states[] = {
    { "22003", ERR_INVALID, false },     /* numeric_value_out_of_range: of jsonb, too */
    { "23505", ERR_EXISTS, false },      /* unique_violation */
    { "40", ERR_CONFLICT, false },       /* deadlock, serialization failure, ... */
    { "55P03", ERR_CONFLICT, false },    /* lock_not_available */
    { "08", ERR_UNAVAILABLE, true },     /* connection exception */
    { "25006", ERR_UNAVAILABLE, true },  /* read only: the server is no primary any more */
    { "57014", ERR_UNAVAILABLE, false }, /* query_canceled: by the server's side, ours never asks */
    { "57P", ERR_UNAVAILABLE, true },    /* going down, crashed, coming up, session dropped */
    { "53", ERR_UNAVAILABLE, false },    /* too many connections, disk full, out of memory */
    { "58", ERR_UNAVAILABLE, false },    /* I/O error of the server */
    { "54", ERR_TOO_LARGE, false },      /* program limit exceeded */
    /* What this program may not do there is no answer to what its own callers asked for. */
    { "28", ERR_UNAVAILABLE, true },     /* invalid authorization */
    { "3D000", ERR_UNAVAILABLE, true },  /* no such database */
    { "42501", ERR_UNAVAILABLE, false }, /* insufficient_privilege */
};

enum err_kind postgresql_kind_of(const char *sqlstate)
{
    if (!sqlstate)
        return ERR_UNAVAILABLE;
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (str_starts(sqlstate, states[i].prefix))
            return states[i].kind;
    return ERR_INTERNAL;
}

bool postgresql_ends_connection(const char *sqlstate)
{
    if (!sqlstate)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (str_starts(sqlstate, states[i].prefix))
            return states[i].ends_connection;
    return false;
}

/* The primary message alone: details repeat values of rows. */
int postgresql_fail(struct postgresql *c, const PGresult *r, struct error **err)
{
    const char *sqlstate = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    const char *message = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (PQstatus(c->conn) == CONNECTION_BAD || postgresql_ends_connection(sqlstate))
        c->base.is_broken = true;
    if (message) {
        (void)error_set(err, postgresql_kind_of(sqlstate), "PostgreSQL: %s (%s)", message,
                        sqlstate ? sqlstate : "-");
        sql_tell_refused(err);
        if (str_eq(sqlstate, DISK_FULL))
            sql_tell_full(err);
        return -1;
    }
    cleanup_free char *text = str_give_trimmed(PQerrorMessage(c->conn));
    return error_set(err, postgresql_kind_of(sqlstate), "PostgreSQL: %s",
                     *text ? text : "the connection was lost");
}
