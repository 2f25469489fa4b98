#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/apply/work.h"

#define KIND_WAIT_MS 30000 /* for a kind whose definition was just written */
#define KIND_LOOK_MS 250

static const struct kube_write_options writes = { .field_manager = FIELD_MANAGER };

bool work_must_end(const struct work *w)
{
    return w->aborted || opctx_check(w->ctx, NULL) < 0;
}

/* ---- kinds ---- */

bool work_defines_kinds(const struct gvr *gvr)
{
    return (strcmp(gvr->group, "apiextensions.k8s.io") == 0 &&
            strcmp(gvr->kind, "CustomResourceDefinition") == 0) ||
           (strcmp(gvr->group, "apiregistration.k8s.io") == 0 &&
            strcmp(gvr->kind, "APIService") == 0);
}

static bool is_no_match(const struct error *e)
{
    return error_is(e, ERR_NOT_FOUND) && str_eq(error_get_code(e), "NoMatch");
}

/* Whether to look again for what a new definition defines; waits before. */
static bool may_come(struct work *w, int64_t *until_ns)
{
    int64_t now = clock_mono_ns(w->ctx->clock);
    if (!*until_ns)
        *until_ns = now + KIND_WAIT_MS * NS_PER_MS;
    return w->kinds_changed && now < *until_ns && opctx_sleep_ms(w->ctx, KIND_LOOK_MS, NULL) == 0;
}

int work_find(struct work *w, const char *api_version, const char *kind, const struct gvr **ret,
              struct error **err)
{
    int64_t until = 0;
    for (;;) {
        cleanup_error struct error *e = NULL;
        if (sets_remote_find(w->remote, w->ctx, api_version, kind, ret, &e) == 0)
            return 0;
        if (!is_no_match(e) || !may_come(w, &until))
            return error_move(err, &e);
    }
}

/* A 404 that is neither about the object nor about its namespace: the kind itself is not served (yet, or any more). */
static bool is_kind_missing(const struct error *e)
{
    cleanup_json json *status = NULL;
    const char *body = error_get_body(e);
    if (!error_is(e, ERR_NOT_FOUND))
        return false;
    if (body)
        (void)json_parse_object(body, strlen(body), &status, NULL);
    const char *name = json_path_str(status, "details.name");
    return !name || !*name;
}

/* ---- requests ---- */

int work_get(struct work *w, const struct kube_ref *ref, json **ret, struct error **err)
{
    struct kube_client *k;
    if (sets_remote_begin(w->remote, w->ctx, &w->guard, &k, err) < 0)
        return -1;
    int rc = kube_get(k, w->ctx, ref, ret, err);
    sets_remote_end(w->remote);
    return rc;
}

int work_look(struct work *w, const struct kube_ref *ref, json **ret, struct error **err)
{
    cleanup_error struct error *e = NULL;
    *ret = NULL;
    if (work_get(w, ref, ret, &e) == 0)
        return 0;
    return error_is(e, ERR_NOT_FOUND) ? 0 : error_move(err, &e);
}

static void note_written(struct work *w, const struct gvr *gvr)
{
    if (!work_defines_kinds(gvr))
        return;
    w->kinds_changed = true;
    sets_remote_forget_kinds(w->remote);
}

/* What changes something ends with the right to. */
static struct opctx give_limited(const struct work *w)
{
    struct opctx limited = *w->ctx;
    const struct apply_tracker *t = w->tracker;
    int64_t until_ns = t->mutate_until_ns ? t->mutate_until_ns(t->arg) : CLOCK_NEVER;
    if (until_ns < limited.deadline_ns)
        limited.deadline_ns = until_ns;
    return limited;
}

static int create_once(struct work *w, const struct kube_ref *ref, const json *object,
                       const struct kube_write_options *how, struct error **err)
{
    struct kube_client *k;
    struct kube_ref collection = *ref;
    collection.name = NULL;
    if (sets_remote_begin(w->remote, w->ctx, &w->guard, &k, err) < 0)
        return -1;
    const struct opctx limited = give_limited(w);
    int rc = kube_create(k, &limited, &collection, object, how, NULL, err);
    sets_remote_end(w->remote);
    return rc;
}

int work_create(struct work *w, const struct kube_ref *ref, const json *object, struct error **err)
{
    int64_t until = 0;
    for (;;) {
        cleanup_error struct error *e = NULL;
        if (create_once(w, ref, object, &writes, &e) == 0)
            break;
        if (is_kind_missing(e)) {
            sets_remote_forget_kinds(w->remote);
            if (may_come(w, &until))
                continue;
        }
        return error_move(err, &e);
    }
    note_written(w, ref->gvr);
    return 0;
}

/* That a port is taken is the answer about the one that is there: nobody else is asked about others'. */
static bool is_in_its_own_way(const struct error *e)
{
    return error_is(e, ERR_EXISTS) || error_is(e, ERR_CONFLICT) ||
           (error_is(e, ERR_UNPROCESSABLE) && strstr(error_text(e), "port is already allocated"));
}

int work_try_create(struct work *w, const struct kube_ref *ref, const json *object,
                    struct error **err)
{
    static const struct kube_write_options tries = { .field_manager = FIELD_MANAGER,
                                                     .dry_run = true };
    cleanup_error struct error *e = NULL;
    if (create_once(w, ref, object, &tries, &e) == 0 || is_in_its_own_way(e))
        return 0;
    return error_move(err, &e);
}

int work_patch(struct work *w, const struct kube_ref *ref, enum kube_patch type, const json *patch,
               struct error **err)
{
    static const struct kube_write_options apply = { .field_manager = FIELD_MANAGER,
                                                     .force = true };
    struct kube_client *k;
    if (sets_remote_begin(w->remote, w->ctx, &w->guard, &k, err) < 0)
        return -1;
    const struct opctx limited = give_limited(w);
    int rc = type == KUBE_PATCH_APPLY
                 ? kube_apply(k, &limited, ref, patch, &apply, NULL, err)
                 : kube_patch(k, &limited, ref, type, patch, &writes, NULL, err);
    sets_remote_end(w->remote);
    if (rc == 0)
        note_written(w, ref->gvr);
    return rc;
}

int work_delete(struct work *w, const struct kube_ref *ref, const char *uid, const char *version,
                struct error **err)
{
    struct kube_delete_options opt = KUBE_DELETE_DEFAULTS;
    struct kube_client *k;
    opt.propagation = "Background";
    opt.uid = uid;
    opt.resource_version = version;
    if (sets_remote_begin(w->remote, w->ctx, &w->guard, &k, err) < 0)
        return -1;
    const struct opctx limited = give_limited(w);
    int rc = kube_delete(k, &limited, ref, &opt, err);
    sets_remote_end(w->remote);
    if (rc == 0 && work_defines_kinds(ref->gvr))
        sets_remote_forget_kinds(w->remote);
    return rc;
}

int work_has_labelled(struct work *w, const struct kube_ref *collection, const char *label,
                      const char *value, bool *ret, struct error **err)
{
    cleanup_free char *selector = xasprintf("%s=%s", label, value);
    cleanup_json json *list = NULL;
    struct kube_client *k;
    if (sets_remote_begin(w->remote, w->ctx, &w->guard, &k, err) < 0)
        return -1;
    struct kube_list_options opt = { .label_selector = selector, .metadata_only = true };
    int rc = kube_list(k, w->ctx, collection, &opt, &list, err);
    sets_remote_end(w->remote);
    if (rc == 0)
        *ret = json_len(json_get(list, "items")) > 0;
    return rc;
}
