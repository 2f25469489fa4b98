/* From a set to what is sent: rendering, marking, and the hash that tells whether anything of it is new. */
#include "rp/syncsets/apply/plan.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "rp/syncsets/types/shipped.h"
#include "rp/syncsets/types/template.h"

struct maker {
    const json *set, *spec, *cluster;
    apply_secret_fn secret;
    void *secret_arg;
    struct apply_plan *plan;
    char *by;     /* who brings the objects */
    json *hashed; /* what the hash is made of */
    size_t room;  /* of all that is rendered: bytes that are left */
};

static void maker_release(struct maker *m)
{
    free(m->by);
    json_free_wiped(m->hashed);
}
#define cleanup_maker CLEANUP_WITH(maker_release)

static int fail(struct error **err, struct error **why, const char *doing, const char *what,
                size_t index)
{
    return error_set(err, ERR_INVALID, "failed to %s %s %zu: %s", doing, what, index,
                     error_text(*why));
}

/* ---- items ---- */

static struct plan_item *add_item(struct apply_plan *p, size_t index, bool is_secret)
{
    p->items = xreallocarray(p->items, p->items_len + 1, sizeof(*p->items));
    struct plan_item *item = &p->items[p->items_len++];
    *item = (struct plan_item){ .index = index, .is_secret = is_secret };
    return item;
}

static const char *text_or(const json *j, const char *path, const char *dflt)
{
    const char *text = json_path_str(j, path);
    return text ? text : dflt;
}

static void identify(struct plan_item *item, const char *api_version, const char *kind,
                     const char *nspace, const char *name)
{
    char *group, *version;
    object_split_version(api_version, &group, &version);
    item->id = (struct apply_object){ .group = group,
                                      .version = version,
                                      .kind = xstrdup(kind),
                                      .nspace = xstrdup(nspace),
                                      .name = xstrdup(name) };
}

/* Of what a template rendered to, and of sets that were stored before there was such a rule. */
static int check_shipped(const json *object, struct error **err)
{
    cleanup_causes struct api_causes causes;
    api_causes_init(&causes);
    shipped_check_resource(object, "", false, &causes);
    return api_causes_check(&causes, "it", err);
}

static int check_object(const struct maker *m, const json *object, struct error **err)
{
    const char *api_version = json_path_str(object, "apiVersion");
    const char *kind = json_path_str(object, "kind");
    if (!api_version || !*api_version || !kind || !*kind)
        return error_set(err, ERR_INVALID, "it has no apiVersion or no kind");
    if (check_shipped(object, err) < 0)
        return -1;
    if (*text_or(object, "metadata.name", ""))
        return 0;
    if (!*text_or(object, "metadata.generateName", ""))
        return error_set(err, ERR_INVALID, "metadata.name is missing or empty");
    if (m->plan->behavior == BEHAVIOR_CREATE_ONLY)
        return 0;
    return error_set(err, ERR_INVALID,
                     "metadata.generateName goes with applyBehavior CreateOnly alone");
}

static int add_resource(struct maker *m, size_t index, const json *resource, struct error **err)
{
    cleanup_json json *object = NULL;
    cleanup_error struct error *why = NULL;
    if (!json_is_object(resource)) {
        (void)error_set(&why, ERR_INVALID, "it is no object");
        return fail(err, &why, "decode", "resource", index);
    }
    if (!json_path_bool(m->spec, "enableResourceTemplates", false))
        object = json_give_copy(resource);
    else if (template_render_tree(resource, m->cluster, &m->room, &object, &why) < 0)
        return fail(err, &why, "parameterize", "resource", index);
    if (check_object(m, object, &why) < 0)
        return fail(err, &why, "decode", "resource", index);
    object_strip(object);
    object_mark(object, m->by);
    const char *api_version = json_path_str(object, "apiVersion");
    const char *kind = json_path_str(object, "kind");
    if (strcmp(api_version, "v1") == 0 && strcmp(kind, "Secret") == 0)
        object_join_string_data(object);
    struct plan_item *item = add_item(m->plan, index, false);
    identify(item, api_version, kind, text_or(object, "metadata.namespace", ""),
             text_or(object, "metadata.name", ""));
    item->object = take(object);
    return 0;
}

static int add_resources(struct maker *m, struct error **err)
{
    const json *list = json_get(m->spec, "resources");
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++)
        if (add_resource(m, i, json_at(list, i), err) < 0)
            return -1;
    return 0;
}

/* ---- secrets ---- */

