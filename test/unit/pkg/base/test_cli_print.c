#include "pkg/base/cli_print.h"
#include "test/unit/support/test.h"

static const struct cli_option options[] = {
    { .name = "loglevel",
      .type = CLI_STR,
      .dflt = "info",
      .env_name = "T_LOGLEVEL",
      .value_name = "LEVEL",
      .doc = "How much is logged. This text is long enough to need a second line in the help." },
    { .name = "listen",
      .type = CLI_STR,
      .dflt = "",
      .env_name = "T_LISTEN",
      .env_wins = true,
      .doc = "Where." },
    { .name = "fast", .type = CLI_BOOL, .doc = "Hurry." },
    { .name = "timeout", .type = CLI_DURATION_MS, .doc = "Patience." },
};
static const struct cli cli = {
    .prog = "my-tool",
    .usage = "[options] FILE",
    .summary = "Does things.",
    .options = options,
    .options_len = ARRAY_LEN(options),
    .epilog = "Example: my-tool x",
};

struct print_case {
    const char *name;
    void (*print)(const struct cli *, FILE *);
    const char *want;
};
static struct print_case cases[] = {
    { "the usage is one line", cli_usage, "usage: my-tool [options] FILE\n" },
    { "the help shows values, defaults and variables, wrapped", cli_help,
      "usage: my-tool [options] FILE\n"
      "\n"
      "Does things.\n"
      "\n"
      "options:\n"
      "  --loglevel LEVEL\n"
      "        How much is logged. This text is long enough to need a second line in\n"
      "        the help. (default: info) [$T_LOGLEVEL]\n"
      "  --listen TEXT\n"
      "        Where. (default: empty) [$T_LISTEN, which wins]\n"
      "  --fast\n"
      "        Hurry.\n"
      "  --timeout DURATION\n"
      "        Patience.\n"
      "  -h, --help\n"
      "        Show this help and exit.\n"
      "  --version\n"
      "        Show the version and exit.\n"
      "  --completion=bash\n"
      "        Print a completion script for bash and exit.\n"
      "\n"
      "Example: my-tool x\n" },
    { "the completion script lists every option", cli_print_completion,
      "_my_tool()\n"
      "{\n"
      "    COMPREPLY=($(compgen -W \"--loglevel --listen --fast --timeout --help --version "
      "--completion=bash\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
      "}\n"
      "complete -o default -F _my_tool my-tool\n" },
};

static void check_print(void **state)
{
    const struct print_case *c = *state;
    char *printed = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&printed, &len);
    assert_non_null(out);

    c->print(&cli, out);
    (void)fclose(out);

    assert_string_equal(printed, c->want);
    free(printed);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_print, &cases[i]);
    return RUN_CASES("cli_print", tests);
}
