/* exec over real connections, against a server of ours that plays the API server's part. */
#include <pthread.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/exec.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/pkg/net/server_fixture.h"
#include "test/unit/support/test.h"

#define SUCCESS "\3{\"status\":\"Success\"}"

enum role {
    ROLE_V5,
    ROLE_V4,
    ROLE_NO_PROTOCOL,
    ROLE_REFUSE,
    ROLE_UNAUTHORIZED,
    ROLE_LEAVE,
    ROLE_TEXT
};

struct fixture {
    struct net_fixture net;
    struct http_server *server;
    struct kube_config cfg;
    struct kube_client *client;
    enum role role;
    /* of the server's side */
    pthread_mutex_t mu;
    char *asked; /* path?query, and headers */
    struct buf input;
    /* of ours */
    struct buf out;
};

/* Plays `cat`: gives back what comes in, and ends when the input is closed (v4: at a full stop). */
static void on_message(struct ws *ws, bool binary, const void *data, size_t len, void *arg)
{
    struct fixture *f = arg;
    const unsigned char *bytes = data;
    bool closes = len == 2 && bytes[0] == 255;
    if (!binary || len == 0)
        return;
    if (!closes) {
        cleanup_free char *copy = xmemdup(data, len);
        copy[0] = 1;
        (void)ws_send(ws, true, copy, len);
        pthread_mutex_lock(&f->mu);
        buf_add(&f->input, bytes + 1, len - 1);
        pthread_mutex_unlock(&f->mu);
    }
    if (closes || bytes[len - 1] == '.') {
        (void)ws_send(ws, true, SUCCESS, strlen(SUCCESS));
        ws_close(ws, 1000);
    }
}

static void on_close(struct ws *ws, void *arg)
{
    (void)arg;
    ws_unref(ws); /* until now it would have closed the connection */
}

static void begin_output(struct ws *ws, enum role role)
{
    if (role == ROLE_TEXT)
        (void)ws_send(ws, false, "\1text", 5);
    else
        (void)ws_send(ws, true, "\1hello\n", 7);
    if (role == ROLE_LEAVE)
        ws_close(ws, 1001);
}

static int handle(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    static const char *const v5[] = { "v5.channel.k8s.io", NULL };
    static const char *const v4[] = { "v4.channel.k8s.io", NULL };
    struct fixture *f = arg;
    pthread_mutex_lock(&f->mu);
    free(f->asked);
    const char *authorization = http_call_header(call, "Authorization");
    f->asked = xasprintf("%s?%s|%s|%s", http_call_path(call), http_call_query(call),
                         http_call_header(call, "Sec-WebSocket-Protocol"),
                         authorization ? authorization : "");
    enum role role = f->role;
    pthread_mutex_unlock(&f->mu);
    if (role == ROLE_REFUSE) {
        http_call_reply(call, 404, "application/json",
                        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","
                        "\"message\":\"pods \\\"p\\\" not found\",\"reason\":\"NotFound\","
                        "\"code\":404}");
        return 0;
    }
    if (role == ROLE_UNAUTHORIZED) {
        http_call_reply(call, 401, "text/plain", "who are you?");
        return 0;
    }
    static const struct ws_callbacks callbacks = { .on_message = on_message, .on_close = on_close };
    struct ws *ws;
    const char *const *offered = role == ROLE_NO_PROTOCOL ? NULL : role == ROLE_V4 ? v4 : v5;
    if (http_call_begin_ws(call, offered, &callbacks, f, &ws, err) < 0)
        return -1;
    begin_output(ws, role);
    return 0;
}

static const struct http_route routes[] = { { .method = "GET", .handle = handle } };