static json *give_copied_secret(const json *source, const char *nspace, const char *name,
                                const char *by)
{
    json *copy = json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':%s},'type':%s}",
                           name, text_or(source, "spec.type", "Opaque"));
    json *metadata = json_get(copy, "metadata");
    if (*nspace)
        json_put(metadata, "namespace", json_new_str(nspace));
    static const char *const kept[] = { "labels", "annotations" };
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        const json *map = json_get(json_get(source, "metadata"), kept[i]);
        if (json_is_object(map))
            json_put(metadata, kept[i], json_give_copy(map));
    }
    const json *data = json_path(source, "spec.data");
    json_put(copy, "data", json_is_object(data) ? json_give_copy(data) : json_new_object());
    object_mark(copy, by);
    return copy;
}

static int add_secret(struct maker *m, size_t index, const json *mapping, json *versions,
                      struct error **err)
{
    const char *own = text_or(m->set, "metadata.namespace", "");
    const char *nspace = text_or(mapping, "sourceRef.namespace", "");
    const char *name = text_or(mapping, "sourceRef.name", "");
    const char *to_nspace = text_or(mapping, "targetRef.namespace", "");
    const char *to_name = text_or(mapping, "targetRef.name", "");
    cleanup_json_wiped json *source = NULL;
    if (!*nspace)
        nspace = own;
    if (m->secret(m->secret_arg, nspace, name, &source, err) < 0)
        return error_wrap(err, "reading secret %s/%s", nspace, name);
    struct plan_item *item = add_item(m->plan, index, true);
    identify(item, "v1", "Secret", to_nspace, to_name);
    if (source)
        item->object = give_copied_secret(source, to_nspace, to_name, m->by);
    else
        item->absent = xasprintf("there is no secret %s in namespace %s", name, nspace);
    json_append(versions, json_make("{'from':[%s,%s],'to':[%s,%s],'uid':%s,'version':%s}", nspace,
                                    name, to_nspace, to_name, json_path_str(source, "metadata.uid"),
                                    json_path_str(source, "metadata.resourceVersion")));
    return 0;
}

static int add_secrets(struct maker *m, struct error **err)
{
    const json *list = json_get(m->spec, "secretMappings");
    cleanup_json json *versions = json_new_array();
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++)
        if (add_secret(m, i, json_at(list, i), versions, err) < 0)
            return -1;
    json_put(m->hashed, "secrets", take(versions));
    return 0;
}

/* ---- patches ---- */

static const struct {
    const char *name;
    enum kube_patch type;
    bool is_list;
} patch_types[] = {
    { "", KUBE_PATCH_STRATEGIC, false },
    { "strategic", KUBE_PATCH_STRATEGIC, false },
    { "merge", KUBE_PATCH_MERGE, false },
    { "json", KUBE_PATCH_JSON, true },
};

static int check_operations(const json *patch, struct error **err)
{
    cleanup_causes struct api_causes causes;
    api_causes_init(&causes);
    shipped_check_operations(patch, "patch", &causes);
    return api_causes_check(&causes, "it", err);
}

static int read_patch(struct plan_patch *p, const char *type, const char *text, struct error **err)
{
    size_t i = 0;
    while (i < ARRAY_LEN(patch_types) && strcmp(patch_types[i].name, type) != 0)
        i++;
    if (i == ARRAY_LEN(patch_types))
        return error_set(err, ERR_INVALID, "there is no patch type '%s'", type);
    p->type = patch_types[i].type;
    if (json_parse(text, strlen(text), &p->patch, err) < 0)
        return -1;
    if (patch_types[i].is_list ? json_is_array(p->patch) : json_is_object(p->patch))
        return patch_types[i].is_list ? check_operations(p->patch, err) : 0;
    return error_set(err, ERR_INVALID, "a patch of this type is %s",
                     patch_types[i].is_list ? "a list of operations" : "an object");
}

static int add_patch(struct maker *m, size_t index, const json *patch, struct error **err)
{
    struct apply_plan *plan = m->plan;
    cleanup_free char *text = NULL;
    cleanup_error struct error *why = NULL;
    const char *written = text_or(patch, "patch", "");
    if (!json_path_bool(m->spec, "enablePatchTemplates", false))
        text = xstrdup(written);
    else if (template_render(written, m->cluster, &m->room, &text, &why) < 0)
        return fail(err, &why, "parameterize", "patch", index);
    plan->patches = xreallocarray(plan->patches, plan->patches_len + 1, sizeof(*plan->patches));
    struct plan_patch *p = &plan->patches[plan->patches_len++];
    *p = (struct plan_patch){ .index = index,
                              .api_version = xstrdup(text_or(patch, "apiVersion", "")),
                              .kind = xstrdup(text_or(patch, "kind", "")),
                              .nspace = xstrdup(text_or(patch, "namespace", "")),
                              .name = xstrdup(text_or(patch, "name", "")) };
    if (read_patch(p, text_or(patch, "patchType", ""), text, &why) < 0)
        return fail(err, &why, "decode", "patch", index);
    return 0;
}

