#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/api/impl.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static int ask(struct sets_rig *r, const char *path)
{
    int status;
    free(sets_rig_ask(r, "GET", path, "", "", &status));
    return status;
}

static void another_schema_is_not_ready_and_a_mended_one_is(void **state)
{
    struct sets_rig r;
    int status = 200;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "/readyz"), 200);
    sets_rig_script(&r, "CREATE TABLE kept AS SELECT * FROM schema_version;"
                        "DELETE FROM schema_version");
    while ((status = ask(&r, "/readyz")) == 200)
        assert_int_equal(opctx_sleep_ms(&r.ctx, 20, NULL), 0);
    assert_int_equal(status, 503);
    assert_int_equal(ask(&r, "/healthz"), 200);
    sets_rig_script(&r, "INSERT INTO schema_version SELECT * FROM kept");
    while ((status = ask(&r, "/readyz")) == 503)
        assert_int_equal(opctx_sleep_ms(&r.ctx, 20, NULL), 0);
    assert_int_equal(status, 200);
    sets_rig_release(&r);
}

/* All threads that there are for requests wait for one transaction, and more requests behind them. */
static void requests_however_many_do_not_keep_the_answer_back(void **state)
{
    enum { REQUESTS = 40 };
    struct sets_rig r;
    struct wire stuck[REQUESTS];
    struct sql *c;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(sql_acquire(&r.ctx, r.db, SQL_WRITE, &c, NULL), 0);
    assert_int_equal(sql_begin(&r.ctx, c, NULL), 0);
    assert_int_equal(sql_exec(&r.ctx, c, "UPDATE revision SET last = last", NULL, 0, NULL, NULL),
                     0);
    for (int i = 0; i < REQUESTS; i++) {
        cleanup_free char *body = xasprintf("{\"metadata\":{\"name\":\"n%d\"}}", i);
        cleanup_free char *post =
            xasprintf("POST /v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json"
                      "\r\nContent-Length: %zu\r\n\r\n%s",
                      strlen(body), body);
        stuck[i] = wire_connect("127.0.0.1", sets_api_port(r.api));
        wire_send(&stuck[i], post);
    }

    assert_int_equal(ask(&r, "/readyz"), 200);

    sql_rollback(c);
    sql_release(c);
    for (int i = 0; i < REQUESTS; i++) {
        cleanup_free char *reply = wire_give_until(&stuck[i], "\r\n");
        assert_string_equal(reply, "HTTP/1.1 201 Created\r\n");
        wire_close(&stuck[i]);
    }
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("another schema is not ready, and a mended one is",
             another_schema_is_not_ready_and_a_mended_one_is),
        CASE("requests, however many, do not keep the answer back",
             requests_however_many_do_not_keep_the_answer_back),
    };
    return RUN_CASES("ready", tests);
}
