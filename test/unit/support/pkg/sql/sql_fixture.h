/* sql_fixture.h - a context, and databases for tests: in memory, or in a private file. */
#ifndef TEST_UNIT_SUPPORT_PKG_SQL_SQL_FIXTURE_H
#define TEST_UNIT_SUPPORT_PKG_SQL_SQL_FIXTURE_H

#include "pkg/sql/sql.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"

struct sql_fixture {
    struct fake_clock clock;
    struct fake_rng rng;
    struct stop *stop;
    struct opctx ctx;
    char *dir; /* private, removed with the fixture */
    char *dsn; /* of a file in it */
};
void sql_fixture_init(struct sql_fixture *f);
void sql_fixture_release(struct sql_fixture *f);

/* An open database; dsn NULL: in memory. Aborts when it cannot be had. */
struct sql_db *sql_fixture_open(struct sql_fixture *f, const char *dsn);

#endif
