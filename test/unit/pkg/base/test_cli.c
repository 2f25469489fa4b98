#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/cli.h"
#include "pkg/base/version.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

static const struct cli_option options[] = {
    { .name = "loglevel", .type = CLI_STR, .dflt = "info", .env_name = "T_LOGLEVEL" },
    { .name = "listen", .type = CLI_STR, .env_name = "T_LISTEN", .env_wins = true },
    { .name = "fast", .type = CLI_BOOL, .env_name = "T_FAST" },
    { .name = "workers", .type = CLI_INT, .dflt = "4", .min = 1, .max = 16 },
    { .name = "size", .type = CLI_INT },
    { .name = "timeout", .type = CLI_DURATION_MS, .dflt = "10s" },
    { .name = "wait", .type = CLI_DURATION_MS, .min = 10, .max = 2000 },
};
static const struct cli cli = {
    .prog = "tool",
    .usage = "[options] FILE",
    .options = options,
    .options_len = ARRAY_LEN(options),
};

/* One command line, its words separated by spaces; the wanted values as cli_describe writes them. */
struct parse_case {
    const char *name, *line, *env, *env_value, *want, *want_error;
};
static struct parse_case cases[] = {
    { "takes defaults", "tool", NULL, NULL, "info - 0 4 0 10000 0 |", NULL },
    { "takes values after a space and after =", "tool --loglevel debug --workers=5", NULL, NULL,
      "debug* - 0 5* 0 10000 0 |", NULL },
    { "accepts one dash", "tool -loglevel=debug -workers 5", NULL, NULL,
      "debug* - 0 5* 0 10000 0 |", NULL },
    { "accepts an empty value", "tool --loglevel=", NULL, NULL, "* - 0 4 0 10000 0 |", NULL },
    { "keeps = in a value", "tool --loglevel=a=b", NULL, NULL, "a=b* - 0 4 0 10000 0 |", NULL },
    { "counts the last of repeated options", "tool --workers 5 --workers 6", NULL, NULL,
      "info - 0 6* 0 10000 0 |", NULL },
    { "sets a boolean without a value", "tool --fast true", NULL, NULL,
      "info - 1* 4 0 10000 0 |true", NULL },
    { "unsets a boolean", "tool --fast --fast=false", NULL, NULL, "info - 0* 4 0 10000 0 |", NULL },
    { "collects arguments between options", "tool a --fast b - c", NULL, NULL,
      "info - 1* 4 0 10000 0 |a|b|-|c", NULL },
    { "ends options at --", "tool -- --fast --", NULL, NULL, "info - 0 4 0 10000 0 |--fast|--",
      NULL },
    { "adds up the parts of a duration", "tool --timeout 1h30m2s5ms", NULL, NULL,
      "info - 0 4 0 5402005* 0 |", NULL },
    { "takes a bare duration as milliseconds", "tool --timeout 250", NULL, NULL,
      "info - 0 4 0 250* 0 |", NULL },
    { "reads the environment", "tool", "T_LOGLEVEL", "debug", "debug* - 0 4 0 10000 0 |", NULL },
    { "ignores an empty variable", "tool", "T_LOGLEVEL", "", "info - 0 4 0 10000 0 |", NULL },
    { "prefers the option to the variable", "tool --loglevel trace", "T_LOGLEVEL", "debug",
      "trace* - 0 4 0 10000 0 |", NULL },
    { "prefers the variable where it wins", "tool --listen :1", "T_LISTEN", ":2",
      "info :2* 0 4 0 10000 0 |", NULL },
    { "refuses an unknown option", "tool --nope=1", NULL, NULL, NULL, "unknown option --nope" },
    { "refuses a prefix of an option", "tool --work 1", NULL, NULL, NULL, "unknown option --work" },
    { "refuses a missing value", "tool --workers", NULL, NULL, NULL,
      "--workers: a value is missing" },
    { "refuses a number that is none", "tool --workers 5x", NULL, NULL, NULL,
      "--workers: '5x' is not a whole number from 1 to 16" },
    { "refuses a number out of range", "tool --workers 17", NULL, NULL, NULL,
      "--workers: '17' is not a whole number from 1 to 16" },
    { "refuses a negative number where no range is given", "tool --size -1", NULL, NULL, NULL,
      "--size: '-1' is not a whole number" },
    { "refuses a duration out of range", "tool --wait 1h", NULL, NULL, NULL,
      "--wait: '1h' is not a duration from 10 to 2000 ms" },
    { "refuses a duration without a unit behind a unit", "tool --timeout 1h30", NULL, NULL, NULL,
      "--timeout: '1h30' is not a duration" },
    { "refuses a duration that overflows", "tool --timeout 9999999999999999h", NULL, NULL, NULL,
      "--timeout: '9999999999999999h' is not a duration" },
    { "refuses an empty duration", "tool --timeout=", NULL, NULL, NULL,
      "--timeout: '' is not a duration" },
    { "refuses a boolean of another word", "tool --fast=maybe", NULL, NULL, NULL,
      "--fast: 'maybe' is neither true nor false" },
    { "names the variable that is wrong", "tool", "T_FAST", "maybe", NULL,
      "T_FAST: 'maybe' is neither true nor false" },
};

