/*
 * The conformance suite on SQLite in memory and in a file; with STORE_DSN set, on that PostgreSQL database instead, whose
 * server's process stands in STORE_SERVER_PID (a file) and comes back when it is killed: make store-check.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/pkg/database/store_suite.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"

/* ---- SQLite ---- */

struct sqlite_arg {
    struct sql_fixture *f;
    const char *dsn;
};

static int open_sqlite(void *arg, const struct opctx *ctx, struct store **ret, struct error **err)
{
    const struct sqlite_arg *a = arg;
    struct opctx own = *ctx;
    own.clock = &a->f->clock.base;
    return store_open_sqlite(&own, a->dsn, ret, err);
}

static void pass_fake_s(void *arg, struct store *store, int64_t s)
{
    (void)store;
    const struct sqlite_arg *a = arg;
    fake_clock_advance_ms(&a->f->clock, s * 1000);
}

static int run_sqlite(void)
{
    struct sql_fixture f;
    sql_fixture_init(&f);
    struct sqlite_arg memory = { &f, "sqlite::memory:" }, file = { &f, f.dsn };
    const struct store_subject subjects[] = {
        { .name = "sqlite in memory",
          .open = open_sqlite,
          .pass_s = pass_fake_s,
          .arg = &memory,
          .keeps_numbers = true },
        { .name = "sqlite in a file",
          .open = open_sqlite,
          .pass_s = pass_fake_s,
          .arg = &file,
          .keeps_numbers = true,
          .is_shared = true },
    };
    int failed = 0;
    for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
        struct CMUnitTest tests[STORE_SUITE_MAX];
        size_t n = store_suite_list(&subjects[i], tests, 0);
        failed += _cmocka_run_group_tests(subjects[i].name, tests, n, NULL, NULL);
    }
    sql_fixture_release(&f);
    return failed;
}

/* ---- PostgreSQL ---- */

struct server {
    const char *dsn, *pid_file;
};

static int open_postgresql(void *arg, const struct opctx *ctx, struct store **ret,
                           struct error **err)
{
    const struct server *server = arg;
    return store_open_postgresql(ctx, server->dsn, ret, err);
}

static void pass_real_s(void *arg, struct store *store, int64_t s)
{
    (void)arg;
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    int64_t from, now;
    if (store_now_s(&ctx, store, &from, NULL) < 0)
        abort();
    do {
        if (opctx_sleep_ms(&ctx, 50, NULL) < 0 || store_now_s(&ctx, store, &now, NULL) < 0)
            abort();
    } while (now < from + s);
}

static long server_pid(const struct server *server)
{
    cleanup_free char *text = NULL;
    size_t len;
    return file_read(server->pid_file, 4096, &text, &len, NULL) < 0 ? 0 : strtol(text, NULL, 10);
}

/* SIGQUIT ends every session in the middle of whatever it does; the server recovers from its log when it starts again. */
static void crash_server(void *arg)
{
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const struct server *server = arg;
    long pid;
    while ((pid = server_pid(server)) <= 0)
        if (opctx_sleep_ms(&ctx, 10, NULL) < 0)
            abort();
    if (kill((pid_t)pid, SIGQUIT) < 0)
        abort();
    while (kill((pid_t)pid, 0) == 0)
        if (opctx_sleep_ms(&ctx, 10, NULL) < 0)
            abort();
}

static int run_postgresql(const char *dsn)
{
    struct server server = { dsn, getenv("STORE_SERVER_PID") };
    const struct store_subject subject = {
        .name = "postgresql",
        .open = open_postgresql,
        .pass_s = pass_real_s,
        .crash = server.pid_file ? crash_server : NULL,
        .arg = &server,
        .keeps_numbers = true,
        .is_shared = true,
    };
    struct CMUnitTest tests[STORE_SUITE_MAX];
    size_t n = store_suite_list(&subject, tests, 0);
    return _cmocka_run_group_tests(subject.name, tests, n, NULL, NULL);
}

int main(void)
{
    const char *dsn = getenv("STORE_DSN");
    return dsn ? run_postgresql(dsn) : run_sqlite();
}
