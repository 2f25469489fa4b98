#include <pthread.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/exec_session.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

#define SUCCESS "\3{\"status\":\"Success\"}"
#define EXIT(code) \
    "\3{\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":[" \
    "{\"reason\":\"Other\",\"message\":\"1\"},{\"reason\":\"ExitCode\",\"message\":\"" code \
    "\"}]}}"

struct message {
    const char *data;
    size_t len; /* 0: strlen; TEXT and EMPTY are special */
};
#define M(text) \
    { \
        .data = (text) \
    }
#define TEXT ((size_t)-1)  /* a text message */
#define EMPTY ((size_t)-2) /* a message of no bytes */
#define RESET ((size_t)-3) /* the connection breaks */

/* A stream that gives listed messages, then closes; with await_stdin only after so many bytes. */
struct scripted {
    struct exec_stream base;
    const struct message *messages;
    size_t len, used;
    size_t await_stdin;
    bool refuses_input;
    pthread_mutex_t mu;
    pthread_cond_t cv;
    struct buf sent; /* all messages, each behind its length in brackets */
    size_t stdin_bytes;
    bool stdin_closed;
};

static void await_input(struct scripted *s)
{
    pthread_mutex_lock(&s->mu);
    while (s->stdin_bytes < s->await_stdin)
        pthread_cond_wait(&s->cv, &s->mu);
    pthread_mutex_unlock(&s->mu);
}

static int scripted_read(struct exec_stream *base, const struct opctx *ctx, bool *ret_binary,
                         const char **ret_data, size_t *ret_len, struct error **err)
{
    struct scripted *s = container_of(base, struct scripted, base);
    if (opctx_check(ctx, err) < 0)
        return -1;
    await_input(s);
    if (s->used == s->len)
        return 0;
    const struct message *m = &s->messages[s->used++];
    if (m->len == RESET)
        return error_set(err, ERR_CONN, "reset");
    *ret_binary = m->len != TEXT;
    *ret_data = m->data;
    *ret_len = m->len == EMPTY ? 0 : m->len && m->len != TEXT ? m->len : strlen(m->data);
    return 1;
}

static int scripted_send(struct exec_stream *base, const struct opctx *ctx, const void *data,
                         size_t len, struct error **err)
{
    (void)ctx;
    struct scripted *s = container_of(base, struct scripted, base);
    const unsigned char *bytes = data;
    if (s->refuses_input)
        return error_set(err, ERR_CONN, "broken pipe");
    pthread_mutex_lock(&s->mu);
    buf_addf(&s->sent, "[%zu]", len);
    if (bytes[0] == 0)
        s->stdin_bytes += len - 1;
    else
        s->stdin_closed = len == 2 && bytes[0] == 255 && bytes[1] == 0;
    pthread_cond_broadcast(&s->cv);
    pthread_mutex_unlock(&s->mu);
    return 0;
}

struct output {
    struct buf out, err;
    size_t stop_at; /* refuse after so many calls; 0 never */
    size_t calls;
};

static int on_output(void *arg, bool is_stderr, const char *data, size_t len, struct error **err)
{
    struct output *o = arg;
    buf_add(is_stderr ? &o->err : &o->out, data, len);
    return ++o->calls == o->stop_at ? error_set(err, ERR_EXISTS, "enough") : 0;
}

struct rig {
    struct fake_clock clock;
    struct fake_rng rng;
    struct stop *stop;
    struct opctx ctx;
    struct scripted stream;
    struct output output;
    struct kube_exec_options opt;
};

static void rig_init(struct rig *r, const struct message *messages, size_t len)
{
    *r = (struct rig){ 0 };
    fake_clock_init(&r->clock);
    fake_rng_init(&r->rng, 1);
    r->stop = stop_new(NULL);
    r->ctx = opctx_root(&r->clock.base, &r->rng.base, r->stop, NULL);
    r->stream.base = (struct exec_stream){ .read = scripted_read, .send = scripted_send };
    r->stream.messages = messages;
    r->stream.len = len;
    pthread_mutex_init(&r->stream.mu, NULL);
    pthread_cond_init(&r->stream.cv, NULL);
    buf_init(&r->stream.sent, BUF_UNBOUNDED);
    buf_init(&r->output.out, BUF_UNBOUNDED);
    buf_init(&r->output.err, BUF_UNBOUNDED);
    r->opt.on_output = on_output;
    r->opt.arg = &r->output;
}

static void rig_release(struct rig *r)
{
    buf_release(&r->stream.sent);
    buf_release(&r->output.out);
    buf_release(&r->output.err);
    pthread_cond_destroy(&r->stream.cv);
    pthread_mutex_destroy(&r->stream.mu);
    stop_unref(r->stop);
    fake_clock_release(&r->clock);
}

struct session_case {
    const char *name;
    bool v4;
    struct message messages[6];
    size_t len;
    int exit_code; /* -1: fails */
    enum err_kind fails;
    const char *out, *errors, *text; /* text: part of the error */
    size_t out_len;                  /* 0: strlen(out) */
};

#define MESSAGES(...) \
    .messages = { __VA_ARGS__ }, \
    .len = sizeof((struct message[]){ __VA_ARGS__ }) / sizeof(struct message)

/* clang-format off */
static struct session_case cases[] = {
    { "output and errors are told apart", MESSAGES(M("\1one "), M("\2oops"), M("\1two"), M(SUCCESS)), .out = "one two", .errors = "oops" },
    { "an exit code is told", MESSAGES(M("\1x"), M(EXIT("7"))), .exit_code = 7, .out = "x" },
    { "exit codes reach 255", MESSAGES(M(EXIT("255"))), .exit_code = 255 },
    { "bytes of zero are output", MESSAGES({ "\1a\0b", 4 }, M(SUCCESS)), .out = "a", .out_len = 3 },
    { "empty messages and empty output are ignored", MESSAGES({ "", EMPTY }, M("\1"), M(SUCCESS)) },
    { "channels that are closed are noted in v5", MESSAGES({ "\xff\1", 2 }, { "\xff\2", 2 }, M(SUCCESS), { "\xff\3", 2 }) },
    { "a Status may come in pieces", MESSAGES(M("\3{\"status\":"), M("\3\"Success\"}")) },
    { "a connection that breaks behind the Status does no harm", MESSAGES(M(EXIT("3")), { "", RESET }), .exit_code = 3 },
    { "a container that is not there is an error", MESSAGES(M("\3{\"status\":\"Failure\",\"reason\":\"BadRequest\",\"message\":\"no container\"}")),
      .exit_code = -1, .fails = ERR_INVALID, .text = "no container" },
    { "an exit code that is no number is an error", MESSAGES(M(EXIT("x"))), .exit_code = -1, .fails = ERR_INTERNAL, .text = "NonZeroExitCode" },
    { "a Status that is no JSON is an error", MESSAGES(M("\3boom")), .exit_code = -1, .fails = ERR_INTERNAL, .text = "boom" },
    { "a Status that is not even text is an error", MESSAGES(M("\3\xff\xfe")), .exit_code = -1, .fails = ERR_INTERNAL, .text = "no Status" },
    { "a text message is an error", MESSAGES({ "\1x", TEXT }), .exit_code = -1, .fails = ERR_INVALID, .text = "text message" },
    { "an unknown channel is an error", MESSAGES(M("\5x")), .exit_code = -1, .fails = ERR_INVALID, .text = "channel 5" },
    { "standard input from the server is an error", MESSAGES({ "\0x", 2 }), .exit_code = -1, .fails = ERR_INVALID, .text = "channel 0" },
    { "closing a channel is unknown to v4", .v4 = true, MESSAGES({ "\xff\1", 2 }), .exit_code = -1, .fails = ERR_INVALID, .text = "channel 255" },
    { "closing an unknown channel is an error", MESSAGES({ "\xff\7", 2 }), .exit_code = -1, .fails = ERR_INVALID, .text = "channel 255" },
    { "a close without a Status is an error", MESSAGES(M("\1x")), .exit_code = -1, .fails = ERR_CONN, .out = "x", .text = "before the command's end" },
    { "a connection that breaks without a Status is an error", MESSAGES(M("\1x"), { "", RESET }), .exit_code = -1, .fails = ERR_CONN, .out = "x", .text = "reset" },
};
/* clang-format on */

static void check_session(void **state)
{
    const struct session_case *c = *state;
    struct rig r;
    rig_init(&r, c->messages, c->len);
    cleanup_error struct error *err = NULL;
    int exit_code = -1;

    int rc = exec_session_run(&r.stream.base, &r.ctx, !c->v4, &r.opt, &exit_code, &err);

    assert_int_equal(rc, c->exit_code < 0 ? -1 : 0);
    assert_int_equal(exit_code, c->exit_code);
    if (rc < 0) {
        assert_string_equal(err_kind_name(error_kind(err)), err_kind_name(c->fails));
        if (!strstr(error_text(err), c->text))
            fail_msg("no '%s' in: %s", c->text, error_text(err));
    }
    assert_string_equal(buf_str(&r.output.out), c->out ? c->out : "");
    if (c->out_len)
        assert_int_equal(r.output.out.len, c->out_len);
    assert_string_equal(buf_str(&r.output.err), c->errors ? c->errors : "");
    assert_int_equal(r.stream.sent.len, 0);
    rig_release(&r);
}

/* ---- standard input ---- */

struct input_case {
    const char *name;
    bool v4;
    size_t len;
    const char *sent;
};

static struct input_case input_cases[] = {
    { "a byte of input is sent, then closed", false, 1, "[2][2]" },
    { "64 KiB of input are sent in pieces, then closed", false, 65536, "[32769][32769][2]" },
    { "a piece more than full is followed by the rest", false, 32769, "[32769][2][2]" },
    { "empty input is closed at once", false, 0, "[2]" },
    { "v4 cannot close its input", true, 3, "[4]" },
};

static void check_input(void **state)
{
    const struct input_case *c = *state;
    static const struct message messages[] = { M("\1done"), M(SUCCESS) };
    struct rig r;
    rig_init(&r, messages, ARRAY_LEN(messages));
    cleanup_free char *input = xcalloc(1, c->len + 1);
    r.opt.stdin_data = input;
    r.opt.stdin_len = c->len;
    r.stream.await_stdin = c->len;
    int exit_code = -1;

    assert_int_equal(exec_session_run(&r.stream.base, &r.ctx, !c->v4, &r.opt, &exit_code, NULL), 0);

    assert_int_equal(exit_code, 0);
    assert_int_equal(r.stream.stdin_bytes, c->len);
    assert_int_equal(r.stream.stdin_closed, !c->v4);
    assert_string_equal(buf_str(&r.stream.sent), c->sent);
    rig_release(&r);
}

static void test_input_that_nobody_reads(void **state)
{
    (void)state;
    static const struct message messages[] = { M(EXIT("1")) };
    struct rig r;
    rig_init(&r, messages, ARRAY_LEN(messages));
    r.opt.stdin_data = "x";
    r.opt.stdin_len = 1;
    r.stream.refuses_input = true;
    int exit_code = -1;
    assert_int_equal(exec_session_run(&r.stream.base, &r.ctx, true, &r.opt, &exit_code, NULL), 0);
    assert_int_equal(exit_code, 1); /* the command's own end counts */
    rig_release(&r);
}

static void test_broken_input(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r, NULL, 0);
    r.opt.stdin_data = "x";
    r.opt.stdin_len = 1;
    r.stream.refuses_input = true;
    cleanup_error struct error *err = NULL;
    int exit_code = -1;
    assert_int_equal(exec_session_run(&r.stream.base, &r.ctx, true, &r.opt, &exit_code, &err), -1);
    assert_string_equal(error_get_code(err), HTTP_ERR_EOF);
    rig_release(&r);
}

/* ---- limits ---- */

static void test_callback_ends_command(void **state)
{
    (void)state;
    static const struct message messages[] = { M("\1a"), M("\1b"), M("\1c"), M(SUCCESS) };
    struct rig r;
    rig_init(&r, messages, ARRAY_LEN(messages));
    r.output.stop_at = 2;
    cleanup_error struct error *err = NULL;
    int exit_code = -1;
    assert_int_equal(exec_session_run(&r.stream.base, &r.ctx, true, &r.opt, &exit_code, &err), -1);
    assert_int_equal(error_kind(err), ERR_EXISTS);
    assert_string_equal(buf_str(&r.output.out), "ab");
    rig_release(&r);
}

static void test_stop(void **state)
{
    (void)state;
    static const struct message messages[] = { M(SUCCESS) };
    struct rig r;
    rig_init(&r, messages, ARRAY_LEN(messages));
    stop_request(r.stop);
    cleanup_error struct error *err = NULL;
    int exit_code = -1;
    assert_int_equal(exec_session_run(&r.stream.base, &r.ctx, true, &r.opt, &exit_code, &err), -1);
    assert_int_equal(error_kind(err), ERR_CANCELLED);
    rig_release(&r);
}

static void test_endless_status(void **state)
{
    (void)state;
    cleanup_free char *piece = xmalloc(40001);
    memset(piece, ' ', 40000);
    piece[0] = 3;
    piece[40000] = '\0';
    const struct message messages[] = { { piece, 40000 }, { piece, 40000 }, { piece, 40000 } };
    struct rig r;
    rig_init(&r, messages, ARRAY_LEN(messages));
    cleanup_error struct error *err = NULL;
    int exit_code = -1;
    assert_int_equal(exec_session_run(&r.stream.base, &r.ctx, true, &r.opt, &exit_code, &err), -1);
    assert_int_equal(error_kind(err), ERR_TOO_LARGE);
    assert_int_equal(r.stream.used, 2);
    rig_release(&r);
}

static void test_nobody_wants_output(void **state)
{
    (void)state;
    static const struct message messages[] = { M("\1a"), M(SUCCESS) };
    struct rig r;
    rig_init(&r, messages, ARRAY_LEN(messages));
    r.opt.on_output = NULL;
    int exit_code = -1;
    assert_int_equal(exec_session_run(&r.stream.base, &r.ctx, true, &r.opt, &exit_code, NULL), 0);
    rig_release(&r);
}

int main(void)
{
    static const struct CMUnitTest single[] = {
        CASE("input that the command does not read does no harm", test_input_that_nobody_reads),
        CASE("a connection that breaks under the input is an error", test_broken_input),
        CASE("the callback's error ends the command", test_callback_ends_command),
        CASE("a stop ends the command", test_stop),
        CASE("a Status without end is refused", test_endless_status),
        CASE("nobody needs to want the output", test_nobody_wants_output),
    };
    struct CMUnitTest tests[ARRAY_LEN(single) + ARRAY_LEN(cases) + ARRAY_LEN(input_cases)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check_session, &cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(input_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(input_cases[i].name, check_input, &input_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        tests[n++] = single[i];
    return RUN_CASES("exec_session", tests);
}
