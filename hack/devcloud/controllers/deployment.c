/* Deployments: a ReplicaSet for each version of the template. Source: k8s.io/kubernetes pkg/controller/deployment. */
#include <stdlib.h>
#include <string.h>

#include "hack/devcloud/controllers/behaviours.h"
#include "hack/devcloud/controllers/deployment_status.h"
#include "hack/devcloud/controllers/owned.h"
#include "hack/devcloud/controllers/rollout.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define HASH_LABEL "pod-template-hash"
#define REVISION "deployment.kubernetes.io/revision"
#define REVISION_PATH "metadata.annotations[\"" REVISION "\"]"
#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

struct deployment {
    struct control *c;
    const struct opctx *ctx;
    const json *d;
    json *sets;     /* its ReplicaSets, the oldest revision first */
    size_t current; /* in sets, of the template as it is now; SIZE_MAX: none */
};

static long long revision_of(const json *object)
{
    const char *text = json_path_str(object, REVISION_PATH);
    long long n = 0;
    (void)str_to_int(text ? text : "", 0, INT32_MAX, &n);
    return n;
}

/* ---- which set is the current one ---- */

static bool has_template(const json *set, const json *d)
{
    cleanup_json json *template_ = json_give_copy(json_path(set, "spec.template"));
    (void)json_path_del(template_, "metadata.labels[\"" HASH_LABEL "\"]");
    return json_equal(template_, json_path(d, "spec.template"));
}

static int by_revision(const void *a, const void *b)
{
    long long x = revision_of(*(json *const *)a), y = revision_of(*(json *const *)b);
    return x < y ? -1 : x > y;
}

static void sort_sets(struct deployment *t, json *unsorted)
{
    size_t len = json_len(unsorted);
    cleanup_free json **order = xcalloc(len + 1, sizeof(*order));
    for (size_t i = 0; i < len; i++)
        order[i] = json_at(unsorted, i);
    qsort(order, len, sizeof(*order), by_revision);
    t->sets = json_new_array();
    t->current = SIZE_MAX;
    for (size_t i = 0; i < len; i++) {
        json_append(t->sets, json_ref(order[i]));
        if (t->current == SIZE_MAX && has_template(order[i], t->d))
            t->current = i;
    }
}

static int read_sets(struct deployment *t, struct error **err)
{
    cleanup_free char *selector = owned_give_selector(json_path(t->d, "spec.selector"));
    cleanup_json json *list = NULL;
    if (!selector)
        return error_set(err, ERR_INVALID, "the selector selects everything");
    if (owned_list(t->c, t->ctx, &GVR_REPLICASETS, t->d, selector, &list, err) < 0)
        return error_wrap(err, "listing its ReplicaSets");
    sort_sets(t, list);
    return 0;
}

static json *current_of(const struct deployment *t)
{
    return t->current == SIZE_MAX ? NULL : json_at(t->sets, t->current);
}

/* ---- the set of a new template ---- */

static json *give_annotations(const json *d, long long revision)
{
    json *copy = json_new_object();
    cleanup_free char *text = xasprintf("%lld", revision);
    for (struct json_iter it = json_each(json_path(d, "metadata.annotations")); json_next(&it);)
        if (!str_eq(it.key, LAST_APPLIED) && !str_eq(it.key, REVISION))
            json_put(copy, it.key, json_give_copy(it.value));
    json_put(copy, REVISION, json_new_str(text));
    return copy;
}

