#include <stdlib.h>
#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "test/unit/support/pkg/sql/postgres_rig.h"
#include "test/unit/support/test.h"

struct script {
    struct stop *stop; /* requested when the silent statement has come */
};

static void play(void *arg, const char *statement, struct fake_reply *reply)
{
    const struct script *s = arg;
    if (!str_eq(statement, "SELECT silence"))
        return;
    reply->keep_silent = true;
    if (s->stop)
        stop_request(s->stop);
}

static void check_deadline(void **state)
{
    (void)state;
    struct script s = { 0 };
    struct postgres_rig r;
    postgres_rig_init(&r, play, &s);
    const struct opctx soon = opctx_with_timeout_ms(&r.ctx, 30);

    assert_int_equal(sql_exec(&soon, r.c, "SELECT silence", NULL, 0, NULL, &r.err), -1);

    assert_true(error_is(r.err, ERR_TIMEOUT));
    assert_true(sql_is_broken(r.c)); /* the answer may come yet, to nobody's use */
    postgres_rig_release(&r);
}

static void check_stop(void **state)
{
    (void)state;
    struct script s = { .stop = stop_new(NULL) };
    struct postgres_rig r;
    postgres_rig_init(&r, play, &s);
    const struct opctx stoppable = opctx_with_stop(&r.ctx, s.stop);

    assert_int_equal(sql_exec(&stoppable, r.c, "SELECT silence", NULL, 0, NULL, &r.err), -1);

    assert_true(error_is(r.err, ERR_CANCELLED));
    postgres_rig_release(&r);
    stop_unref(s.stop);
}

/* More than a socket's buffers hold must be sent in turns with reading. */
static void check_large_statement(void **state)
{
    (void)state;
    struct script s = { 0 };
    struct postgres_rig r;
    postgres_rig_init(&r, play, &s);
    size_t len = 2 * 1024 * 1024;
    cleanup_free char *text = malloc(len + 1);
    memset(text, 'x', len);
    text[len] = '\0';
    const struct sql_param p = sql_text(text);

    assert_int_equal(sql_exec(&r.ctx, r.c, "INSERT $1", &p, 1, NULL, NULL), 0);

    postgres_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("ends a wait at the deadline, and the connection with it", check_deadline),
        CASE("ends a wait when it is stopped", check_stop),
        CASE("sends more than fits into a socket", check_large_statement),
    };
    return RUN_CASES("postgresql_wait", tests);
}