struct words {
    char text[256];
    char *argv[16];
    int argc;
};

static void words_split(struct words *w, const char *line)
{
    (void)snprintf(w->text, sizeof(w->text), "%s", line);
    w->argc = 0;
    char *rest = NULL;
    for (char *p = strtok_r(w->text, " ", &rest); p; p = strtok_r(NULL, " ", &rest))
        w->argv[w->argc++] = p;
    w->argv[w->argc] = NULL;
}

/* Every value, with a star when it was given; then the arguments. */
static char *describe(const struct cli_values *v)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        const char *name = options[i].name;
        if (options[i].type == CLI_STR)
            buf_adds(&b, cli_str(v, name) ? cli_str(v, name) : "-");
        else if (options[i].type == CLI_BOOL)
            buf_addf(&b, "%d", cli_bool(v, name));
        else
            buf_addf(&b, "%lld", (long long)cli_int(v, name));
        buf_adds(&b, cli_is_set(v, name) ? "* " : " ");
    }
    if (cli_args_len(v) == 0)
        buf_addc(&b, '|');
    for (size_t i = 0; i < cli_args_len(v); i++)
        buf_addf(&b, "|%s", cli_arg(v, i));
    assert_null(cli_arg(v, cli_args_len(v)));
    return buf_give(&b);
}

static void check_case(void **state)
{
    const struct parse_case *c = *state;
    struct fake_env env;
    fake_env_init(&env);
    if (c->env)
        fake_env_set(&env, c->env, c->env_value);
    struct words w;
    words_split(&w, c->line);
    cleanup_cli struct cli_values *v = NULL;
    cleanup_error struct error *err = NULL;
    enum cli_outcome outcome = CLI_EXIT_OK;

    int status = cli_parse(&cli, w.argc, w.argv, &env.base, stdout, &outcome, &v, &err);

    if (c->want) {
        assert_int_equal(status, 0);
        assert_int_equal(outcome, CLI_RUN);
        cleanup_free char *got = describe(v);
        assert_string_equal(got, c->want);
    } else {
        assert_int_equal(status, -1);
        assert_int_equal(error_kind(err), ERR_INVALID);
        assert_string_equal(error_text(err), c->want_error);
    }
    fake_env_release(&env);
}

static void check_printing(void **state)
{
    const char *line = *state;
    struct words w;
    words_split(&w, line);
    char *printed = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&printed, &len);
    assert_non_null(out);
    cleanup_cli struct cli_values *v = NULL;
    enum cli_outcome outcome = CLI_RUN;

    int status = cli_parse(&cli, w.argc, w.argv, NULL, out, &outcome, &v, NULL);
    (void)fclose(out);

    assert_int_equal(status, 0);
    assert_int_equal(outcome, CLI_EXIT_OK);
    const char *want = strstr(line, "version") ? "tool "
                       : strstr(line, "bash")  ? "_tool()"
                                               : "usage: tool [options] FILE\n";
    assert_int_equal(strncmp(printed, want, strlen(want)), 0);
    if (strstr(line, "version"))
        assert_non_null(strstr(printed, version_commit()));
    free(printed);
}

static void check_full_output(void **state)
{
    struct words w;
    words_split(&w, *state);
    FILE *out = fopen("/dev/full", "w");
    assert_non_null(out);
    cleanup_cli struct cli_values *v = NULL;
    cleanup_error struct error *err = NULL;
    enum cli_outcome outcome = CLI_RUN;

    int status = cli_parse(&cli, w.argc, w.argv, NULL, out, &outcome, &v, &err);
    (void)fclose(out);

    assert_int_equal(status, -1);
    assert_false(error_is(err, ERR_INVALID)); /* whoever called it did nothing wrong */
    assert_non_null(strstr(error_text(err), "--help"));
    assert_non_null(strstr(error_text(err), "No space left"));
}

int main(void)
{
    static char help[] = "tool -h --broken", long_help[] = "tool a --help",
                version[] = "tool --version", completion[] = "tool --completion=bash";
    static char full[] = "tool --help";
    struct CMUnitTest tests[5 + ARRAY_LEN(cases)] = {
        CASE_OF("-h prints the help before it looks further", check_printing, help),
        CASE_OF("--help prints the help", check_printing, long_help),
        CASE_OF("--version prints the version", check_printing, version),
        CASE_OF("--completion=bash prints a script", check_printing, completion),
        CASE_OF("output that cannot be written is an error", check_full_output, full),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[5 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_case, &cases[i]);
    return RUN_CASES("cli", tests);
}
