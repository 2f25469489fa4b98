/* left_out.h - cases that need a server, in tests that also have some that need none. What does not run is said, and
 * hack/run-tests.sh says it again at the end of the run. */
#ifndef TEST_UNIT_SUPPORT_LEFT_OUT_H
#define TEST_UNIT_SUPPORT_LEFT_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include "test/unit/support/test.h"

#define BY_SYNCSETS_CHECK "they need servers, make syncsets-check has them"
#define BY_STORE_CHECK "they need a server, make store-check has it"

/* why: as above, what runs them. */
static inline void cases_left_out(size_t n, const char *why)
{
    (void)printf("[ LEFT OUT ] %zu test(s): %s\n", n, why);
}

/* How many of all run: without what the others need only the first ones. */
static inline size_t cases_that_run(bool there, size_t alone, size_t all, const char *why)
{
    if (!there)
        cases_left_out(all - alone, why);
    return there ? all : alone;
}

/* RUN_CASES, but only the first `alone` of them unless what the others need is there. */
#define RUN_CASES_IF(there, alone, group, tests, why) \
    _cmocka_run_group_tests((group), (tests), \
                            cases_that_run((there), (alone), ARRAY_LEN(tests), (why)), NULL, NULL)

#endif