static json *give_set(const json *d, long long revision)
{
    char hash[OWNED_HASH_MAX];
    owned_hash(json_path(d, "spec.template"), hash);
    cleanup_free char *name = xasprintf("%s-%s", json_path_str(d, "metadata.name"), hash);
    json *template_ = json_give_copy(json_path(d, "spec.template"));
    json *selector = json_give_copy(json_path(d, "spec.selector"));
    (void)json_set_str(template_, "metadata.labels[\"" HASH_LABEL "\"]", hash, NULL);
    (void)json_set_str(selector, "matchLabels[\"" HASH_LABEL "\"]", hash, NULL);
    json *labels = json_give_copy(json_path(template_, "metadata.labels"));
    return json_make(
        "{'apiVersion':'apps/v1','kind':'ReplicaSet','metadata':{'name':%s,'namespace':%s,"
        "'labels':%j,'annotations':%j,'ownerReferences':%j},'spec':{'replicas':%d,"
        "'minReadySeconds':%ld,'selector':%j,'template':%j}}",
        name, json_path_str(d, "metadata.namespace"), labels, give_annotations(d, revision),
        owned_give_references(d), 0, json_path_int(d, "spec.minReadySeconds", 0), selector,
        template_);
}

static long long next_revision(const struct deployment *t)
{
    size_t len = json_len(t->sets);
    return len ? revision_of(json_at(t->sets, len - 1)) + 1 : 1;
}

static int create_set(struct deployment *t, struct error **err)
{
    const char *nspace = json_path_str(t->d, "metadata.namespace");
    cleanup_json json *set = give_set(t->d, next_revision(t)), *made = NULL;
    if (kube_create(t->c->kube, t->ctx, KUBE_REF(&GVR_REPLICASETS, nspace, NULL), set, NULL, &made,
                    err) < 0)
        return error_wrap(err, "creating ReplicaSet %s", json_path_str(set, "metadata.name"));
    t->current = json_len(t->sets);
    json_append(t->sets, take(made));
    return 0;
}

/* A template of old that is wanted again gets the newest revision (a roll back). */
static int renew_revision(struct deployment *t, struct error **err)
{
    json *set = current_of(t), *made = NULL;
    if (t->current + 1 == json_len(t->sets))
        return 0;
    cleanup_json json *patch =
        json_make("{'metadata':{'annotations':%j}}", give_annotations(t->d, next_revision(t)));
    if (kube_patch(t->c->kube, t->ctx,
                   KUBE_REF(&GVR_REPLICASETS, json_path_str(set, "metadata.namespace"),
                            json_path_str(set, "metadata.name")),
                   KUBE_PATCH_MERGE, patch, NULL, &made, err) < 0)
        return error_wrap(err, "renewing a ReplicaSet");
    json_remove_at(t->sets, t->current);
    t->current = json_len(t->sets);
    json_append(t->sets, made);
    return 0;
}

/* Users read the revision from the Deployment. */
static int tell_revision(struct deployment *t, struct error **err)
{
    const char *want = json_path_str(current_of(t), REVISION_PATH);
    if (!want || str_eq(want, json_path_str(t->d, REVISION_PATH)))
        return 0;
    cleanup_json json *patch = json_make("{'metadata':{'annotations':{%s:%s}}}", REVISION, want);
    return kube_patch(t->c->kube, t->ctx,
                      KUBE_REF(&GVR_DEPLOYMENTS, json_path_str(t->d, "metadata.namespace"),
                               json_path_str(t->d, "metadata.name")),
                      KUBE_PATCH_MERGE, patch, NULL, NULL, err);
}

/* ---- scaling ---- */

static int scale_set(struct deployment *t, size_t i, int64_t replicas, struct error **err)
{
    json *set = json_at(t->sets, i), *after = NULL;
    const char *name = json_path_str(set, "metadata.name");
    if (json_path_int(set, "spec.replicas", 0) == replicas)
        return 0;
    cleanup_json json *patch = json_make("{'metadata':{'uid':%s},'spec':{'replicas':%ld}}",
                                         json_path_str(set, "metadata.uid"), replicas);
    if (kube_patch(t->c->kube, t->ctx,
                   KUBE_REF(&GVR_REPLICASETS, json_path_str(set, "metadata.namespace"), name),
                   KUBE_PATCH_MERGE, patch, NULL, &after, err) < 0)
        return error_wrap(err, "scaling ReplicaSet %s", name);
    json_replace_at(t->sets, i, after);
    return 0;
}

