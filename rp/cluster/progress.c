#include "rp/cluster/progress.h"

#include "pkg/base/clock.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define ERROR_MAX 512

struct change {
    const struct cluster *c;
    const char *step; /* that begins; NULL: none does */
};

/* Of this operation: an install goes on where its first phase has ended. */
static json *progress_of(json *tree, const struct cluster *c)
{
    const char *operation = cluster_operation_words[c->job.operation];
    const char *id = json_path_str(tree, "asyncOperationId");
    json *progress = json_get(tree, "progress");
    if (!progress || !str_eq(json_path_str(progress, "operation"), operation) ||
        !str_eq(json_path_str(progress, "operationId"), id ? id : "")) {
        progress = json_make("{'operation':%s,'operationId':%s,'log':[]}", operation, id ? id : "");
        json_put(tree, "progress", progress);
    }
    return progress;
}

static int put_progress(json *tree, void *arg, struct error **err)
{
    const struct change *ch = arg;
    json *progress = progress_of(tree, ch->c), *log = json_get(progress, "log");
    char now[TIME_TEXT_MAX];
    (void)err;
    for (size_t i = 0; i < json_len(ch->c->ended_steps); i++)
        json_append(log, json_give_copy(json_at(ch->c->ended_steps, i)));
    while (json_len(log) > PROGRESS_LOG_MAX)
        json_remove_at(log, 0);
    (void)json_del(progress, "step");
    (void)json_del(progress, "startedAt");
    if (!ch->step)
        return 0;
    time_rfc3339(clock_wall_ns(ch->c->ctx->clock), now);
    json_put(progress, "step", json_new_str(ch->step));
    json_put(progress, "startedAt", json_new_str(now));
    return 0;
}

static void write_progress(struct cluster *c, const char *step)
{
    cleanup_error struct error *err = NULL;
    struct change ch = { c, step };
    if (cluster_patch(c, c->ctx, put_progress, &ch, &err) == 0) {
        json_free(c->ended_steps);
        c->ended_steps = NULL;
    } else if (opctx_check(c->ctx, NULL) == 0) {
        log_warning(c->ctx->log, "the progress was not kept: %s", error_text(err));
    }
}

void progress_begin(struct cluster *c, const struct step *s)
{
    write_progress(c, s->name);
}

void progress_end(struct cluster *c, const struct step *s, int64_t took_ms, const struct error *e)
{
    json *line = json_make("{'step':%s,'tookMs':%ld}", s->name, took_ms);
    if (e) {
        cleanup_free char *text = xstrndup(error_text(e), ERROR_MAX);
        json_put(line, "error", json_new_str(text));
    }
    if (!c->ended_steps)
        c->ended_steps = json_new_array();
    json_append(c->ended_steps, line);
}

void progress_finish(struct cluster *c)
{
    if (c->ended_steps)
        write_progress(c, NULL);
}
