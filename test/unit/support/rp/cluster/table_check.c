#include "test/unit/support/rp/cluster/table_check.h"

#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static void check_row(const struct step *s)
{
    assert_non_null(s->name);
    if (s->kind == STEP_CONDITION) {
        assert_non_null(s->holds);
        assert_true(s->timeout_ms > 0);
        if (!s->timeout_text)
            fail_msg("%s: nothing is said to who waited in vain", s->name);
    } else if (!s->act) {
        fail_msg("%s: does nothing", s->name);
    }
}

void table_check(const struct cluster_table *table)
{
    for (size_t i = 0; i < table->len; i++) {
        const struct step *s = &table->v[i].step;
        check_row(s);
        for (size_t k = 0; k < i && s->kind != STEP_CONDITION; k++)
            if (str_eq(s->name, table->v[k].step.name) && table->v[i].when == table->v[k].when)
                fail_msg("%s: stands there twice", s->name);
    }
}
