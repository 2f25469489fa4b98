/* Objects of the cluster: read, broken, put back. */
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/e2e/e2e.h"

int e2e_get(struct e2e *t, const struct gvr *gvr, const char *nspace, const char *name, json **ret,
            struct error **err)
{
    if (kube_get(t->kube, t->ctx, KUBE_REF(gvr, nspace, name), ret, err) < 0)
        return error_wrap(err, "reading %s %s", gvr->kind, name);
    return 0;
}

int e2e_patch(struct e2e *t, const struct gvr *gvr, const char *nspace, const char *name,
              json *patch, struct error **err)
{
    int rcode = kube_patch(t->kube, t->ctx, KUBE_REF(gvr, nspace, name), KUBE_PATCH_MERGE, patch,
                           NULL, NULL, err);
    json_free(patch);
    return rcode < 0 ? error_wrap(err, "changing %s %s", gvr->kind, name) : 0;
}

int e2e_delete(struct e2e *t, const struct gvr *gvr, const char *nspace, const char *name,
               struct error **err)
{
    struct kube_delete_options opt = KUBE_DELETE_DEFAULTS;
    opt.propagation = "Background";
    if (kube_delete(t->kube, t->ctx, KUBE_REF(gvr, nspace, name), &opt, err) < 0)
        return error_wrap(err, "deleting %s %s", gvr->kind, name);
    return 0;
}

int e2e_create(struct e2e *t, json *object, struct error **err)
{
    cleanup_json json *owned = object;
    struct kube_ref ref;
    if (kube_ref_of(owned, &ref, err) < 0)
        return -1;
    cleanup_free char *name = xstrdup(ref.name);
    ref.name = NULL;
    if (kube_create(t->kube, t->ctx, &ref, owned, NULL, NULL, err) < 0)
        return error_wrap(err, "creating %s %s", ref.gvr->kind, name);
    return 0;
}

/* ---- save and restore ---- */

static json *give_saved(const struct gvr *gvr, const char *nspace, const char *name)
{
    cleanup_free char *version = gvr_give_api_version(gvr);
    json *entry =
        json_make("{'apiVersion':%s,'kind':%s,'metadata':{'name':%s}}", version, gvr->kind, name);
    if (nspace)
        json_put(json_get(entry, "metadata"), "namespace", json_new_str(nspace));
    return entry;
}

int e2e_save(struct e2e *t, const struct gvr *gvr, const char *nspace, const char *name,
             struct error **err)
{
    json *live = NULL;
    struct error *e = NULL;
    if (kube_get(t->kube, t->ctx, KUBE_REF(gvr, nspace, name), &live, &e) < 0) {
        if (!error_is(e, ERR_NOT_FOUND))
            return error_move(err, &e);
        error_free(e);
    }
    json *entry = json_make("{'live':%j,'ref':%j}", live, give_saved(gvr, nspace, name));
    json_append(t->saved, entry);
    return 0;
}

