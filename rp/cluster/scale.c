#include "rp/cluster/scale.h"

#include <string.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/cluster/kube.h"

#define MACHINE_NAMESPACE "openshift-machine-api"
#define WORKERS PROPERTIES "workerProfiles[0].count"
#define RECORD OPENSHIFTCLUSTERS_SCALED_WORKERS
#define UNDERWAY OPENSHIFTCLUSTERS_SCALING_TO
#define REPLICAS_DEFAULT 1 /* the API's, of an absent field */
#define SETS_MAX 256

struct set {
    const char *name; /* borrowed from the list */
    int64_t before, wanted;
};

struct sets {
    json *list;
    struct set *v;
    size_t len;
};

static void sets_release(struct sets *s)
{
    json_free(s->list);
    free(s->v);
}
#define cleanup_sets CLEANUP_WITH(sets_release)

static int read_sets(const struct cluster *c, const struct opctx *ctx, struct sets *s,
                     struct error **err)
{
    if (kube_list(c->kube, ctx, KUBE_REF(&GVR_MACHINESETS, MACHINE_NAMESPACE, NULL), NULL, &s->list,
                  err) < 0)
        return error_wrap(err, "counting the workers");
    json *items = json_get(s->list, "items");
    if (json_len(items) > SETS_MAX)
        return error_set(err, ERR_TOO_LARGE, "the cluster has %zu MachineSets", json_len(items));
    s->len = json_len(items);
    s->v = xcalloc(s->len + 1, sizeof(*s->v));
    for (size_t i = 0; i < s->len; i++) {
        const json *item = json_at(items, i);
        int64_t replicas = json_path_int(item, "spec.replicas", REPLICAS_DEFAULT);
        s->v[i] = (struct set){ json_path_str(item, "metadata.name"), replicas, replicas };
    }
    return 0;
}

static int64_t sum(const struct sets *s)
{
    int64_t total = 0;
    for (size_t i = 0; i < s->len; i++)
        total += s->v[i].wanted;
    return total;
}

/* sign 1: the largest set; -1: the smallest. Of equals the first by name, whatever the list's order is. */
static struct set *extreme(const struct sets *s, int sign)
{
    struct set *best = &s->v[0];
    for (size_t i = 1; i < s->len; i++) {
        int64_t by = sign * (s->v[i].wanted - best->wanted);
        if (by > 0 || (by == 0 && strcmp(s->v[i].name, best->name) < 0))
            best = &s->v[i];
    }
    return best;
}

static void distribute(struct sets *s, int64_t want)
{
    int64_t have = sum(s);
    for (; have < want; have++)
        extreme(s, -1)->wanted++;
    for (; have > want; have--)
        extreme(s, 1)->wanted--;
}

static int set_replicas(json *object, void *arg, struct error **err)
{
    const struct set *set = arg;
    return json_path_put(object, "spec.replicas", json_new_int(set->wanted), err);
}

static int put_record(json *doc, void *arg, struct error **err)
{
    const int64_t *count = arg;
    (void)err;
    json_put(doc, RECORD, json_new_int(*count));
    (void)json_del(doc, UNDERWAY);
    return 0;
}

static int put_underway(json *doc, void *arg, struct error **err)
{
    const int64_t *count = arg;
    (void)err;
    json_put(doc, UNDERWAY, json_new_int(*count));
    return 0;
}

int cluster_record_workers(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    int64_t count = json_path_int(c->doc, WORKERS, 0);
    if (count <= 0 || (json_path_int(c->doc, RECORD, 0) == count && !json_get(c->doc, UNDERWAY)))
        return 0;
    return cluster_patch(c, ctx, put_record, &count, err);
}

static int write_sets(const struct cluster *c, const struct opctx *ctx, struct sets *s,
                      struct error **err)
{
    for (size_t i = 0; i < s->len; i++) {
        struct set *set = &s->v[i];
        if (set->wanted == set->before)
            continue;
        log_info(ctx->log, "MachineSet %s: from %lld to %lld machines", set->name,
                 (long long)set->before, (long long)set->wanted);
        if (cluster_edit(c->kube, ctx, KUBE_REF(&GVR_MACHINESETS, MACHINE_NAMESPACE, set->name),
                         set_replicas, set, err) < 0)
            return -1;
    }
    return 0;
}

/* Whether the document asks for another number than it did. After a scaling that did not end, the sets may hold any number:
 * then even the recorded one is still to be reached. */
static bool is_asked(const struct cluster *c)
{
    int64_t want = json_path_int(c->doc, WORKERS, 0);
    return want > 0 && (want != json_path_int(c->doc, RECORD, want) || json_get(c->doc, UNDERWAY));
}

int cluster_scale_workers(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_sets struct sets s = { 0 };
    int64_t want = json_path_int(c->doc, WORKERS, 0);
    if (!is_asked(c))
        return 0;
    if (read_sets(c, ctx, &s, err) < 0)
        return -1;
    if (s.len == 0)
        return error_set(err, ERR_INTERNAL,
                         "the cluster has no MachineSets: there is nothing to scale");
    distribute(&s, want);
    if (json_path_int(c->doc, UNDERWAY, 0) != want &&
        cluster_patch(c, ctx, put_underway, &want, err) < 0)
        return -1;
    return write_sets(c, ctx, &s, err);
}

static bool has_its_machines(const struct opctx *ctx, const json *set)
{
    int64_t want = json_path_int(set, "spec.replicas", REPLICAS_DEFAULT);
    int64_t have = json_path_int(set, "status.availableReplicas", 0);
    int64_t all = json_path_int(set, "status.replicas", have);
    if (have == want && all == want &&
        json_path_int(set, "status.observedGeneration", 0) ==
            json_path_int(set, "metadata.generation", 0))
        return true;
    log_info(ctx->log, "not yet: MachineSet %s has %lld of %lld machines",
             json_path_str(set, "metadata.name"), (long long)have, (long long)want);
    return false;
}

int cluster_workers_are_scaled(void *arg, const struct opctx *ctx, bool *ret, struct error **err)
{
    const struct cluster *c = arg;
    cleanup_sets struct sets s = { 0 };
    const struct opctx look = opctx_with_timeout_ms(ctx, CLUSTER_LOOK_MS);
    struct error *e = NULL;
    *ret = true;
    if (!is_asked(c))
        return 0;
    if (read_sets(c, &look, &s, &e) < 0) { /* it may be over at the next look */
        (void)error_set(err, ERR_UNAVAILABLE, "%s", error_text(e));
        error_free(e);
        return -1;
    }
    for (size_t i = 0; i < s.len && *ret; i++)
        *ret = has_its_machines(ctx, json_at(json_get(s.list, "items"), i));
    return *ret ? cluster_record_workers(arg, ctx, err) : 0;
}
