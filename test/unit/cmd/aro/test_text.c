#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/aro/dispatch.h"
#include "cmd/aro/text.h"
#include "test/unit/support/test.h"

static char *printed(void (*print)(FILE *))
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    print(f);
    assert_int_equal(fclose(f), 0);
    return text;
}

static void test_help_names_everything(void **state)
{
    (void)state;

    char *help = printed(text_help);

    for (size_t i = 0; i < aro_commands_len; i++) {
        assert_non_null(strstr(help, aro_commands[i].name));
        assert_non_null(strstr(help, aro_commands[i].doc));
        assert_non_null(strstr(help, aro_commands[i].words));
    }
    free(help);
}

static void test_help_begins_with_usage(void **state)
{
    (void)state;

    char *usage = printed(text_usage), *help = printed(text_help);

    assert_int_equal(strncmp(usage, "usage: aro ", 11), 0);
    assert_int_equal(strncmp(help, usage, strlen(usage)), 0);
    free(usage);
    free(help);
}

static void test_completion_names_everything(void **state)
{
    (void)state;

    char *script = printed(text_completion_bash);

    for (size_t i = 0; i < aro_commands_len; i++)
        assert_non_null(strstr(script, aro_commands[i].words));
    assert_non_null(strstr(script, "options=_aro_operator "));
    free(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("help shows each command, its words and its description", test_help_names_everything),
        CASE("help begins with the usage", test_help_begins_with_usage),
        CASE("the completion script knows each command's words", test_completion_names_everything),
    };
    return RUN_CASES("text", tests);
}
