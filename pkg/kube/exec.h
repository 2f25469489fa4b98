/* exec.h - commands in containers over WebSocket (v5 and v4 channel protocols). */
#ifndef PKG_KUBE_EXEC_H
#define PKG_KUBE_EXEC_H

#include "pkg/kube/client.h"

struct kube_exec_options {
    const char *nspace, *pod, *container; /* container may be NULL */
    const char *const *command;           /* NULL-terminated */
    bool tty;
    const void *stdin_data; /* sent, then closed where the protocol can; NULL: no stdin */
    size_t stdin_len;
    /* Output as it arrives, on the calling thread; -1 ends the command. */
    int (*on_output)(void *arg, bool is_stderr, const char *data, size_t len, struct error **err);
    void *arg;
};
/* 0: the command ran; *ret_exit_code is its exit status. */
int kube_exec(struct kube_client *k, const struct opctx *ctx, const struct kube_exec_options *opt,
              int *ret_exit_code, struct error **err);

#endif
