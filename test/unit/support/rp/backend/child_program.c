#include "test/unit/support/rp/backend/child_program.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/store.h"
#include "rp/backend/child.h"

enum { SELF, WORD, FILE_, STEPS, TRUST, KEY, LEASE, ARGS };

bool child_program_is(int argc, char **argv)
{
    return argc == ARGS && str_eq(argv[WORD], CHILD_PROGRAM_WORD);
}

static int act_well(void *arg, const struct opctx *ctx, struct error **err)
{
    (void)arg;
    (void)ctx;
    (void)err;
    return 0;
}

static int act_user_error(void *arg, const struct opctx *ctx, struct error **err)
{
    (void)arg;
    (void)ctx;
    (void)error_set(err, ERR_INVALID, "The subnet is too small.");
    error_code(err, "InvalidLinkedVNet");
    return -1;
}

static int act_abort(void *arg, const struct opctx *ctx, struct error **err)
{
    (void)arg;
    (void)ctx;
    (void)err;
    abort();
}

static int act_exit(void *arg, const struct opctx *ctx, struct error **err)
{
    (void)arg;
    (void)ctx;
    (void)err;
    _exit(7);
}

static int act_deaf(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct opctx deaf = opctx_root(ctx->clock, ctx->rng, NULL, NULL);
    (void)arg;
    if (write(3, "!", 1) != 1)
        abort();
    return opctx_sleep_ms(&deaf, 3600000, err);
}

static int act_wait(void *arg, const struct opctx *ctx, struct error **err)
{
    (void)arg;
    return opctx_sleep_ms(ctx, 3600000, err);
}

static int never(void *arg, const struct opctx *ctx, bool *ret, struct error **err)
{
    (void)arg;
    (void)ctx;
    (void)err;
    *ret = false;
    return 0;
}

static const struct {
    char letter;
    struct step step;
} table[] = {
    { '.', { .name = "well", .act = act_well } },
    { 'u', { .name = "user error", .act = act_user_error } },
    { 'a', { .name = "abort", .act = act_abort } },
    { 'x', { .name = "exit", .act = act_exit } },
    { 'h', { .name = "deaf", .act = act_deaf } },
    { 'w', { .name = "wait", .act = act_wait } },
    { 'c', { .kind = STEP_CONDITION, .name = "never", .holds = never, .poll_ms = 5 } },
};

struct script {
    const char *letters;
    struct step steps[8];
};

static int open_script(void *arg, const struct opctx *ctx, const struct cluster_job *job,
                       void **ret, struct error **err)
{
    (void)ctx;
    (void)job;
    (void)err;
    *ret = arg;
    return 0;
}

static int give_steps(void *manager, const struct step **ret, size_t *ret_len, struct error **err)
{
    struct script *s = manager;
    (void)err;
    for (size_t i = 0; s->letters[i] && i < ARRAY_LEN(s->steps); i++)
        for (size_t k = 0; k < ARRAY_LEN(table); k++)
            if (table[k].letter == s->letters[i])
                s->steps[i] = table[k].step;
    *ret = s->steps;
    *ret_len = strlen(s->letters);
    return 0;
}

static void close_script(void *manager)
{
    (void)manager;
}

int child_program_run(char **argv)
{
    static const struct cluster_manager_ops ops = { .open = open_script,
                                                    .steps = give_steps,
                                                    .close = close_script };
    struct script script = { .letters = argv[STEPS] };
    struct log_fd_sink sink;
    long long trust_ms;
    struct store *store = NULL;
    log_fd_sink_init(&sink, STDERR_FILENO, LOG_ERROR, LOG_TEXT, clock_system());
    const struct log log = log_root(&sink.base);
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, &log);
    if (!str_to_int(argv[TRUST], 1, 1000000000, &trust_ms) ||
        store_open_sqlite(&ctx, argv[FILE_], &store, NULL) < 0)
        return 100;
    cleanup_database struct database *db = database_new(store, NULL);
    const struct backend_config cfg = {
        .db = db,
        .clock = clock_system(),
        .rng = rng_system(),
        .log = &log,
        .settings = { .trust_ms = trust_ms, .child_grace_ms = 200 },
        .manager = &ops,
        .manager_arg = &script,
    };
    return backend_child_main(&cfg, argv[KEY], argv[LEASE]);
}
