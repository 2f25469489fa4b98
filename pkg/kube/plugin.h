/*
 * plugin.h - exec credential plugins: a command that prints an ExecCredential. Private to pkg/kube.
 *
 * One run at a time; concurrent callers wait for it and share its outcome. An answer is used until
 * 10 s before its expirationTimestamp (for ever when it has none). Threads: safe from any.
 * Source: client.authentication.k8s.io/v1 and v1beta1.
 */
#ifndef PKG_KUBE_PLUGIN_H
#define PKG_KUBE_PLUGIN_H

#include "pkg/base/opctx.h"
#include "pkg/kube/config.h"

#define PLUGIN_TIME_LIMIT_MS 60000
#define PLUGIN_OUTPUT_MAX ((size_t)1 << 20)

struct plugin;

/* Runs the command and gives what it printed. exec_info is the value of KUBERNETES_EXEC_INFO. */
typedef int (*plugin_run_fn)(void *arg, const struct opctx *ctx,
                             const struct kube_exec_config *exec, const char *exec_info,
                             char **ret_output, size_t *ret_len, struct error **err);

struct plugin_config {
    const struct kube_config *cfg; /* borrowed for the plugin's life */
    const struct clock *clock;
    const struct log *log;
    plugin_run_fn run; /* NULL: plugin_spawn */
    void *run_arg;
};
struct plugin *plugin_new(const struct plugin_config *cfg);
void plugin_free(struct plugin *p);

/* *ret_token may become NULL: the plugin gives a certificate only. The generation names the answer. */
int plugin_give_token(struct plugin *p, const struct opctx *ctx, struct secret **ret_token,
                      uint64_t *ret_generation, struct error **err);
int plugin_give_cert(struct plugin *p, const struct opctx *ctx, char **ret_cert,
                     struct secret **ret_key, struct error **err);
/* The server refused the answer of that generation: if it is still the current one, the next caller
 * runs the command. */
void plugin_reject(struct plugin *p, uint64_t generation);

/* The real thing: posix_spawn in its own process group, stdin from /dev/null, stderr inherited. */
int plugin_spawn(void *arg, const struct opctx *ctx, const struct kube_exec_config *exec,
                 const char *exec_info, char **ret_output, size_t *ret_len, struct error **err);

#endif
