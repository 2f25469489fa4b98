#include "hack/devcloud/controllers/owned.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

/* ---- selectors ---- */

static void add_expression(struct strv *parts, const json *e)
{
    static const struct {
        const char *op, *word;
    } words[] = { { "In", "in" }, { "NotIn", "notin" } };
    const char *key = json_path_str(e, "key"), *op = json_path_str(e, "operator");
    cleanup_strv struct strv values = STRV_INIT;
    const json *list = json_get(e, "values");
    for (size_t i = 0; i < json_len(list); i++)
        strv_add(&values, json_str(json_at(list, i)));
    cleanup_free char *joined = strv_give_joined(&values, ",");
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(op, words[i].op))
            strv_addf(parts, "%s %s (%s)", key, words[i].word, joined);
    if (str_eq(op, "Exists"))
        strv_add(parts, key);
    else if (str_eq(op, "DoesNotExist"))
        strv_addf(parts, "!%s", key);
}

char *owned_give_selector(const json *selector)
{
    cleanup_strv struct strv parts = STRV_INIT;
    const json *expressions = json_get(selector, "matchExpressions");
    for (struct json_iter it = json_each(json_get(selector, "matchLabels")); json_next(&it);)
        strv_addf(&parts, "%s=%s", it.key, json_str(it.value) ? json_str(it.value) : "");
    for (size_t i = 0; i < json_len(expressions); i++)
        add_expression(&parts, json_at(expressions, i));
    return parts.len ? strv_give_joined(&parts, ",") : NULL;
}

/* ---- owners ---- */

json *owned_give_references(const json *owner)
{
    return json_make("[{'apiVersion':%s,'kind':%s,'name':%s,'uid':%s,'controller':%b,"
                     "'blockOwnerDeletion':%b}]",
                     json_path_str(owner, "apiVersion"), json_path_str(owner, "kind"),
                     json_path_str(owner, "metadata.name"), json_path_str(owner, "metadata.uid"),
                     true, true);
}

const json *owned_controller(const json *object)
{
    const json *list = json_path(object, "metadata.ownerReferences");
    for (size_t i = 0; i < json_len(list); i++)
        if (json_path_bool(json_at(list, i), "controller", false))
            return json_at(list, i);
    return NULL;
}

bool owned_by(const json *object, const json *owner)
{
    const json *controller = owned_controller(object);
    return controller &&
           str_eq(json_path_str(controller, "uid"), json_path_str(owner, "metadata.uid"));
}

bool owned_is_deleting(const json *object)
{
    return json_path(object, "metadata.deletionTimestamp") != NULL;
}

/* ---- requests ---- */

static int adopt(struct control *c, const struct opctx *ctx, const struct gvr *gvr,
                 const json *object, const json *owner, struct error **err)
{
    const char *name = json_path_str(object, "metadata.name");
    json *references = owned_give_references(owner);
    const json *others = json_path(object, "metadata.ownerReferences");
    for (size_t i = 0; i < json_len(others); i++)
        json_append(references, json_give_copy(json_at(others, i)));
    cleanup_json json *patch =
        json_make("{'metadata':{'uid':%s,'resourceVersion':%s,'ownerReferences':%j}}",
                  json_path_str(object, "metadata.uid"),
                  json_path_str(object, "metadata.resourceVersion"), references);
    if (kube_patch(c->kube, ctx, KUBE_REF(gvr, json_path_str(object, "metadata.namespace"), name),
                   KUBE_PATCH_MERGE, patch, NULL, NULL, err) < 0)
        return error_wrap(err, "adopting %s %s", gvr->kind, name);
    return 0;
}

