#include <string.h>

#include "cmd/aro-rp/service.h"
#include "pkg/base/mem.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

/* Asks for the stop as soon as the service tells that it listens. */
struct stopping_sink {
    struct log_sink base;
    struct stop *stop;
    bool broken_off; /* the start */
};

static void note(struct log_sink *base, const char *line, size_t len)
{
    struct stopping_sink *s = container_of(base, struct stopping_sink, base);
    (void)len;
    if (strstr(line, "development: everybody may call"))
        stop_request(s->stop);
    if (strstr(line, "level=info msg=\"the start was broken off: "))
        s->broken_off = true;
}

struct fixture {
    struct fake_env env;
    struct stopping_sink sink;
    struct log log;
    char *dir;
};

static void begin(struct fixture *f)
{
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    *f = (struct fixture){ .dir = xasprintf("%s/service-XXXXXX", tmp ? tmp : "/tmp") };
    assert_non_null(mkdtemp(f->dir));
    fake_env_init(&f->env);
    fake_env_set(&f->env, "RP_MODE", "test");
    fake_env_set(&f->env, "ARO_RP_DATABASE", "sqlite::memory:");
    fake_env_set(&f->env, "ARO_RP_SECRETS_DIR", f->dir);
    f->sink = (struct stopping_sink){
        .base = { .write = note, .level = LOG_INFO, .clock = clock_system() },
        .stop = stop_new(NULL),
    };
    f->log = log_root(&f->sink.base);
}

static void end(struct fixture *f)
{
    stop_unref(f->sink.stop);
    fake_env_release(&f->env);
    free(f->dir);
}

static int run(struct fixture *f, struct error **err)
{
    cleanup_stop struct stop *at_once = stop_new(NULL);
    const struct service_options opt = {
        .env = &f->env.base,
        .clock = clock_system(),
        .rng = rng_system(),
        .log = &f->log,
    };
    return service_run(&opt, f->sink.stop, at_once, err);
}

static void starts_and_ends(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    cleanup_error struct error *err = NULL;

    if (run(&f, &err) < 0)
        fail_msg("%s", error_text(err));

    assert_true(stop_is_set(f.sink.stop));
    assert_false(f.sink.broken_off);
    end(&f);
}

static void a_stop_breaks_the_start_off(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    stop_request(f.sink.stop);
    cleanup_error struct error *err = NULL;

    if (run(&f, &err) < 0)
        fail_msg("%s", error_text(err));

    assert_null(err);
    assert_true(f.sink.broken_off);
    end(&f);
}

static void a_child_without_its_cluster_ends_badly(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    const struct service_options opt = {
        .env = &f.env.base,
        .clock = clock_system(),
        .rng = rng_system(),
        .log = &f.log,
    };
    cleanup_error struct error *err = NULL;
    int code = 0;

    /* Its parent is gone, too: descriptor 3 takes no report. */
    if (service_run_child(&opt, "/subscriptions/s", "lease", &code, &err) < 0)
        fail_msg("%s", error_text(err));

    assert_int_not_equal(code, 0);
    end(&f);
}

struct bad_case {
    const char *name, *variable, *value, *want;
};
static struct bad_case cases[] = {
    { "names a variable that is wrong", "AZURE_TENANT_ID", "moon",
      "AZURE_TENANT_ID: 'moon' is not a UUID" },
    { "names a database that it cannot open", "ARO_RP_DATABASE", "moon://x", "ARO_RP_DATABASE: " },
    { "names a folder that cannot be", "ARO_RP_SECRETS_DIR", "/proc/none", "ARO_RP_SECRETS_DIR: " },
    { "names a cloud that does not exist", "AZURE_ENVIRONMENT", "Moon",
      "AZURE_ENVIRONMENT: there is no cloud 'Moon'" },
    { "names an identity without its proof", "AZURE_RP_CLIENT_ID",
      "00000000-0000-0000-0000-00000000000a", "AZURE_RP_CLIENT_SECRET is not set" },
    { "names an address of metrics that is none", "MDM_STATSD_SOCKET", "moon", "moon" },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    struct fixture f;
    begin(&f);
    fake_env_set(&f.env, c->variable, c->value);
    cleanup_error struct error *err = NULL;

    assert_int_equal(run(&f, &err), -1);

    if (!strstr(error_text(err), c->want))
        fail_msg("%s", error_text(err));
    end(&f);
}

static void vaults_need_an_identity(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    fake_env_set(&f.env, "ARO_RP_SECRETS_DIR", NULL);
    fake_env_set(&f.env, "KEYVAULT_PREFIX", "aro");
    cleanup_error struct error *err = NULL;

    assert_int_equal(run(&f, &err), -1);

    assert_non_null(strstr(error_text(err), "key vaults need AZURE_RP_CLIENT_ID"));
    end(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 4] = {
        CASE("starts and ends", starts_and_ends),
        CASE("a stop during the start is no failure", a_stop_breaks_the_start_off),
        CASE("key vaults need an identity", vaults_need_an_identity),
        CASE("a child without its cluster ends badly", a_child_without_its_cluster_ends_badly),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 4] = (struct CMUnitTest)CASE_OF(cases[i].name, check_bad, &cases[i]);
    return RUN_CASES("service", tests);
}
