/*
 * exec_session.h - the channel protocols of exec (v4 and v5) over any stream of messages. Private to
 * pkg/kube.
 *
 * A message is a channel number and data: 0 standard input, 1 output, 2 errors, 3 the Status at the
 * end, 4 terminal size; in v5 also 255 and the number of a channel that is closed.
 * Source: k8s.io/apimachinery/pkg/util/remotecommand.
 */
#ifndef PKG_KUBE_EXEC_SESSION_H
#define PKG_KUBE_EXEC_SESSION_H

#include "pkg/kube/exec.h"

struct exec_stream { /* a WebSocket, or a test's; one thread reads while another sends */
    /* 1: a message, borrowed until the next call; 0: closed in order; -1. */
    int (*read)(struct exec_stream *s, const struct opctx *ctx, bool *ret_binary,
                const char **ret_data, size_t *ret_len, struct error **err);
    int (*send)(struct exec_stream *s, const struct opctx *ctx, const void *data, size_t len,
                struct error **err); /* one binary message */
};

/* From the first message to the command's end. */
int exec_session_run(struct exec_stream *s, const struct opctx *ctx, bool v5,
                     const struct kube_exec_options *opt, int *ret_exit_code, struct error **err);

/* What the Status at the end says: 0 and the exit code, or the error that it is. */
int exec_session_read_status(const char *text, size_t len, int *ret_exit_code, struct error **err);

#endif
