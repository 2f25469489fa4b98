#include <string.h>

#include "operator/controllers.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static void check_table(void **state)
{
    (void)state;
    size_t on_workers = 0;
    for (size_t i = 0; i < operator_controllers_len; i++) {
        const struct controller_desc *d = operator_controllers[i];
        size_t doc_len = strlen(d->doc);

        assert_non_null(d->reconcile);
        assert_true(d->watches_len > 0);
        assert_true(d->roles & ROLE_MASTER);
        assert_int_equal(d->doc[doc_len - 1], '.');
        on_workers += (d->roles & ROLE_WORKER) != 0;
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(d->name, operator_controllers[j]->name);
    }
    assert_int_equal(on_workers, 1); /* the internet check alone */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every controller is whole, named once and described; workers run one", check_table),
    };
    return RUN_CASES("controllers", tests);
}