/* The position in sets of what stands at i in the order of rollout_step: the current one, then the old ones. */
static size_t position(const struct deployment *t, size_t i)
{
    return i == 0 ? t->current : i - (i <= t->current);
}

static int scale(struct deployment *t, struct error **err)
{
    struct rollout r = rollout_of(t->d);
    size_t len = json_len(t->sets);
    cleanup_free struct rollout_set *next = xcalloc(len, sizeof(*next));
    for (size_t i = 0; i < len; i++) {
        const json *set = json_at(t->sets, position(t, i));
        next[i] = (struct rollout_set){ json_path_int(set, "spec.replicas", 0),
                                        json_path_int(set, "status.replicas", 0),
                                        json_path_int(set, "status.availableReplicas", 0) };
    }
    rollout_step(&r, next, len);
    for (size_t i = 0; i < len; i++)
        if (scale_set(t, position(t, i), next[i].replicas, err) < 0)
            return -1;
    return 0;
}

/* Old sets without pods are kept for roll backs, but not for ever. */
static int forget_old(struct deployment *t, struct error **err)
{
    int64_t kept = json_path_int(t->d, "spec.revisionHistoryLimit", 10);
    int64_t excess = (int64_t)json_len(t->sets) - 1 - kept;
    for (size_t i = 0; excess > 0 && i < json_len(t->sets); i++) {
        const json *set = json_at(t->sets, i);
        if (i == t->current || json_path_int(set, "spec.replicas", 0) ||
            json_path_int(set, "status.replicas", 0))
            continue;
        if (owned_delete(t->c, t->ctx, &GVR_REPLICASETS, set, err) < 0)
            return -1;
        excess--;
    }
    return 0;
}

static int roll_out(struct deployment *t, struct error **err)
{
    if (json_path_bool(t->d, "spec.paused", false))
        return t->current == SIZE_MAX ? 0 : scale(t, err);
    if (t->current == SIZE_MAX ? create_set(t, err) < 0 : renew_revision(t, err) < 0)
        return -1;
    if (tell_revision(t, err) < 0 || scale(t, err) < 0)
        return -1;
    return forget_old(t, err);
}

static int reconcile(struct control *c, struct source *source, const struct opctx *ctx,
                     const char *key, struct result *ret, struct error **err)
{
    cleanup_free char *nspace = NULL;
    cleanup_free char *name = NULL;
    cleanup_json json *d = NULL;
    (void)source;
    behaviour_split_key(key, &nspace, &name);
    if (owned_find(c, ctx, &GVR_DEPLOYMENTS, nspace, name, &d, err) < 0)
        return -1;
    if (!d || owned_is_deleting(d))
        return 0;
    struct deployment t = { .c = c, .ctx = ctx, .d = d };
    int rcode = read_sets(&t, err);
    if (rcode == 0)
        rcode = roll_out(&t, err);
    if (rcode == 0) {
        json *status = deployment_give_status(
            d, t.sets, json_path_str(current_of(&t), "metadata.uid"), clock_wall_ns(c->clock), ret);
        rcode = owned_write_status(c, ctx, &GVR_DEPLOYMENTS, d, status, err);
    }
    json_free(t.sets);
    return rcode;
}

static const struct behaviour_watch watches[] = {
    { .gvr = &GVR_DEPLOYMENTS, .map = WATCH_SELF },
    { .gvr = &GVR_REPLICASETS,
      .map = WATCH_OWNER,
      .owner_group = "apps",
      .owner_kind = "Deployment" },
};

const struct behaviour deployment_behaviour = {
    .name = "deployment",
    .doc = "Replaces the pods of each Deployment, as fast as its strategy allows, by those of its "
           "template.",
    BEHAVIOUR_WATCHES(watches),
    .reconcile = reconcile,
};
