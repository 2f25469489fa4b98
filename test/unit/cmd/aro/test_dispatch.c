#include <stdlib.h>
#include <string.h>

#include "cmd/aro/dispatch.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

enum { MAX_WORDS = 8 };

struct line_case {
    const char *name;
    const char *line[MAX_WORDS];
    enum dispatch_kind want;
    const char *word;            /* wanted, or NULL */
    const char *argv[MAX_WORDS]; /* wanted, or none */
};

static struct line_case cases[] = {
    { "no argument is no command", { "aro" }, DISPATCH_NOTHING, NULL, { NULL } },
    { "options alone are no command",
      { "aro", "-x=1", "--y" },
      DISPATCH_NOTHING,
      "-x=1",
      { NULL } },
    { "an empty word is an unknown command", { "aro", "" }, DISPATCH_UNKNOWN, "", { NULL } },
    { "a lone dash is an unknown command", { "aro", "-" }, DISPATCH_UNKNOWN, "-", { NULL } },
    { "a word that is no command is unknown",
      { "aro", "operate", "master" },
      DISPATCH_UNKNOWN,
      "operate",
      { NULL } },
    { "a part of a command's name is unknown",
      { "aro", "oper" },
      DISPATCH_UNKNOWN,
      "oper",
      { NULL } },
    { "a command runs its executable with what follows",
      { "aro", "operator", "master", "--health-port", "1" },
      DISPATCH_EXEC,
      NULL,
      { "aro-operator", "master", "--health-port", "1" } },
    { "a command without words is the executable's own error",
      { "aro", "operator" },
      DISPATCH_EXEC,
      NULL,
      { "aro-operator" } },
    { "options before the command are passed on in order",
      { "aro", "-loglevel", "debug", "--kubeconfig=f", "operator", "worker" },
      DISPATCH_EXEC,
      NULL,
      { "aro-operator", "-loglevel", "debug", "--kubeconfig=f", "worker" } },
    { "a switch before the command does not swallow it",
      { "aro", "--verbose", "operator", "worker" },
      DISPATCH_EXEC,
      NULL,
      { "aro-operator", "--verbose", "worker" } },
    { "an option with = takes no further word",
      { "aro", "-loglevel=debug", "debug", "operator" },
      DISPATCH_UNKNOWN,
      "debug",
      { NULL } },
    { "one option takes one word",
      { "aro", "-loglevel", "debug", "more", "operator" },
      DISPATCH_UNKNOWN,
      "more",
      { NULL } },
    { "--help after the command is the command's",
      { "aro", "operator", "--help" },
      DISPATCH_EXEC,
      NULL,
      { "aro-operator", "--help" } },
    { "--version after the command is the command's",
      { "aro", "operator", "--version" },
      DISPATCH_EXEC,
      NULL,
      { "aro-operator", "--version" } },
    { "the word help is help", { "aro", "help" }, DISPATCH_HELP, NULL, { NULL } },
    { "-h is help", { "aro", "-h", "operator" }, DISPATCH_HELP, NULL, { NULL } },
    { "--help is help, also after options",
      { "aro", "-loglevel", "debug", "--help" },
      DISPATCH_HELP,
      NULL,
      { NULL } },
    { "help of a command asks the executable",
      { "aro", "help", "operator" },
      DISPATCH_HELP,
      "operator",
      { "aro-operator", "--help" } },
    { "help of nonsense is an unknown command",
      { "aro", "help", "nonsense" },
      DISPATCH_UNKNOWN,
      "nonsense",
      { NULL } },
    { "the word version is the version", { "aro", "version" }, DISPATCH_VERSION, NULL, { NULL } },
    { "--version is the version", { "aro", "--version" }, DISPATCH_VERSION, NULL, { NULL } },
    { "completion names its shell",
      { "aro", "completion", "bash" },
      DISPATCH_COMPLETION,
      "bash",
      { NULL } },
    { "completion without a shell has no word",
      { "aro", "completion" },
      DISPATCH_COMPLETION,
      NULL,
      { NULL } },
};

static void check_text(const char *got, const char *want)
{
    if (!want)
        assert_null(got);
    else
        assert_string_equal(got, want);
}

static void check_line(void **state)
{
    const struct line_case *c = *state;
    char *argv[MAX_WORDS] = { NULL };
    int argc = 0;
    while (argc < MAX_WORDS && c->line[argc]) {
        argv[argc] = xstrdup(c->line[argc]);
        argc++;
    }

    struct dispatch d;
    dispatch_parse(argc, argv, &d);

    assert_int_equal(d.kind, c->want);
    check_text(d.word, c->word);
    if (c->argv[0]) {
        assert_non_null(d.argv);
        size_t i = 0;
        for (; c->argv[i]; i++)
            check_text(d.argv[i], c->argv[i]);
        assert_null(d.argv[i]);
        assert_string_equal(d.command->executable, c->argv[0]);
    } else {
        assert_null(d.argv);
    }

    dispatch_release(&d);
    while (argc > 0)
        free(argv[--argc]);
}

static void test_sibling(void **state)
{
    (void)state;
    static const char *const paths[][2] = {
        { "/usr/bin/aro", "/usr/bin/aro-operator" },
        { "/aro", "/aro-operator" },
        { "build/bin/aro", "build/bin/aro-operator" },
        { "./aro", "./aro-operator" },
        { "aro", "aro-operator" },
    };

    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        char *got = dispatch_sibling(paths[i][0], "aro-operator");
        assert_string_equal(got, paths[i][1]);
        free(got);
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_line, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("a sibling lies in the folder of the executable", test_sibling);
    return RUN_CASES("dispatch", tests);
}
