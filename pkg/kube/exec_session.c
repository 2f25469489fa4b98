#include "pkg/kube/exec_session.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/kube/status.h"

#define STATUS_MAX ((size_t)64 << 10)
#define STDIN_PIECE ((size_t)32 << 10)

enum channel {
    CHANNEL_STDIN = 0,
    CHANNEL_STDOUT = 1,
    CHANNEL_STDERR = 2,
    CHANNEL_STATUS = 3,
    CHANNEL_CLOSE = 255
};

/* ---- the end ---- */

/* The number in the cause ExitCode; false when there is none. */
static bool find_exit_code(const json *status, int *ret)
{
    const json *causes = json_path(status, "details.causes");
    for (size_t i = 0; json_is_array(causes) && i < json_len(causes); i++) {
        const json *cause = json_at(causes, i);
        long long code;
        const char *text = json_path_str(cause, "message");
        if (str_eq(json_path_str(cause, "reason"), "ExitCode") && text &&
            str_to_int(text, 0, 255, &code)) {
            *ret = (int)code;
            return true;
        }
    }
    return false;
}

int exec_session_read_status(const char *text, size_t len, int *ret_exit_code, struct error **err)
{
    cleanup_json json *status = NULL;
    if (json_parse_object(text, len, &status, NULL) < 0) {
        size_t shown = len < STATUS_TEXT_MAX ? len : STATUS_TEXT_MAX;
        return error_set(err, ERR_INTERNAL, "the command's end is no Status: %.*s",
                         utf8_is_valid(text, shown) ? (int)shown : 0, text);
    }
    if (str_eq(json_path_str(status, "status"), "Success")) {
        *ret_exit_code = 0;
        return 0;
    }
    if (str_eq(json_path_str(status, "reason"), "NonZeroExitCode") &&
        find_exit_code(status, ret_exit_code))
        return 0;
    return status_set_error(status, 0, err);
}

/* ---- messages of the server ---- */

struct session {
    struct exec_stream *stream;
    const struct opctx *ctx;
    bool v5;
    const struct kube_exec_options *opt;
    struct buf status;
};

static int take_message(struct session *s, bool binary, const char *data, size_t len,
                        struct error **err)
{
    if (!binary)
        return error_set(err, ERR_INVALID, "exec: a text message, which the protocol has not");
    if (len == 0)
        return 0;
    unsigned channel = (unsigned char)data[0];
    if (channel == CHANNEL_STATUS) {
        buf_add(&s->status, data + 1, len - 1);
        return buf_check(&s->status, err);
    }
    if (channel == CHANNEL_STDOUT || channel == CHANNEL_STDERR) {
        if (len == 1 || !s->opt->on_output)
            return 0;
        return s->opt->on_output(s->opt->arg, channel == CHANNEL_STDERR, data + 1, len - 1, err);
    }
    bool closes = s->v5 && channel == CHANNEL_CLOSE && len == 2;
    if (closes && (unsigned char)data[1] <= CHANNEL_STATUS)
        return 0;
    return error_set(err, ERR_INVALID, "exec: a message on the unknown channel %u", channel);
}

static int receive(struct session *s, struct error **err)
{
    for (;;) {
        bool binary;
        const char *data;
        size_t len;
        cleanup_error struct error *e = NULL;
        int rc = s->stream->read(s->stream, s->ctx, &binary, &data, &len, &e);
        /* Who has told how the command ended may leave without a goodbye. */
        if (rc == 0 || (rc < 0 && s->status.len > 0 && opctx_check(s->ctx, NULL) == 0))
            return 0;
        if (rc < 0)
            return error_move(err, &e);
        if (take_message(s, binary, data, len, err) < 0)
            return -1;
    }
}

/* ---- standard input, on a thread of its own: a command that writes while it reads would otherwise
 * wait for us while we wait for it ---- */

struct feeder {
    struct session *session;
    struct stop *stop;
    struct opctx ctx;
    pthread_t thread;
    struct error *failed;
};

static int feed_piece(struct feeder *f, char *piece, const char *data, size_t len)
{
    piece[0] = CHANNEL_STDIN;
    memcpy(piece + 1, data, len);
    struct exec_stream *stream = f->session->stream;
    return stream->send(stream, &f->ctx, piece, len + 1, &f->failed);
}

static void feed(void *arg)
{
    struct feeder *f = arg;
    const struct kube_exec_options *opt = f->session->opt;
    cleanup_free char *piece = xmalloc(STDIN_PIECE + 1);
    const char *data = opt->stdin_data;
    for (size_t at = 0; at < opt->stdin_len; at += STDIN_PIECE) {
        size_t left = opt->stdin_len - at;
        if (feed_piece(f, piece, data + at, left < STDIN_PIECE ? left : STDIN_PIECE) < 0)
            return;
    }
    static const unsigned char close_stdin[] = { CHANNEL_CLOSE, CHANNEL_STDIN };
    struct exec_stream *stream = f->session->stream;
    if (f->session->v5)
        (void)stream->send(stream, &f->ctx, close_stdin, sizeof(close_stdin), &f->failed);
}

static int start_feeder(struct feeder *f, struct session *s, struct error **err)
{
    *f = (struct feeder){ .session = s, .stop = stop_new(s->ctx->stop) };
    f->ctx = opctx_with_stop(s->ctx, f->stop);
    if (thread_start(&f->thread, "exec-stdin", feed, f, err) == 0)
        return 0;
    stop_unref(f->stop);
    return -1;
}

static void end_feeder(struct feeder *f)
{
    stop_request(f->stop); /* the command ended; it may not have read all */
    pthread_join(f->thread, NULL);
    stop_unref(f->stop);
}

int exec_session_run(struct exec_stream *stream, const struct opctx *ctx, bool v5,
                     const struct kube_exec_options *opt, int *ret_exit_code, struct error **err)
{
    struct session s = {
        .stream = stream, .ctx = ctx, .v5 = v5, .opt = opt, .status = BUF_INIT(STATUS_MAX)
    };
    struct feeder f = { 0 };
    if (opt->stdin_data && start_feeder(&f, &s, err) < 0)
        return -1;
    int rc = receive(&s, err);
    if (opt->stdin_data)
        end_feeder(&f);
    if (rc == 0 && s.status.len > 0) {
        rc = exec_session_read_status(s.status.data, s.status.len, ret_exit_code, err);
    } else if (rc == 0) {
        rc = error_set(err, ERR_CONN, "exec: the connection closed before the command's end%s%s",
                       f.failed ? "; standard input: " : "", f.failed ? error_text(f.failed) : "");
        error_code(err, HTTP_ERR_EOF);
    }
    error_free(f.failed);
    buf_release(&s.status);
    return rc;
}
