/* postgres_rig.h - pkg/sql on a fake PostgreSQL; on the system's clock, for sockets know no other. */
#ifndef TEST_UNIT_SUPPORT_PKG_SQL_POSTGRES_RIG_H
#define TEST_UNIT_SUPPORT_PKG_SQL_POSTGRES_RIG_H

#include "pkg/sql/sql.h"
#include "test/unit/support/pkg/sql/fake_postgres.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"

struct postgres_rig {
    struct sql_fixture f;
    struct stop *stop;
    struct opctx ctx;
    struct fake_postgres *server;
    struct sql_db *db;
    struct sql *c;
    struct error *err;
};
/* One connection is open and acquired. */
void postgres_rig_init(struct postgres_rig *r, fake_reply_fn *fn, void *arg);
void postgres_rig_release(struct postgres_rig *r);

#endif