static int add_patches(struct maker *m, struct error **err)
{
    const json *list = json_get(m->spec, "patches");
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++)
        if (add_patch(m, i, json_at(list, i), err) < 0)
            return -1;
    return 0;
}

/* ---- the whole ---- */

static const char *const behavior_names[BEHAVIORS] = { "Apply", "CreateOrUpdate", "CreateOnly",
                                                       "ServerSideApply" };
static const char *const metric_names[BEHAVIORS] = { "apply", "createOrUpdate", "createOnly",
                                                     "serverSideApply" };

static int read_modes(struct maker *m, struct error **err)
{
    struct apply_plan *p = m->plan;
    const char *behavior = text_or(m->spec, "applyBehavior", "");
    size_t i = 0;
    while (*behavior && i < BEHAVIORS && strcmp(behavior_names[i], behavior) != 0)
        i++;
    if (i == BEHAVIORS)
        return error_set(err, ERR_INVALID, "there is no applyBehavior '%s'", behavior);
    p->behavior = (enum apply_behavior)i;
    p->sync = str_eq(json_path_str(m->spec, "resourceApplyMode"), "Sync");
    p->block_protected = !str_eq(json_path_str(m->spec, "protectedDeletes"), "Allow");
    p->continue_on_error = json_path_bool(m->spec, "continueOnError", false);
    return 0;
}

static void hash(struct maker *m)
{
    struct apply_plan *p = m->plan;
    json *resources = json_new_array(), *patches = json_new_array();
    for (size_t i = 0; i < p->items_len; i++)
        if (!p->items[i].is_secret)
            json_append(resources, json_give_copy(p->items[i].object));
    for (size_t i = 0; i < p->patches_len; i++) {
        const struct plan_patch *one = &p->patches[i];
        json_append(patches,
                    json_make("[%s,%s,%s,%s,%d,%j]", one->api_version, one->kind, one->nspace,
                              one->name, (int)one->type, json_give_copy(one->patch)));
    }
    json_put(m->hashed, "modes",
             json_make("[%d,%b,%b,%b]", (int)p->behavior, p->sync, p->block_protected,
                       p->continue_on_error));
    json_put(m->hashed, "resources", resources);
    json_put(m->hashed, "patches", patches);
    cleanup_secret_text char *text = json_give_sorted(m->hashed);
    unsigned char digest[SHA256_LEN];
    sha256(text, strlen(text), digest);
    cleanup_free char *hex = hex_give(digest, sizeof(digest));
    memcpy(p->hash, hex, sizeof(p->hash));
}

int apply_plan_make(const json *set, const json *cluster, apply_secret_fn fn, void *arg,
                    struct apply_plan **ret, struct error **err)
{
    cleanup_apply_plan struct apply_plan *plan = xnew(struct apply_plan);
    cleanup_maker struct maker m = { .set = set,
                                     .spec = json_get(set, "spec"),
                                     .cluster = cluster,
                                     .secret = fn,
                                     .secret_arg = arg,
                                     .plan = plan,
                                     .room = TEMPLATE_MAX_BYTES,
                                     .by = apply_give_mark(text_or(set, "kind", ""),
                                                           text_or(set, "metadata.namespace", ""),
                                                           text_or(set, "metadata.name", "")),
                                     .hashed = json_new_object() };
    if (read_modes(&m, err) < 0 || add_resources(&m, err) < 0 || add_patches(&m, err) < 0 ||
        add_secrets(&m, err) < 0)
        return -1;
    hash(&m);
    *ret = take(plan);
    return 0;
}

void apply_plan_free(struct apply_plan *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->items_len; i++) {
        json_free_wiped(p->items[i].object);
        free(p->items[i].absent);
        apply_object_release(&p->items[i].id);
    }
    for (size_t i = 0; i < p->patches_len; i++) {
        struct plan_patch *one = &p->patches[i];
        json_free(one->patch);
        free(one->api_version);
        free(one->kind);
        free(one->nspace);
        free(one->name);
    }
    free(p->items);
    free(p->patches);
    free(p);
}

const char *apply_plan_hash(const struct apply_plan *p)
{
    return p->hash;
}

bool apply_plan_is_sync(const struct apply_plan *p)
{
    return p->sync;
}

const char *apply_plan_behavior(const struct apply_plan *p)
{
    return metric_names[p->behavior];
}

bool apply_plan_wants(const struct apply_plan *p, const struct apply_object *o, bool global)
{
    for (size_t i = 0; i < p->items_len; i++)
        if (apply_same_object(&p->items[i].id, o, global))
            return true;
    return false;
}

void apply_plan_each(const struct apply_plan *p,
                     bool (*fn)(void *arg, const struct apply_object *o), void *arg)
{
    for (size_t i = 0; i < p->items_len; i++)
        if (*p->items[i].id.name && !fn(arg, &p->items[i].id))
            return;
}
