#include "rp/cluster/progress.h"

#include "pkg/base/clock.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define ERROR_MAX 512

#define WAITS "waits"
#define WAIT_OVER \
    "waitOver" /* of an ended step that is not written yet: the wait that has come to its end */

struct change {
    const struct cluster *c;
    const struct step *step; /* that begins; NULL: none does */
};

/* ---- waits ---- */

/* What a wait is called: rows of one name are waits of their own. Owned. */
static char *give_wait(const struct cluster *c, const struct step *s)
{
    int nth = 1;
    for (const struct step *before = c->steps; before && before < s; before++)
        if (before->kind == STEP_CONDITION && str_eq(before->name, s->name))
            nth++;
    return nth == 1 ? xstrdup(s->name) : xasprintf("%s#%d", s->name, nth);
}

/* Steps that run again before a condition does leave its clock alone. */
static void note_wait(json *progress, const struct cluster *c, const struct step *s,
                      const char *now)
{
    cleanup_free char *wait = give_wait(c, s);
    if (!json_get(progress, WAITS))
        json_put(progress, WAITS, json_new_object());
    if (!json_get(json_get(progress, WAITS), wait))
        json_put(json_get(progress, WAITS), wait, json_new_str(now));
}

int64_t progress_waited_ms(const struct cluster *c, const struct step *s)
{
    cleanup_free char *wait = give_wait(c, s);
    json *waits = json_path(c->doc, "progress." WAITS);
    const char *since = json_str(json_get(waits, wait));
    int64_t since_ns;
    if (!since || !time_parse_rfc3339(since, &since_ns))
        return 0;
    return (clock_wall_ns(c->ctx->clock) - since_ns) / NS_PER_MS;
}

/* ---- the document ---- */

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
    for (size_t i = 0; i < json_len(ch->c->ended_steps); i++) {
        json *line = json_give_copy(json_at(ch->c->ended_steps, i));
        const char *wait = json_path_str(line, WAIT_OVER);
        if (wait && json_get(progress, WAITS))
            (void)json_del(json_get(progress, WAITS), wait);
        (void)json_del(line, WAIT_OVER);
        json_append(log, line);
    }
    while (json_len(log) > PROGRESS_LOG_MAX)
        json_remove_at(log, 0);
    (void)json_del(progress, "step");
    (void)json_del(progress, "startedAt");
    if (!ch->step)
        return 0;
    time_rfc3339(clock_wall_ns(ch->c->ctx->clock), now);
    json_put(progress, "step", json_new_str(ch->step->name));
    json_put(progress, "startedAt", json_new_str(now));
    if (ch->step->kind == STEP_CONDITION)
        note_wait(progress, ch->c, ch->step, now);
    return 0;
}

static void write_progress(struct cluster *c, const struct step *step)
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
    write_progress(c, s);
}

void progress_end(struct cluster *c, const struct step *s, int64_t took_ms, const struct error *e)
{
    json *line = json_make("{'step':%s,'tookMs':%ld}", s->name, took_ms);
    if (e) {
        cleanup_free char *text = xstrndup(error_text(e), ERROR_MAX);
        json_put(line, "error", json_new_str(text));
    } else if (s->kind == STEP_CONDITION) {
        cleanup_free char *wait = give_wait(c, s);
        json_put(line, WAIT_OVER, json_new_str(wait));
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
