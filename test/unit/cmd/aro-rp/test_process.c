#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/aro-rp/process.h"
#include "test/unit/support/test.h"

#define ARGS_MAX 8

struct process_case {
    const char *name;
    const char *args[ARGS_MAX]; /* NULL-terminated */
    int want;
    const char *text; /* part of what stderr says */
};
static struct process_case cases[] = {
    { "help is no failure", { "--help" }, 0, "" },
    { "refuses an argument", { "moon" }, 2, "some-rp: unexpected argument 'moon'" },
    { "refuses a level of logs", { "--loglevel", "moon" }, 2, "invalid log level 'moon'" },
    { "refuses a format of logs", { "--log-format", "moon" }, 2, "invalid log format 'moon'" },
    { "refuses to work on no cluster", { "work-on-cluster" }, 2, "unexpected argument" },
    { "works on a cluster only when a backend called",
      { "work-on-cluster", "/subscriptions/s", "lease" },
      1,
      "only a backend runs work-on-cluster" },
};

/* What stderr gets meanwhile goes into text. */
static int run(const struct process_case *c, char *text, size_t size)
{
    const struct process p = { .prog = "some-rp" };
    char storage[ARGS_MAX][64] = { "some-rp" };
    char *argv[ARGS_MAX + 1] = { storage[0] };
    int argc = 1;
    for (; c->args[argc - 1]; argc++) {
        (void)snprintf(storage[argc], sizeof(storage[argc]), "%s", c->args[argc - 1]);
        argv[argc] = storage[argc];
    }
    (void)close(3); /* a pipe of whoever runs the tests would look like a backend's */
    FILE *file = tmpfile();
    assert_non_null(file);
    int saved = dup(STDERR_FILENO);
    (void)fflush(stderr);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);

    int code = process_main(&p, argc, argv);

    (void)fflush(stderr);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    (void)close(saved);
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    (void)fclose(file);
    return code;
}

static void check(void **state)
{
    const struct process_case *c = *state;
    char text[8192];
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the only thread */
    assert_int_equal(unsetenv("AZURE_TENANT_ID"), 0);

    assert_int_equal(run(c, text, sizeof(text)), c->want);

    if (!strstr(text, c->text))
        fail_msg("%s", text);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("process", tests);
}
