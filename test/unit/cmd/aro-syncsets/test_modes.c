#include <string.h>
#include <sys/stat.h>

#include "cmd/aro-syncsets/modes.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"
#include "test/unit/support/test.h"

#define KEYS "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

struct rig {
    struct sql_fixture f;
    struct fake_env env;
    struct mode mode;
    struct error *err;
};

static void set_up(struct rig *r)
{
    sql_fixture_init(&r->f);
    fake_env_init(&r->env);
    r->err = NULL;
    r->mode = (struct mode){ .lock_fd = -1 };
}

static void tear_down(struct rig *r)
{
    mode_release(&r->mode);
    error_free(r->err);
    fake_env_release(&r->env);
    sql_fixture_release(&r->f);
}

static void nothing_set_is_embedded(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    cleanup_free char *folder = xasprintf("%s/data", r.f.dir);
    fake_env_set(&r.env, "SYNCSETS_DATA_DIR", folder);
    assert_int_equal(mode_open(&r.f.ctx, &r.env.base, true, &r.mode, NULL), 0);
    assert_true(r.mode.embedded);
    assert_true(str_starts(r.mode.dsn, "sqlite:"));
    assert_string_equal(keyring_current(r.mode.keys), "local");
    cleanup_free char *key = xasprintf("%s/encryption.key", folder);
    struct stat st;
    assert_int_equal(stat(key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    struct mode second;
    atomic_store(&r.f.clock.auto_advance, true);
    assert_int_equal(mode_open(&r.f.ctx, &r.env.base, true, &second, &r.err), -1);
    assert_true(error_is(r.err, ERR_CONFLICT));
    mode_release(&r.mode);
    assert_int_equal(mode_open(&r.f.ctx, &r.env.base, true, &second, NULL),
                     0); /* with the same key */
    mode_release(&second);
    tear_down(&r);
}

struct opener {
    struct rig *r;
    struct opctx ctx;
    struct mode mode;
    int status;
};

static void open_it(void *arg)
{
    struct opener *o = arg;
    o->status = mode_open(&o->ctx, &o->r->env.base, true, &o->mode, NULL);
}

static void a_process_that_is_ending_is_waited_for(void **state)
{
    (void)state;
    struct rig r;
    struct log_capture capture;
    pthread_t thread;
    set_up(&r);
    log_capture_init(&capture, &r.f.clock.base);
    const struct log log = log_root(&capture.base);
    struct opener o = { .r = &r, .ctx = opctx_with_log(&r.f.ctx, &log), .status = -1 };
    cleanup_free char *folder = xasprintf("%s/data", r.f.dir);
    fake_env_set(&r.env, "SYNCSETS_DATA_DIR", folder);
    assert_int_equal(mode_open(&r.f.ctx, &r.env.base, true, &r.mode, NULL), 0);

    assert_int_equal(thread_start(&thread, "opener", open_it, &o, NULL), 0);
    (void)fake_clock_step(&r.f.clock); /* it has looked, and looks again */
    fake_clock_await(&r.f.clock, 1);
    mode_release(&r.mode);
    (void)fake_clock_step(&r.f.clock);
    pthread_join(thread, NULL);

    assert_int_equal(o.status, 0);
    assert_int_equal(log_capture_len(&capture), 1);
    assert_true(log_capture_has(&capture, "waiting up to 5 s for its end"));
    mode_release(&o.mode);
    log_capture_release(&capture);
    tear_down(&r);
}

static void a_bus_alone_is_refused(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    fake_env_set(&r.env, "AMQP_URL", "amqp://x");
    assert_int_equal(mode_open(&r.f.ctx, &r.env.base, true, &r.mode, &r.err), -1);
    assert_true(error_is(r.err, ERR_INVALID));
    assert_non_null(strstr(error_text(r.err), "SQLite"));
    tear_down(&r);
}

static void a_bus_beside_postgresql_is_taken(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    fake_env_set(&r.env, "POSTGRES_PARAMS", "user=postgres dbname=syncsets");
    fake_env_set(&r.env, "AMQP_URL", "amqp://me:hidden@broker");
    fake_env_set(&r.env, "SYNCSETS_BUS_PREFIX", "mine");
    assert_int_equal(mode_open(&r.f.ctx, &r.env.base, false, &r.mode, NULL), 0);
    assert_string_equal(r.mode.broker->host, "broker");
    assert_string_equal(r.mode.bus_prefix, "mine");
    mode_release(&r.mode);
    fake_env_set(&r.env, "SYNCSETS_BUS_PREFIX", "a b");
    assert_int_equal(mode_open(&r.f.ctx, &r.env.base, false, &r.mode, NULL), -1);
    fake_env_set(&r.env, "SYNCSETS_BUS_PREFIX", NULL);
    fake_env_set(&r.env, "AMQP_URL", "http://me:hidden@broker");
    assert_int_equal(mode_open(&r.f.ctx, &r.env.base, false, &r.mode, &r.err), -1);
    assert_true(error_is(r.err, ERR_INVALID));
    assert_null(strstr(error_text(r.err), "hidden"));
    tear_down(&r);
}

static void postgresql_needs_keys(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    fake_env_set(&r.env, "POSTGRES_PARAMS", "user=postgres dbname=syncsets");
    assert_int_equal(mode_open(&r.f.ctx, &r.env.base, true, &r.mode, &r.err), -1);
    assert_non_null(strstr(error_text(r.err), "SYNCSETS_ENCRYPTION_KEYS"));
    assert_int_equal(mode_open(&r.f.ctx, &r.env.base, false, &r.mode, NULL), 0);
    mode_release(&r.mode);
    fake_env_set(&r.env, "SYNCSETS_ENCRYPTION_KEYS", KEYS);
    assert_int_equal(mode_open(&r.f.ctx, &r.env.base, true, &r.mode, NULL), 0);
    assert_false(r.mode.embedded);
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("nothing set is embedded, and one process's alone", nothing_set_is_embedded),
        CASE("a process that is ending is waited for", a_process_that_is_ending_is_waited_for),
        CASE("a bus alone is refused", a_bus_alone_is_refused),
        CASE("a bus beside PostgreSQL is taken", a_bus_beside_postgresql_is_taken),
        CASE("PostgreSQL needs keys", postgresql_needs_keys),
    };
    return RUN_CASES("modes", tests);
}