int owned_list(struct control *c, const struct opctx *ctx, const struct gvr *gvr, const json *owner,
               const char *selector, json **ret, struct error **err)
{
    struct kube_list_options opt = { .label_selector = selector };
    const char *nspace = json_path_str(owner, "metadata.namespace");
    cleanup_json json *list = NULL, *mine = json_new_array();
    if (kube_list(c->kube, ctx, KUBE_REF(gvr, nspace, NULL), &opt, &list, err) < 0)
        return -1;
    const json *items = json_get(list, "items");
    for (size_t i = 0; i < json_len(items); i++) {
        json *item = json_at(items, i);
        bool orphan =
            !owned_controller(item) && !owned_is_deleting(item) && !owned_is_deleting(owner);
        if (!orphan && !owned_by(item, owner))
            continue;
        if (orphan && adopt(c, ctx, gvr, item, owner, err) < 0)
            return -1;
        json_append(mine, json_ref(item));
    }
    *ret = take(mine);
    return 0;
}

int owned_find(struct control *c, const struct opctx *ctx, const struct gvr *gvr,
               const char *nspace, const char *name, json **ret, struct error **err)
{
    struct error *e = NULL;
    *ret = NULL;
    if (kube_get(c->kube, ctx, KUBE_REF(gvr, nspace, name), ret, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

int owned_write_status(struct control *c, const struct opctx *ctx, const struct gvr *gvr,
                       const json *object, json *status, struct error **err)
{
    cleanup_json json *wanted = status;
    cleanup_json json *merged = json_give_copy(json_get(object, "status"));
    merged = json_give_merged(merged, wanted);
    if (json_equal(merged, json_get(object, "status")))
        return 0;
    cleanup_json json *patch = json_make("{'metadata':{'uid':%s},'status':%j}",
                                         json_path_str(object, "metadata.uid"), json_ref(wanted));
    struct error *e = NULL;
    if (kube_patch(c->kube, ctx,
                   KUBE_STATUS(gvr, json_path_str(object, "metadata.namespace"),
                               json_path_str(object, "metadata.name")),
                   KUBE_PATCH_MERGE, patch, NULL, NULL, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e); /* it went meanwhile, and its status with it */
    return 0;
}

int owned_delete(struct control *c, const struct opctx *ctx, const struct gvr *gvr,
                 const json *object, struct error **err)
{
    struct kube_delete_options opt = KUBE_DELETE_DEFAULTS;
    struct error *e = NULL;
    opt.uid = json_path_str(object, "metadata.uid");
    if (kube_delete(c->kube, ctx,
                    KUBE_REF(gvr, json_path_str(object, "metadata.namespace"),
                             json_path_str(object, "metadata.name")),
                    &opt, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND) && !error_is(e, ERR_CONFLICT))
        return error_move(err, &e);
    error_free(e); /* gone, or another one of that name */
    return 0;
}

/* ---- names, conditions ---- */

void owned_hash(const json *value, char out[OWNED_HASH_MAX])
{
    static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
    unsigned char digest[SHA256_LEN];
    cleanup_free char *text = json_give_sorted(value);
    sha256(text, strlen(text), digest);
    for (size_t i = 0; i < OWNED_HASH_MAX - 1; i++)
        out[i] = letters[digest[i] % (sizeof(letters) - 1)];
    out[OWNED_HASH_MAX - 1] = '\0';
}

static json *find_condition(const json *conditions, const char *type)
{
    for (size_t i = 0; i < json_len(conditions); i++)
        if (str_eq(json_path_str(json_at(conditions, i), "type"), type))
            return json_at(conditions, i);
    return NULL;
}

const json *owned_condition(const json *object, const char *type)
{
    return find_condition(json_path(object, "status.conditions"), type);
}

void owned_set_condition(json *conditions, json *condition, const char *now)
{
    json *old = find_condition(conditions, json_path_str(condition, "type"));
    bool same = old && str_eq(json_path_str(old, "status"), json_path_str(condition, "status"));
    const json *since = same ? json_get(old, "lastTransitionTime") : NULL;
    json_put(condition, "lastTransitionTime", since ? json_give_copy(since) : json_new_str(now));
    if (!old) {
        json_append(conditions, condition);
        return;
    }
    for (struct json_iter it = json_each(condition); json_next(&it);)
        json_put(old, it.key, json_give_copy(it.value));
    json_free(condition);
}
