#include <stdlib.h>
#include <string.h>

#include "cmd/aro-syncsets/commands.h"
#include "pkg/base/mem.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"
#include "test/unit/support/test.h"

struct rig {
    struct sql_fixture f;
    struct fake_env env;
    char *out;
    size_t out_len;
    struct command_options opt;
};

static void set_up(struct rig *r)
{
    sql_fixture_init(&r->f);
    fake_env_init(&r->env);
    cleanup_free char *folder = xasprintf("%s/data", r->f.dir);
    fake_env_set(&r->env, "SYNCSETS_DATA_DIR", folder);
    fake_env_set(&r->env, "SYNCSETS_LISTEN", "127.0.0.1:0");
    r->opt = (struct command_options){
        .env = &r->env.base, .clock = clock_system(), .rng = rng_system(), .stop = r->f.stop
    };
    r->opt.out = open_memstream(&r->out, &r->out_len);
}

static void tear_down(struct rig *r)
{
    (void)fclose(r->opt.out);
    free(r->out);
    fake_env_release(&r->env);
    sql_fixture_release(&r->f);
}

#include "test/unit/support/pkg/net/wire.h"

static void on_listening(void *arg, unsigned port)
{
    struct rig *r = arg;
    cleanup_wire struct wire w = wire_connect("127.0.0.1", (uint16_t)port);
    static const char body[] =
        "{\"name\": \"cluster1\", \"namespace\": \"foo\", \"kubeconfig\": \"foobar\"}";
    cleanup_free char *request = xasprintf("POST /v1/clusters HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                           "application/json\r\nContent-Length: %zu\r\n\r\n%s",
                                           strlen(body), body);
    wire_send(&w, request);
    cleanup_free char *reply = wire_give_reply(&w);
    fprintf(r->opt.out, "%.12s\n", reply);
    stop_request(r->f.stop);
}

static void one_command_serves_and_keeps(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    r.opt.on_listening = on_listening;
    r.opt.arg = &r;
    assert_int_equal(command_api(&r.opt, NULL), 0);
    struct stop *again = stop_new(NULL); /* started anew, it finds what was written */
    struct stop *old = r.f.stop;
    r.f.stop = again;
    r.opt.stop = again;
    assert_int_equal(command_api(&r.opt, NULL), 0);
    stop_unref(old);
    (void)fflush(r.opt.out);
    assert_string_equal(r.out, "HTTP/1.1 201\nHTTP/1.1 409\n");
    tear_down(&r);
}

static const char *const settings[][2] = {
    { "SYNCSETS_LISTEN", "nowhere" },
    { "SYNCSETS_LISTEN", ":7070" }, /* everybody could call */
    { "SYNCSETS_TLS_CERT", "/dev/null" },
    { "SYNCSETS_AUTH_CONFIG", "/nonexistent" },
    { "SYNCSETS_KUBECONFIG_VALIDATION", "maybe" },
    { "SYNCSETS_ENCRYPTION_KEYS", "x" },
    { "SYNCSETS_EVENT_RETENTION_S", "soon" },
};

static void bad_settings_end_the_start(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        struct rig r;
        cleanup_error struct error *err = NULL;
        set_up(&r);
        fake_env_set(&r.env, settings[i][0], settings[i][1]);
        assert_int_equal(command_api(&r.opt, &err), -1);
        tear_down(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("one command serves, and keeps what was written", one_command_serves_and_keeps),
        CASE("bad settings end the start", bad_settings_end_the_start),
    };
    return RUN_CASES("serve", tests);
}
