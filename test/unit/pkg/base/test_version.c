#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pkg/base/version.h"

static void test_commit_is_a_hash_or_unknown(void **state)
{
    (void)state;

    const char *commit = version_commit();

    if (strcmp(commit, "unknown") == 0)
        return;
    assert_in_range(strlen(commit), 7, 40);
    for (const char *p = commit; *p; p++)
        assert_true(isxdigit((unsigned char)*p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "gives a commit hash, or 'unknown' outside a checkout", test_commit_is_a_hash_or_unknown,
          NULL, NULL, NULL },
    };
    return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