/* A saved object in place of what is there: everything but what the API server keeps. */
static int put_back(struct e2e *t, const struct kube_ref *ref, const json *saved,
                    struct error **err)
{
    static const char *const of_the_server[] = { "uid",           "resourceVersion",
                                                 "generation",    "creationTimestamp",
                                                 "managedFields", "deletionTimestamp",
                                                 "selfLink",      "ownerReferences" };
    struct error *e = NULL;
    cleanup_json json *live = NULL;
    cleanup_json json *want = json_give_copy(saved);
    json *meta = json_get(want, "metadata");
    if (kube_get(t->kube, t->ctx, ref, &live, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_clear(&e);
    for (size_t i = 0; i < ARRAY_LEN(of_the_server); i++) {
        json_del(meta, of_the_server[i]);
        json *value = json_get(json_get(live, "metadata"), of_the_server[i]);
        if (value)
            json_put(meta, of_the_server[i], json_give_copy(value));
    }
    struct kube_ref all = *ref;
    all.name = NULL;
    return live ? kube_update(t->kube, t->ctx, ref, want, NULL, NULL, err)
                : kube_create(t->kube, t->ctx, &all, want, NULL, NULL, err);
}

struct restore {
    struct e2e *t;
    const json *entry;
};

static int try_restore(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)ctx;
    (void)attempt;
    const struct restore *r = arg;
    struct kube_ref ref;
    if (kube_ref_of(json_get(r->entry, "ref"), &ref, err) < 0)
        return -1;
    const json *live = json_get(r->entry, "live");
    if (!live)
        return kube_delete_if_present(r->t->kube, r->t->ctx, &ref, err);
    return put_back(r->t, &ref, live, err);
}

/* What differs from the saved state, resource by resource; what is new is removed. */
static int restore_azure(struct e2e *t, struct error **err)
{
    cleanup_json json *now = NULL;
    if (faults_azure_state(t->faults, t->ctx, &now, err) < 0)
        return -1;
    cleanup_json json *patch = json_give_merge_patch(now, t->saved_azure);
    if (patch && faults_azure_patch(t->faults, t->ctx, patch, err) < 0)
        return -1;
    cleanup_json json *none = json_new_array();
    return faults_azure_set(t->faults, t->ctx, none, err);
}

int e2e_restore(struct e2e *t, struct error **err)
{
    struct error *all = NULL;
    for (size_t i = json_len(t->saved); i > 0; i--) { /* the last first */
        struct restore r = { t, json_at(t->saved, i - 1) };
        struct error *e = NULL;
        if (kube_retry_on_conflict(t->ctx, try_restore, &r, &e) < 0)
            error_join(&all, &e);
    }
    struct error *e = NULL;
    if (t->saved_azure && restore_azure(t, &e) < 0)
        error_join(&all, &e);
    json_free(t->saved);
    json_free(take(t->saved_azure));
    t->saved = json_new_array();
    return all ? error_move(err, &all) : 0;
}

int e2e_save_azure(struct e2e *t, struct error **err)
{
    return t->saved_azure ? 0 : faults_azure_state(t->faults, t->ctx, &t->saved_azure, err);
}

/* ---- the Cluster resource ---- */

static bool is_saved(const struct e2e *t, const struct gvr *gvr)
{
    for (size_t i = 0; i < json_len(t->saved); i++)
        if (str_eq(json_path_str(json_at(t->saved, i), "ref.kind"), gvr->kind))
            return true;
    return false;
}

int e2e_change_spec(struct e2e *t, json *spec, struct error **err)
{
    json *patch = json_make("{'spec':%j}", spec);
    if (!is_saved(t, &GVR_CLUSTERS) && e2e_save(t, &GVR_CLUSTERS, NULL, CLUSTER, err) < 0) {
        json_free(patch);
        return -1;
    }
    return e2e_patch(t, &GVR_CLUSTERS, NULL, CLUSTER, patch, err);
}

int e2e_set_flag(struct e2e *t, const char *flag, const char *value, struct error **err)
{
    json *flags = json_new_object();
    json_put(flags, flag, json_new_str(value));
    return e2e_change_spec(t, json_make("{'operatorflags':%j}", flags), err);
}

/* ---- Events ---- */

int check_event(struct e2e *t, const void *event, struct error **err)
{
    const struct e2e_event *want = event;
    const struct kube_list_options opt = { .field_selector =
                                               "involvedObject.kind=Cluster,involvedObject.name="
                                               "cluster" };
    cleanup_json json *list = NULL;
    if (kube_list(t->kube, t->ctx, KUBE_REF(&GVR_EVENTS, "default", NULL), &opt, &list, err) < 0)
        return error_wrap(err, "listing Events");
    json *items = json_get(list, "items");
    for (size_t i = 0; i < json_len(items); i++) {
        json *e = json_at(items, i);
        const char *last = json_path_str(e, "lastTimestamp");
        int64_t last_ns;
        if (last && time_parse_rfc3339(last, &last_ns) && last_ns / NS_PER_S >= want->since_s &&
            str_eq(json_path_str(e, "type"), want->type) &&
            str_eq(json_path_str(e, "reason"), want->reason))
            return 0;
    }
    return error_set(err, ERR_NOT_FOUND, "there is no new %s Event with reason %s", want->type,
                     want->reason);
}
