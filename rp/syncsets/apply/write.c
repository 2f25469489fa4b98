/* One resource or secret, written as the set's applyBehavior says. */
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "rp/syncsets/apply/work.h"

#define ANNOTATIONS_MAX \
    ((size_t)262144)     /* of all annotations of an object; the API server's limit */
#define GENERATED_LEN 40 /* of a label's value, which may have 63 */

struct write {
    struct work *w;
    const struct apply_plan *plan;
    const struct apply_state *state;
    const struct plan_item *item;
    struct kube_ref ref;
    json *object; /* as it is to be, without what the behavior adds; its own copy */
};

/* ---- what was applied last ---- */

static const json *annotations_of(const json *object)
{
    return json_get(json_get(object, "metadata"), "annotations");
}

/* NULL: nothing that can be read. Fields that were never ours to write are left out, so that they are not removed. */
static json *give_last_applied(const json *live)
{
    const char *text = json_path_str(annotations_of(live), "[\"" ANNOTATION_LAST_APPLIED "\"]");
    json *original = NULL;
    if (!text || json_parse_object(text, strlen(text), &original, NULL) < 0)
        return NULL;
    object_strip(original);
    return original;
}

static void add_last_applied(json *object)
{
    cleanup_secret_text char *text = json_give_sorted(object);
    cleanup_secret_text char *line = xasprintf("%s\n", text);
    json_put(json_get(json_get(object, "metadata"), "annotations"), ANNOTATION_LAST_APPLIED,
             json_new_str(line));
}

/* What the API server would refuse in words that help nobody. */
static int check_annotations(const json *object, const json *live, struct error **err)
{
    const json *wanted = annotations_of(object), *there = annotations_of(live);
    size_t bytes = 0;
    for (struct json_iter it = json_each(wanted); json_next(&it);)
        bytes += strlen(it.key) + json_str_len(it.value);
    for (struct json_iter it = json_each(there); json_next(&it);)
        if (!json_has(wanted, it.key))
            bytes += strlen(it.key) + json_str_len(it.value);
    if (bytes <= ANNOTATIONS_MAX)
        return 0;
    return error_set(err, ERR_TOO_LARGE,
                     "it is too large for applyBehavior Apply, which keeps what was applied in an "
                     "annotation: with it the annotations have %zu bytes of at most %zu; use "
                     "applyBehavior CreateOrUpdate or ServerSideApply",
                     bytes, ANNOTATIONS_MAX);
}

/* ---- present: patched ---- */

static int patch_live(struct write *o, const json *live, const json *modified, struct error **err)
{
    cleanup_json json *original = give_last_applied(live), *patch = NULL;
    enum kube_patch type;
    if (patch_give_three_way(o->w, o->ref.gvr, original, modified, live, &patch, &type, err) < 0)
        return -1;
    return patch ? work_patch(o->w, &o->ref, type, patch, err) : 0;
}

/* One try. *ret_live is what was there, owned; NULL: nothing. */
static int try_upsert(struct write *o, const json *modified, bool check_size, json **ret_live,
                      struct error **err)
{
    if (work_look(o->w, &o->ref, ret_live, err) < 0)
        return -1;
    if (check_size && check_annotations(modified, *ret_live, err) < 0)
        return -1;
    return *ret_live ? patch_live(o, *ret_live, modified, err)
                     : work_create(o->w, &o->ref, modified, err);
}

static bool is_conflict(const struct error *e)
{
    return error_is(e, ERR_CONFLICT) || error_is(e, ERR_EXISTS);
}

/* Until it does not end in a conflict: *ret_live is what the last try found, *ret_why how that failed. */
static void upsert(struct write *o, const json *modified, bool check_size, json **ret_live,
                   struct error **ret_why)
{
    for (int retry = 0;; retry++) {
        json_free(take(*ret_live));
        error_clear(ret_why);
        if (try_upsert(o, modified, check_size, ret_live, ret_why) == 0)
            return;
        if (!is_conflict(*ret_why) || retry == CONFLICT_RETRIES || work_must_end(o->w))
            return;
        if (retry > 0 && opctx_sleep_ms(o->w->ctx, CONFLICT_PAUSE_MS, NULL) < 0)
            return;
    }
}

