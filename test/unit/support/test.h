/* test.h - cmocka and the words that every unit test uses. */
#ifndef TEST_UNIT_SUPPORT_TEST_H
#define TEST_UNIT_SUPPORT_TEST_H

/* cmocka.h wants these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* Keep this order. */
#include <cmocka.h>

#include "pkg/base/cleanup.h"

/* One case of a group: a sentence, the function, and what *state points to (CASE_OF only). */
#define CASE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn) \
    }
#define CASE_OF(sentence, fn, data) \
    { \
        .name = (sentence), .test_func = (fn), .initial_state = (data) \
    }

/* The number of failed cases, for main to return. */
#define RUN_CASES(group, tests) \
    _cmocka_run_group_tests((group), (tests), ARRAY_LEN(tests), NULL, NULL)

#endif
