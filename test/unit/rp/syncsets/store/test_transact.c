#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "rp/syncsets/store/transact.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static int fail_after_write(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                            void *arg, struct error **err)
{
    int *calls = arg;
    (void)st;
    (*calls)++;
    if (sql_exec(ctx, c, "UPDATE revision SET last = 99 WHERE type = ''", NULL, 0, NULL, err) < 0)
        return -1;
    return error_set(err, *calls < 3 ? ERR_CONFLICT : ERR_FORBIDDEN, "no");
}

static void a_failure_leaves_nothing_and_a_deadlock_is_repeated(void **state)
{
    (void)state;
    struct sets_rig r;
    int calls = 0;
    int64_t revision = -1;
    cleanup_error struct error *err = NULL;
    sets_rig_init(&r);
    assert_int_equal(sets_transact(&r.ctx, r.store, fail_after_write, &calls, &err), -1);
    assert_int_equal(calls, 3);
    assert_true(error_is(err, ERR_FORBIDDEN));
    assert_int_equal(sets_revision(&r.ctx, r.store, &revision, NULL), 0);
    assert_int_equal(revision, 0);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a failure leaves nothing and a deadlock is repeated",
             a_failure_leaves_nothing_and_a_deadlock_is_repeated),
    };
    return RUN_CASES("transact", tests);
}
