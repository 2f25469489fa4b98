#include <stdlib.h>
#include <string.h>

#include "cmd/aro-syncsets/commands.h"
#include "pkg/base/mem.h"
#include "rp/syncsets/store/migrate.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"
#include "test/unit/support/test.h"

struct rig {
    struct sql_fixture f;
    struct fake_env env;
    char *out;
    size_t out_len;
    struct command_options opt;
};

static void set_up(struct rig *r)
{
    sql_fixture_init(&r->f);
    fake_env_init(&r->env);
    cleanup_free char *folder = xasprintf("%s/data", r->f.dir);
    fake_env_set(&r->env, "SYNCSETS_DATA_DIR", folder);
    fake_env_set(&r->env, "SYNCSETS_LISTEN", "127.0.0.1:0");
    r->opt = (struct command_options){
        .env = &r->env.base, .clock = clock_system(), .rng = rng_system(), .stop = r->f.stop
    };
    r->opt.out = open_memstream(&r->out, &r->out_len);
}

static void tear_down(struct rig *r)
{
    (void)fclose(r->opt.out);
    free(r->out);
    fake_env_release(&r->env);
    sql_fixture_release(&r->f);
}

static int migrate(struct rig *r, const char *first, const char *second, struct error **err)
{
    const char *const args[] = { first, second };
    r->opt.args = args;
    r->opt.args_len = second ? 2 : first ? 1 : 0;
    int status = command_migrate(&r->opt, err);
    r->opt.args_len = 0;
    (void)fflush(r->opt.out);
    return status;
}

static void migrations_go_up_and_down(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(migrate(&r, "up", NULL, NULL), 0);
    assert_int_equal(migrate(&r, "up", NULL, NULL), 0);
    assert_int_equal(migrate(&r, "status", NULL, NULL), 0);
    assert_int_equal(migrate(&r, "down", "1", NULL), 0);
    assert_int_equal(migrate(&r, "version", NULL, NULL), 0);
    struct sets_step steps[SETS_STEPS_MAX];
    int n = (int)sets_steps(steps);
    cleanup_free char *want = xasprintf(
        "%d migrations applied\nnothing to do\ndatabase: version %d\nprogram:  version %d\n"
        "1 migrations taken back\n%d\n",
        n, n, n, n - 1);
    assert_string_equal(r.out, want);
    tear_down(&r);
}

static void nonsense_is_told(void **state)
{
    (void)state;
    struct rig r;
    cleanup_error struct error *err = NULL;
    set_up(&r);
    assert_int_equal(migrate(&r, NULL, NULL, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    assert_int_equal(migrate(&r, "sideways", NULL, &err), -1);
    assert_int_equal(migrate(&r, "down", "x", &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    assert_int_equal(migrate(&r, "up", "x", &err), -1);
    assert_int_equal(migrate(&r, "up", NULL, NULL), 0);
    error_free(take(err));
    assert_int_equal(migrate(&r, "down", "99", &err), -1);
    assert_non_null(strstr(error_text(err), "migrations, 99 cannot be taken back"));
    tear_down(&r);
}

static void keys_rotate_only_over_a_schema(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(command_rotate_keys(&r.opt, NULL), -1);
    assert_int_equal(migrate(&r, "up", NULL, NULL), 0);
    assert_int_equal(command_rotate_keys(&r.opt, NULL), 0);
    assert_int_equal(command_swagger(&r.opt, NULL), 0);
    assert_non_null(strstr(r.out, "0 sealed with key local\n{\n"));
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("migrations go up and down", migrations_go_up_and_down),
        CASE("nonsense is told", nonsense_is_told),
        CASE("keys rotate only over a schema", keys_rotate_only_over_a_schema),
    };
    return RUN_CASES("commands", tests);
}