/* ---- behaviors ---- */

static int apply(struct write *o, struct error **err)
{
    cleanup_json json *live = NULL;
    cleanup_error struct error *why = NULL;
    add_last_applied(o->object);
    upsert(o, o->object, true, &live, &why);
    if (!why)
        return 0;
    bool replaceable = live && (is_conflict(why) || error_is(why, ERR_UNPROCESSABLE));
    if (!replaceable || work_must_end(o->w))
        return error_move(err, &why);
    return replace_object(o->w, &o->ref, live, o->object, take(why), err);
}

static int create_or_update(struct write *o, struct error **err)
{
    cleanup_json json *live = NULL;
    cleanup_error struct error *why = NULL;
    upsert(o, o->object, false, &live, &why);
    return why ? error_move(err, &why) : 0;
}

/* The name is the server's to choose, so that a label tells whether this very content was created before. */
static int create_generated(struct write *o, struct error **err)
{
    if (str_eq(o->state->applied_hash, apply_plan_hash(o->plan)))
        return 0;
    cleanup_free char *what = xasprintf("%s/%zu", apply_plan_hash(o->plan), o->item->index);
    unsigned char digest[SHA256_LEN];
    sha256(what, strlen(what), digest);
    cleanup_free char *mark = hex_give(digest, GENERATED_LEN / 2);
    struct kube_ref collection = o->ref;
    bool exists;
    collection.name = NULL;
    if (work_has_labelled(o->w, &collection, LABEL_GENERATED, mark, &exists, err) < 0)
        return -1;
    if (exists)
        return 0;
    json_put(json_get(json_get(o->object, "metadata"), "labels"), LABEL_GENERATED,
             json_new_str(mark));
    return work_create(o->w, &o->ref, o->object, err);
}

static int create_only(struct write *o, struct error **err)
{
    cleanup_json json *live = NULL;
    cleanup_error struct error *e = NULL;
    if (!o->ref.name)
        return create_generated(o, err);
    if (work_look(o->w, &o->ref, &live, err) < 0)
        return -1;
    if (live || work_create(o->w, &o->ref, o->object, &e) == 0 || error_is(e, ERR_EXISTS))
        return 0;
    return error_move(err, &e);
}

static int server_side(struct write *o, struct error **err)
{
    return work_patch(o->w, &o->ref, KUBE_PATCH_APPLY, o->object, err);
}

static int (*const behaviors[BEHAVIORS])(struct write *o, struct error **err) = {
    [BEHAVIOR_APPLY] = apply,
    [BEHAVIOR_CREATE_OR_UPDATE] = create_or_update,
    [BEHAVIOR_CREATE_ONLY] = create_only,
    [BEHAVIOR_SERVER_SIDE] = server_side,
};

static int refer(struct write *o, struct error **err)
{
    const struct apply_object *id = &o->item->id;
    cleanup_free char *api_version = object_give_api_version(id);
    const struct gvr *gvr;
    if (work_find(o->w, api_version, id->kind, &gvr, err) < 0)
        return -1;
    if (gvr->namespaced && !*id->nspace)
        return error_set(err, ERR_INVALID, "a %s needs metadata.namespace", id->kind);
    if (!gvr->namespaced)
        json_del(json_get(o->object, "metadata"), "namespace");
    o->ref = (struct kube_ref){ .gvr = gvr,
                                .nspace = gvr->namespaced ? id->nspace : NULL,
                                .name = *id->name ? id->name : NULL };
    return 0;
}

int write_item(struct work *w, const struct apply_plan *plan, const struct apply_state *state,
               const struct plan_item *item, struct error **err)
{
    if (!item->object)
        return error_set(err, ERR_NOT_FOUND, "%s", item->absent);
    if (sets_remote_is_fake(w->remote))
        return 0;
    cleanup_json_wiped json *object = json_give_copy(item->object);
    struct write o = { .w = w, .plan = plan, .state = state, .item = item, .object = object };
    if (refer(&o, err) < 0)
        return -1;
    return behaviors[plan->behavior](&o, err);
}
