/*
 * ClusterOperator `aro`: the operator's own state in the place where an administrator of OpenShift looks.
 *
 * Degraded is False always: a degraded cluster operator blocks upgrades of the whole cluster, which no finding of ours is
 * worth.
 */
#include "operator/controllers/clusteroperatoraro.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define OPERATOR "aro"

static const struct kube_ref ref = { .gvr = &GVR_CLUSTEROPERATORS, .name = OPERATOR };

/* ---- union of conditions ---- */

static int by_type(const void *a, const void *b)
{
    return strcmp(json_path_str(*(json *const *)a, "type"),
                  json_path_str(*(json *const *)b, "type"));
}

struct selection {
    json **v; /* conditions with the suffix, by type; borrowed */
    size_t len;
};

static struct selection select_suffix(const json *cluster, const char *suffix)
{
    json *all = json_path(cluster, "status.conditions");
    struct selection s = { .v = xcalloc(json_len(all) + 1, sizeof(json *)) };
    for (size_t i = 0; i < json_len(all); i++) {
        const char *type = json_path_str(json_at(all, i), "type");
        if (type && str_ends(type, suffix))
            s.v[s.len++] = json_at(all, i);
    }
    qsort(s.v, s.len, sizeof(json *), by_type);
    return s;
}

static bool has_status(const json *c, const char *status)
{
    return str_eq(json_path_str(c, "status"), status);
}

/* Keeps those that differ from the default status. */
static void keep_bad(struct selection *s, const char *dflt)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->len; i++)
        if (!has_status(s->v[i], dflt))
            s->v[kept++] = s->v[i];
    s->len = kept;
}

static char *give_messages(const struct selection *s)
{
    cleanup_strv struct strv lines = STRV_INIT;
    for (size_t i = 0; i < s->len; i++) {
        cleanup_strv struct strv parts = STRV_INIT;
        const char *message = json_path_str(s->v[i], "message");
        strv_split(&parts, message ? message : "", "\n", false);
        for (size_t p = 0; p < parts.len; p++) {
            cleanup_free char *line =
                xasprintf("%s: %s", json_path_str(s->v[i], "type"), parts.v[p]);
            strv_add_unique(&lines, line);
        }
    }
    return lines.len ? strv_give_joined(&lines, "\n") : xstrdup("All is well");
}

static char *give_reasons(const struct selection *s, const char *suffix)
{
    cleanup_strv struct strv reasons = STRV_INIT;
    for (size_t i = 0; i < s->len; i++) {
        const char *type = json_path_str(s->v[i], "type");
        const char *reason = json_path_str(s->v[i], "reason");
        strv_addf(&reasons, "%.*s%s%s", (int)(strlen(type) - strlen(suffix)), type,
                  reason && *reason ? "_" : "", reason ? reason : "");
    }
    strv_sort(&reasons);
    return strv_give_joined(&reasons, "::");
}

static const char *latest_time(const struct selection *s)
{
    const char *latest = NULL;
    for (size_t i = 0; i < s->len; i++) {
        const char *t = json_path_str(s->v[i], "lastTransitionTime");
        if (t && (!latest || strcmp(t, latest) > 0)) /* RFC 3339 in UTC sorts as text */
            latest = t;
    }
    return latest;
}

json *clusteroperatoraro_give_union(const json *cluster, const char *type, const char *dflt)
{
    struct selection s = select_suffix(cluster, type);
    json *out;
    if (s.len == 0) {
        out = json_make("{'type':%s,'status':'Unknown','reason':'NoData'}", type);
        free(s.v);
        return out;
    }
    struct selection all = s;
    all.v = xmemdup(s.v, s.len * sizeof(json *));
    keep_bad(&s, dflt);
    const char *opposite = strcmp(dflt, STATUS_TRUE) == 0 ? STATUS_FALSE : STATUS_TRUE;
    const char *status = s.len == 0 ? dflt : STATUS_UNKNOWN;
    for (size_t i = 0; i < s.len; i++)
        if (has_status(s.v[i], opposite))
            status = opposite;
    const struct selection *told = s.len == 0 ? &all : &s;
    cleanup_free char *message = give_messages(told);
    cleanup_free char *reason = s.len == 0 ? xstrdup("AsExpected") : give_reasons(&s, type);
    out = json_make("{'type':%s,'status':%s,'reason':%s,'message':%s}", type, status, reason,
                    message);
    if (latest_time(told))
        json_put(out, "lastTransitionTime", json_new_str(latest_time(told)));
    free(all.v);
    free(s.v);
    return out;
}

/* ---- the object ---- */

static json *find_condition(const json *object, const char *type)
{
    json *list = json_path(object, "status.conditions");
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "type"), type))
            return json_at(list, i);
    return NULL;
}