static int setup(void **state)
{
    struct fixture *f = xnew(struct fixture);
    net_setup(&f->net);
    pthread_mutex_init(&f->mu, NULL);
    buf_init(&f->input, BUF_UNBOUNDED);
    buf_init(&f->out, BUF_UNBOUNDED);
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), f);
    cleanup_secret struct secret *key =
        secret_new(f->net.cert->key_pem, strlen(f->net.cert->key_pem));
    cfg.cert_pem = f->net.cert->cert_pem;
    cfg.key_pem = key;
    f->server = fixture_start(&cfg);
    f->cfg.server = xasprintf("https://127.0.0.1:%u/prefix", http_server_port(f->server));
    f->cfg.nspace = (char[]){ "default" };
    f->cfg.ca_pem = f->net.ca->cert_pem;
    f->cfg.token = secret_new("t", 1);
    const struct kube_client_options opt = { .clock = clock_system(),
                                             .rng = rng_system(),
                                             .env = &f->net.env.base };
    if (kube_client_new(f->net.client, &f->cfg, &opt, &f->client, NULL) < 0)
        return -1;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    kube_client_free(f->client);
    http_server_stop(f->server, FIXTURE_GRACE_MS);
    net_teardown(&f->net);
    secret_unref(f->cfg.token);
    free(f->cfg.server);
    free(f->asked);
    buf_release(&f->input);
    buf_release(&f->out);
    pthread_mutex_destroy(&f->mu);
    free(f);
    return 0;
}

static int on_output(void *arg, bool is_stderr, const char *data, size_t len, struct error **err)
{
    (void)is_stderr;
    (void)err;
    buf_add(arg, data, len);
    return 0;
}

static const char *const cat[] = { "cat", "-n", "a b&c", NULL };

static int run(struct fixture *f, const char *input, size_t len, struct error **err)
{
    const struct kube_exec_options opt = { .nspace = "a",
                                           .pod = "p",
                                           .container = "c",
                                           .command = cat,
                                           .stdin_data = input,
                                           .stdin_len = len,
                                           .on_output = on_output,
                                           .arg = &f->out };
    int code = -1;
    int rc = kube_exec(f->client, &f->net.ctx, &opt, &code, err);
    return rc < 0 ? -1 : code;
}

static void assert_run(struct fixture *f, const char *input, size_t len)
{
    cleanup_error struct error *err = NULL;
    int code = run(f, input, len, &err);
    assert_string_equal(error_text(err), "");
    assert_int_equal(code, 0);
}

static void test_request(void **state)
{
    struct fixture *f = *state;
    assert_run(f, "", 0);
    assert_string_equal(buf_str(&f->out), "hello\n");
    assert_string_equal(f->asked,
                        "/prefix/api/v1/namespaces/a/pods/p/exec?command=cat&command=-n&"
                        "command=a%20b%26c&container=c&stdin=true&stdout=true&stderr=true|"
                        "v5.channel.k8s.io, v4.channel.k8s.io|Bearer t");
}

static void test_terminal(void **state)
{
    struct fixture *f = *state;
    f->role = ROLE_LEAVE;
    const struct kube_exec_options opt = { .nspace = "a", .pod = "p", .command = cat, .tty = true };
    int code;
    assert_int_equal(kube_exec(f->client, &f->net.ctx, &opt, &code, NULL), -1);
    assert_non_null(strstr(f->asked, "command=a%20b%26c&stdout=true&tty=true|"));
}

static void test_one_byte(void **state)
{
    struct fixture *f = *state;
    assert_run(f, "x", 1);
    assert_string_equal(buf_str(&f->out), "hello\nx");
}

static void test_much_input(void **state)
{
    struct fixture *f = *state;
    size_t len = (size_t)1 << 20;
    cleanup_free char *input = xmalloc(len);
    for (size_t i = 0; i < len; i++)
        input[i] = (char)('a' + i % 23);
    assert_run(f, input, len);
    assert_int_equal(f->out.len, len + 6);
    assert_memory_equal(f->out.data + 6, input, len);
    assert_int_equal(f->input.len, len);
}

static void test_old_protocol(void **state)
{
    struct fixture *f = *state;
    f->role = ROLE_V4;
    assert_run(f, "stop.", 5);
    assert_string_equal(buf_str(&f->out), "hello\nstop.");
}

static void test_no_protocol(void **state)
{
    struct fixture *f = *state;
    f->role = ROLE_NO_PROTOCOL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(run(f, NULL, 0, &err), -1);
    assert_int_equal(error_kind(err), ERR_UNSUPPORTED);
}

static void test_refusal(void **state)
{
    struct fixture *f = *state;
    f->role = ROLE_REFUSE;
    cleanup_error struct error *err = NULL;
    assert_int_equal(run(f, NULL, 0, &err), -1);
    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
    assert_string_equal(error_get_code(err), "NotFound");
    assert_string_equal(error_text(err), "pods \"p\" not found");
}

