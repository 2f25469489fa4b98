#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <math.h>

#include <cmocka.h>

#include "pkg/metrics/text.h"

struct number_case {
    const char *name;
    double value;
    const char *want;
};
static struct number_case cases[] = {
    { "writes a whole number without a point", 42, "42" },
    { "writes the shortest form of a tenth", 0.1, "0.1" },
    { "writes a large count exactly", 9007199254740991.0, "9007199254740991" },
    { "needs all digits for a third", 1.0 / 3, "0.3333333333333333" },
    { "writes small bounds with an exponent", 1e-8, "1e-08" },
    { "names positive infinity", INFINITY, "+Inf" },
    { "names negative infinity", -INFINITY, "-Inf" },
    { "names no number", NAN, "NaN" },
};

static void check_number(void **state)
{
    const struct number_case *c = *state;
    cleanup_buf struct buf out = BUF_INIT(100);

    metrics_text_number(&out, c->value);

    assert_string_equal(buf_str(&out), c->want);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest){ cases[i].name, check_number, .initial_state = &cases[i] };
    return _cmocka_run_group_tests("metrics text", tests, ARRAY_LEN(tests), NULL, NULL);
}
