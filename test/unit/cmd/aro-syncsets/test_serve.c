#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/aro-syncsets/commands.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"
#include "test/unit/support/test.h"

struct rig {
    struct sql_fixture f;
    struct fake_env env;
    char *out;
    size_t out_len;
    struct command_options opt;
    unsigned port;
    pthread_t thread;
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

static void write_pair(const struct rig *r, const struct wire_pair *p)
{
    cleanup_free char *cert = xasprintf("%s/tls.crt", r->f.dir),
                      *key = xasprintf("%s/tls.key", r->f.dir);
    size_t len;
    const char *text = secret_reveal(p->key_pem, &len);
    assert_int_equal(file_write_atomic(key, text, len, 0600, NULL), 0);
    assert_int_equal(file_write_atomic(cert, p->cert_pem, strlen(p->cert_pem), 0600, NULL), 0);
}

static char *give_name(unsigned port)
{
    cleanup_wire struct wire w = wire_connect_tls((uint16_t)port, NULL, NULL);
    return wire_give_server_name(&w);
}

static void *change_pair(void *arg)
{
    const struct rig *r = arg;
    struct wire_pair second = wire_pair_make("second", NULL);
    cleanup_free char *name = give_name(r->port);
    assert_string_equal(name, "first");
    write_pair(r, &second);
    wire_pair_release(&second);
    while (!str_eq(name, "second")) { /* or the run's time ends */
        free(name);
        name = give_name(r->port);
    }
    stop_request(r->f.stop);
    return NULL;
}

static void on_listening_tls(void *arg, unsigned port)
{
    struct rig *r = arg;
    r->port = port;
    assert_int_equal(pthread_create(&r->thread, NULL, change_pair, r), 0);
}

static void a_new_certificate_is_taken(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    cleanup_free char *cert = xasprintf("%s/tls.crt", r.f.dir),
                      *key = xasprintf("%s/tls.key", r.f.dir);
    struct wire_pair first = wire_pair_make("first", NULL);
    write_pair(&r, &first);
    wire_pair_release(&first);
    fake_env_set(&r.env, "SYNCSETS_TLS_CERT", cert);
    fake_env_set(&r.env, "SYNCSETS_TLS_KEY", key);
    r.opt.on_listening = on_listening_tls;
    r.opt.arg = &r;
    r.opt.reload_ms = 10;
    assert_int_equal(command_api(&r.opt, NULL), 0);
    pthread_join(r.thread, NULL);
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
        CASE("a new certificate is taken", a_new_certificate_is_taken),
        CASE("bad settings end the start", bad_settings_end_the_start),
    };
    return RUN_CASES("serve", tests);
}
