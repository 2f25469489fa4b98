#include "test/unit/support/pkg/sql/postgres_rig.h"

#include <stdio.h>
#include <stdlib.h>

void postgres_rig_init(struct postgres_rig *r, fake_reply_fn *fn, void *arg)
{
    *r = (struct postgres_rig){ 0 };
    sql_fixture_init(&r->f);
    r->stop = stop_new(NULL);
    r->ctx = opctx_root(clock_system(), rng_system(), r->stop, NULL);
    r->server = fake_postgres_start(r->f.dir, fn, arg);
    const struct sql_config cfg = { .dsn = fake_postgres_dsn(r->server), .connections = 1 };
    if (sql_open(&r->ctx, &cfg, &r->db, &r->err) < 0 ||
        sql_acquire(&r->ctx, r->db, SQL_WRITE, &r->c, &r->err) < 0) {
        (void)fprintf(stderr, "%s\n", error_text(r->err));
        abort();
    }
}

void postgres_rig_release(struct postgres_rig *r)
{
    sql_release(r->c);
    sql_close(r->db);
    fake_postgres_stop(r->server);
    stop_unref(r->stop);
    error_free(r->err);
    sql_fixture_release(&r->f);
}
