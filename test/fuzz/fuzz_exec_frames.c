/*
 * What a server may send to exec. The input is a list of messages, each behind two bytes: flags (text, protocol) and
 * its length. However they are, the session ends; output is what the messages on its channels held.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/kube/exec_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct source {
    struct exec_stream base;
    const uint8_t *data;
    size_t len, at, output;
};

static int source_read(struct exec_stream *base, const struct opctx *ctx, bool *ret_binary,
                       const char **ret_data, size_t *ret_len, struct error **err)
{
    (void)ctx;
    struct source *s = container_of(base, struct source, base);
    if (s->len - s->at < 2)
        return s->at == s->len ? 0 : error_set(err, ERR_CONN, "cut off");
    size_t len = s->data[s->at + 1], left = s->len - s->at - 2;
    *ret_binary = !(s->data[s->at] & 1);
    *ret_len = len < left ? len : left;
    *ret_data = (const char *)s->data + s->at + 2;
    s->at += 2 + *ret_len;
    if (*ret_binary && *ret_len > 0 && ((*ret_data)[0] == 1 || (*ret_data)[0] == 2))
        s->output += *ret_len - 1;
    return 1;
}

static int on_output(void *arg, bool is_stderr, const char *data, size_t len, struct error **err)
{
    (void)is_stderr;
    (void)data;
    (void)err;
    *(size_t *)arg += len;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct source s = { .base.read = source_read, .data = data + 1, .len = size - 1 };
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    size_t got = 0;
    struct kube_exec_options opt = { .on_output = on_output, .arg = &got };
    cleanup_error struct error *e = NULL;
    int code = -1;
    int rc = exec_session_run(&s.base, &ctx, data[0] & 1, &opt, &code, &e);
    if (got != s.output || (rc == 0 ? code < 0 || code > 255 || e : !e))
        abort();
    return 0;
}
