/* A set on a cluster, from its first object to the last deletion. */
#include "rp/syncsets/apply/apply.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/apply/work.h"
#include "rp/syncsets/remote/scrub.h"

#define MESSAGES_MAX ((size_t)64 << 10) /* gathered; what is kept of them is less */

/* Of the remote: before each attempt of a change. */
static int ask_tracker(void *arg, struct error **err)
{
    struct work *w = arg;
    if (w->tracker->may_mutate(w->tracker->arg, err) == 0)
        return 0;
    w->aborted = true;
    return -1;
}

int work_begin(struct work *w, struct error **err)
{
    if (w->tracker->may_begin(w->tracker->arg, err) == 0)
        return 0;
    w->aborted = true;
    return -1;
}

static void work_init(struct work *w, const struct opctx *ctx, struct sets_remote *r,
                      const struct apply_tracker *t)
{
    *w = (struct work){ .ctx = ctx, .remote = r, .tracker = t };
    w->guard = (struct sets_guard){ ask_tracker, w };
    buf_init(&w->messages, BUF_UNBOUNDED);
}

static void work_release(struct work *w)
{
    buf_release(&w->messages);
    json_free(w->blocked_refs);
}
#define cleanup_work CLEANUP_WITH(work_release)

void work_note(struct work *w, struct error **why)
{
    w->failed = true;
    w->unreachable |= sets_is_unreachable(*why);
    w->refused |= error_is(*why, ERR_UNAUTHORIZED);
    if (w->messages.len > 0)
        buf_adds(&w->messages, "; ");
    if (w->messages.len < MESSAGES_MAX)
        buf_adds(&w->messages, error_text(*why));
    error_clear(why);
}

void apply_result_release(struct apply_result *r)
{
    free(r->message);
    json_free(r->deletions_blocked);
}

static void conclude(struct work *w, struct apply_result *ret)
{
    *ret = (struct apply_result){ .failed = w->failed,
                                  .unreachable = w->unreachable,
                                  .refused = w->refused };
    ret->deletions_blocked = w->blocked_refs ? take(w->blocked_refs) : json_new_array();
    if (!w->failed)
        return;
    cleanup_free char *text = buf_give(&w->messages);
    ret->message = sets_give_scrubbed(text);
}

/* ---- objects ---- */

/* Before anything is sent, so that no end of this process leaves an object that nobody knows of. */
static int track(struct work *w, const struct apply_plan *plan, struct error **err)
{
    cleanup_free struct apply_object *objects = xcalloc(plan->items_len + 1, sizeof(*objects));
    size_t len = 0;
    for (size_t i = 0; i < plan->items_len; i++)
        if (*plan->items[i].id.name)
            objects[len++] = plan->items[i].id;
    return w->tracker->intend(w->tracker->arg, objects, len, err);
}

/* -1: the work must end. *ret_ok false: it failed, which is noted. */
static int do_item(struct work *w, const struct apply_plan *plan, const struct apply_state *state,
                   const struct plan_item *item, bool *ret_ok, struct error **err)
{
    const struct apply_tracker *t = w->tracker;
    cleanup_error struct error *why = NULL;
    *ret_ok = write_item(w, plan, state, item, &why) == 0;
    if (!*ret_ok && work_must_end(w))
        return error_move(err, &why);
    if (t->observe)
        t->observe(t->arg, *ret_ok);
    if (*ret_ok)
        return plan->sync && *item->id.name ? t->applied(t->arg, &item->id, err) : 0;
    cleanup_free char *title = object_give_title(&item->id);
    error_wrap(&why, "failed to apply %s %zu: %s", item->is_secret ? "secret" : "resource",
               item->index, title);
    work_note(w, &why);
    return 0;
}

static bool goes_on(const struct work *w, const struct apply_plan *plan)
{
    return !w->failed || (plan->continue_on_error && !w->unreachable);
}

static int do_items(struct work *w, const struct apply_plan *plan, const struct apply_state *state,
                    struct error **err)
{
    for (size_t i = 0; i < plan->items_len && goes_on(w, plan); i++) {
        bool ok;
        if (work_begin(w, err) < 0 || do_item(w, plan, state, &plan->items[i], &ok, err) < 0)
            return -1;
    }
    return 0;
}

static int do_patches(struct work *w, const struct apply_plan *plan, struct error **err)
{
    for (size_t i = 0; i < plan->patches_len && goes_on(w, plan); i++) {
        const struct plan_patch *p = &plan->patches[i];
        cleanup_error struct error *why = NULL;
        if (work_begin(w, err) < 0)
            return -1;
        if (patch_object(w, p, &why) == 0)
            continue;
        if (work_must_end(w))
            return error_move(err, &why);
        error_wrap(&why, "failed to apply patch %zu: %s %s%s%s", p->index, p->kind, p->nspace,
                   *p->nspace ? "/" : "", p->name);
        work_note(w, &why);
    }
    return 0;
}

/* A set that does not track (any more): nothing is deleted on its behalf. */
static int untrack(struct work *w, const struct apply_state *state, struct error **err)
{
    for (size_t i = 0; i < state->tracked_len; i++)
        if (w->tracker->deleted(w->tracker->arg, &state->tracked[i], err) < 0)
            return -1;
    return 0;
}

int apply_set(const struct opctx *ctx, struct sets_remote *r, const struct apply_plan *plan,
              const struct apply_state *state, const struct apply_tracker *t,
              struct apply_result *ret, struct error **err)
{
    cleanup_work struct work w;
    work_init(&w, ctx, r, t);
    *ret = (struct apply_result){ 0 };
    if (plan->sync ? track(&w, plan, err) < 0 : untrack(&w, state, err) < 0)
        return -1;
    if (do_items(&w, plan, state, err) < 0 || do_patches(&w, plan, err) < 0)
        return -1;
    if (plan->sync && drop_objects(&w, plan, state, plan->block_protected, err) < 0)
        return -1;
    conclude(&w, ret);
    return 0;
}

int apply_delete(const struct opctx *ctx, struct sets_remote *r, bool block_protected,
                 const struct apply_state *state, const struct apply_tracker *t,
                 struct apply_result *ret, struct error **err)
{
    cleanup_work struct work w;
    work_init(&w, ctx, r, t);
    *ret = (struct apply_result){ 0 };
    if (drop_objects(&w, NULL, state, block_protected, err) < 0)
        return -1;
    conclude(&w, ret);
    return 0;
}