static void test_unauthorized(void **state)
{
    struct fixture *f = *state;
    f->role = ROLE_UNAUTHORIZED;
    cleanup_error struct error *err = NULL;
    assert_int_equal(run(f, NULL, 0, &err), -1);
    assert_int_equal(error_kind(err), ERR_UNAUTHORIZED);
    assert_int_equal(error_get_status(err), 401);
}

static void test_leaves(void **state)
{
    struct fixture *f = *state;
    f->role = ROLE_LEAVE;
    cleanup_error struct error *err = NULL;
    assert_int_equal(run(f, NULL, 0, &err), -1);
    assert_int_equal(error_kind(err), ERR_CONN);
    assert_string_equal(buf_str(&f->out), "hello\n");
}

static void test_text(void **state)
{
    struct fixture *f = *state;
    f->role = ROLE_TEXT;
    cleanup_error struct error *err = NULL;
    assert_int_equal(run(f, NULL, 0, &err), -1);
    assert_int_equal(error_kind(err), ERR_INVALID);
}

static void test_stop(void **state)
{
    struct fixture *f = *state;
    stop_request(f->net.stop);
    cleanup_error struct error *err = NULL;
    assert_int_equal(run(f, NULL, 0, &err), -1);
    assert_int_equal(error_kind(err), ERR_CANCELLED);
}

static void test_arguments(void **state)
{
    struct fixture *f = *state;
    static const char *const nothing[] = { NULL };
    const struct kube_exec_options bad[] = {
        { .nspace = "a", .pod = "p" },
        { .nspace = "a", .pod = "p", .command = nothing },
        { .nspace = "a", .command = cat },
        { .pod = "p", .command = cat },
        { .nspace = "a", .pod = "../p", .command = cat },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        cleanup_error struct error *err = NULL;
        int code;
        assert_int_equal(kube_exec(f->client, &f->net.ctx, &bad[i], &code, &err), -1);
        assert_int_equal(error_kind(err), ERR_INVALID);
    }
    assert_null(f->asked);
}

static int refuse(void *arg, struct error **err)
{
    (void)arg;
    return error_set(err, ERR_CONFLICT, "not the leader");
}

static void test_guards(void **state)
{
    (void)state;
    struct kube_fixture f;
    kube_fixture_init(&f, NULL, 0);
    kube_fixture_start(&f);
    const struct kube_exec_options opt = { .nspace = "a", .pod = "p", .command = cat };
    cleanup_error struct error *over_script = NULL;
    int code;
    assert_int_equal(kube_exec(f.client, &f.ctx, &opt, &code, &over_script), -1);
    assert_int_equal(error_kind(over_script), ERR_UNSUPPORTED);
    kube_fixture_finish(&f);

    kube_fixture_init(&f, NULL, 0);
    f.options.before_write = refuse;
    kube_fixture_start(&f);
    cleanup_error struct error *guarded = NULL;
    assert_int_equal(kube_exec(f.client, &f.ctx, &opt, &code, &guarded), -1);
    assert_string_equal(error_text(guarded), "not the leader");
    kube_fixture_finish(&f);
}

#define EXEC_CASE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXEC_CASE("command, container and streams go into the query, the token into a header",
                  test_request),
        EXEC_CASE("a terminal has no errors of its own", test_terminal),
        EXEC_CASE("a byte of input goes there and back", test_one_byte),
        EXEC_CASE("a megabyte of input goes there and back", test_much_input),
        EXEC_CASE("an old server speaks v4", test_old_protocol),
        EXEC_CASE("a server that picks no protocol is unsupported", test_no_protocol),
        EXEC_CASE("a refused handshake gives the server's Status", test_refusal),
        EXEC_CASE("a refused handshake without a Status gives its code", test_unauthorized),
        EXEC_CASE("a server that leaves before the end is an error", test_leaves),
        EXEC_CASE("a text message is an error", test_text),
        EXEC_CASE("a stop ends the command", test_stop),
        EXEC_CASE("what names no pod or command is refused before sending", test_arguments),
        CASE("exec is a write, and needs a real peer", test_guards),
    };
    return RUN_CASES("exec", tests);
}