/* want is consumed. Its time counts only when the status turned. */
static bool put_condition(json *object, json *want, const char *now)
{
    const char *type = json_path_str(want, "type");
    json *have = find_condition(object, type);
    const char *since = have && has_status(have, json_path_str(want, "status"))
                            ? json_path_str(have, "lastTransitionTime")
                            : json_path_str(want, "lastTransitionTime");
    json_put(want, "lastTransitionTime", json_new_str(since ? since : now));
    if (have && json_equal(have, want)) {
        json_free(want);
        return false;
    }
    json_put_keyed(json_path(object, "status.conditions"), "type", want);
    return true;
}

static bool put_version(json *object, const char *version)
{
    cleanup_json json *want = json_make("[{'name':'operator','version':%s}]", version);
    if (json_equal(json_path(object, "status.versions"), want))
        return false;
    json_put(json_get(object, "status"), "versions", take(want));
    return true;
}

bool clusteroperatoraro_edit_status(json *object, const json *cluster, const char *version,
                                    int64_t wall_ns)
{
    char now[TIME_TEXT_MAX];
    time_rfc3339(wall_ns, now);
    if (!json_is_object(json_get(object, "status")))
        json_put(object, "status", json_new_object());
    if (!json_is_array(json_path(object, "status.conditions")))
        json_put(json_get(object, "status"), "conditions", json_new_array());
    bool changed = put_condition(
        object, clusteroperatoraro_give_union(cluster, "Available", STATUS_TRUE), now);
    changed |= put_condition(
        object, clusteroperatoraro_give_union(cluster, "Progressing", STATUS_FALSE), now);
    changed |= put_condition(
        object, json_make("{'type':'Degraded','status':'False','reason':'AsExpected'}"), now);
    changed |= put_version(object, version);
    return changed;
}

static int create(struct reconcile *rc, json **ret, struct error **err)
{
    cleanup_json json *want =
        json_make("{'apiVersion':'config.openshift.io/v1','kind':'ClusterOperator',"
                  "'metadata':{'name':%s,'ownerReferences':[%j]},'spec':{}}",
                  OPERATOR, reconcile_give_owner(rc));
    struct kube_write_options opt = { .field_manager = "aro-operator", .force = true };
    if (kube_apply(rc->kube, rc->ctx, &ref, want, &opt, ret, err) < 0)
        return -1;
    char now[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(rc->sv->clock), now);
    json_put(
        *ret, "status",
        json_make(
            "{'conditions':["
            "{'type':'Available','status':'False','reason':'Initializing',"
            "'message':'Operator is initializing','lastTransitionTime':%s},"
            "{'type':'Progressing','status':'True','reason':'Initializing',"
            "'message':'Operator is initializing','lastTransitionTime':%s},"
            "{'type':'Degraded','status':'False','reason':'AsExpected','lastTransitionTime':%s}]}",
            now, now, now));
    cleanup_json json *made = take(*ret);
    return kube_update(rc->kube, rc->ctx, KUBE_STATUS(&GVR_CLUSTEROPERATORS, NULL, OPERATOR), made,
                       NULL, ret, err);
}

/* An owner that is not this Cluster (it was made anew) would let the garbage collector take the object. */
static int keep_owner(struct reconcile *rc, json **object, struct error **err)
{
    cleanup_json json *owners = json_make("[%j]", reconcile_give_owner(rc));
    if (json_equal(json_path(*object, "metadata.ownerReferences"), owners))
        return 0;
    json_put(json_get(*object, "metadata"), "ownerReferences", take(owners));
    cleanup_json json *edited = take(*object);
    return kube_update(rc->kube, rc->ctx, &ref, edited, NULL, object, err);
}

static int try_reconcile(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)attempt; /* every attempt reads live */
    struct reconcile *rc = arg;
    cleanup_json json *object = NULL;
    if (reconcile_get(rc, &ref, &object, err) < 0)
        return -1;
    if (!object && create(rc, &object, err) < 0)
        return -1;
    if (keep_owner(rc, &object, err) < 0)
        return -1;
    if (!clusteroperatoraro_edit_status(object, rc->cluster, rc->sv->version,
                                        clock_wall_ns(rc->sv->clock)))
        return 0;
    return kube_update(rc->kube, ctx, KUBE_STATUS(&GVR_CLUSTEROPERATORS, NULL, OPERATOR), object,
                       NULL, NULL, err);
}

static int clusteroperator_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    return kube_retry_on_conflict(rc->ctx, try_reconcile, rc, err);
}

static const struct watch watches[] = {
    { .gvr = &GVR_CLUSTERS, .name = CLUSTER_NAME }, /* its status, too */
    { .gvr = &GVR_CLUSTEROPERATORS, .name = OPERATOR, .optional = true },
};
static const struct right rights[] = {
    { .gvr = &GVR_CLUSTEROPERATORS, .verbs = "get create patch update delete", .names = OPERATOR },
    { .gvr = &GVR_CLUSTEROPERATORS,
      .subresource = "status",
      .verbs = "get patch update",
      .names = OPERATOR },
};

const struct controller_desc clusteroperatoraro_controller = {
    .name = "ClusterOperatorARO",
    .doc = "Reports the operator's own state as ClusterOperator aro.",
    .roles = ROLE_MASTER,
    .flag = FLAG_NONE,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .reconcile = clusteroperator_reconcile,
};
