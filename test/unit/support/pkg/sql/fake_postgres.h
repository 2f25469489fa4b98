/*
 * fake_postgres.h - a server that speaks as much of PostgreSQL's protocol as libpq needs, and says what the test wants:
 * for answers that a real server gives at no test's command, or never.
 *
 * Each statement (of the simple or the extended protocol) is shown to the test's function, which fills in the reply. It
 * runs on the connection's thread.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_SQL_FAKE_POSTGRES_H
#define TEST_UNIT_SUPPORT_PKG_SQL_FAKE_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>

struct fake_reply {
    const char *tag;      /* "INSERT 0 1"; NULL: the first word of the statement */
    const char *value;    /* a row of one column; NULL: no rows */
    const char *sqlstate; /* an error instead */
    const char *notify;   /* a notification after it, of this payload */
    bool hang_up;         /* the connection ends without an answer */
    bool keep_silent;     /* no answer ever, but the connection stays */
};
typedef void fake_reply_fn(void *arg, const char *statement, struct fake_reply *reply);

struct fake_postgres;
struct fake_postgres *fake_postgres_start(const char *dir, fake_reply_fn *fn, void *arg);
void fake_postgres_stop(struct fake_postgres *s);
const char *fake_postgres_dsn(const struct fake_postgres *s);
int fake_postgres_connections(struct fake_postgres *s); /* accepted so far */
void fake_postgres_hang_up(struct fake_postgres *s);    /* on all who are connected */

#endif
