/* commands.h - what `aro syncsets` does. Each returns -1 with an error; ERR_INVALID ends the process with 2. */
#ifndef CMD_ARO_SYNCSETS_COMMANDS_H
#define CMD_ARO_SYNCSETS_COMMANDS_H

#include <stdio.h>

#include "pkg/base/env.h"
#include "pkg/base/opctx.h"

struct command_options {
    const struct env *env;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
    struct stop *stop; /* ends a server */
    FILE *out;
    const char *const *args; /* behind the command's name */
    size_t args_len;
    bool force, v3, require_namespaces;
    int64_t reload_ms; /* how often a server looks whether its TLS files changed; 0: 10 s */
    void (*on_listening)(void *arg, unsigned port); /* may be NULL */
    void *arg;
};
int command_api(const struct command_options *opt, struct error **err);
int command_controller(const struct command_options *opt, struct error **err);
int command_migrate(const struct command_options *opt, struct error **err);
int command_swagger(const struct command_options *opt, struct error **err);
int command_rotate_keys(const struct command_options *opt, struct error **err);

#endif
