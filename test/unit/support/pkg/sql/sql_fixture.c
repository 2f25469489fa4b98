#include "test/unit/support/pkg/sql/sql_fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "pkg/base/mem.h"

static char *dir_give(void)
{
    const char *tmp = getenv("TMPDIR");
    char *dir = xasprintf("%s/sqlXXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        abort();
    return dir;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void dir_free(char *dir)
{
    (void)nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(dir);
}

void sql_fixture_init(struct sql_fixture *f)
{
    fake_clock_init(&f->clock);
    fake_rng_init(&f->rng, 1);
    f->stop = stop_new(NULL);
    f->ctx = opctx_root(&f->clock.base, &f->rng.base, f->stop, NULL);
    f->dir = dir_give();
    f->dsn = xasprintf("sqlite:%s/test.db", f->dir);
}

void sql_fixture_release(struct sql_fixture *f)
{
    dir_free(f->dir);
    free(f->dsn);
    stop_unref(f->stop);
    fake_clock_release(&f->clock);
}

struct sql_db *sql_fixture_open(struct sql_fixture *f, const char *dsn)
{
    struct sql_db *db;
    struct error *err = NULL;
    const struct sql_config cfg = { .dsn = dsn ? dsn : "sqlite::memory:",
                                    .clock = &f->clock.base,
                                    .connections = 2,
                                    .busy_ms = 1 };
    if (sql_open(&f->ctx, &cfg, &db, &err) < 0) {
        (void)fprintf(stderr, "%s\n", error_text(err));
        abort();
    }
    return db;
}
