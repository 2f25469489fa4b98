#include "hack/devcloud/controllers/deployment_status.h"

#include "hack/devcloud/controllers/owned.h"
#include "hack/devcloud/controllers/rollout.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

struct counts {
    int64_t asked, exist, updated, ready, available;
};

static struct counts count(const json *sets, const char *new_uid)
{
    struct counts n = { 0 };
    for (size_t i = 0; i < json_len(sets); i++) {
        const json *set = json_at(sets, i);
        n.asked += json_path_int(set, "spec.replicas", 0);
        n.exist += json_path_int(set, "status.replicas", 0);
        n.ready += json_path_int(set, "status.readyReplicas", 0);
        n.available += json_path_int(set, "status.availableReplicas", 0);
        if (new_uid && str_eq(json_path_str(set, "metadata.uid"), new_uid))
            n.updated += json_path_int(set, "status.replicas", 0);
    }
    return n;
}

static bool has_moved(const json *d, const struct counts *n)
{
    return json_path_int(d, "status.updatedReplicas", 0) != n->updated ||
           json_path_int(d, "status.replicas", 0) != n->exist ||
           json_path_int(d, "status.readyReplicas", 0) != n->ready ||
           json_path_int(d, "status.availableReplicas", 0) != n->available ||
           json_path_int(d, "status.observedGeneration", 0) !=
               json_path_int(d, "metadata.generation", 0);
}

static void set_available(json *conditions, const json *d, const struct counts *n, const char *now)
{
    struct rollout r = rollout_of(d);
    bool yes = n->available >= r.replicas - (r.recreate ? 0 : r.max_unavailable);
    owned_set_condition(
        conditions,
        json_make("{'type':'Available','status':%s,'lastUpdateTime':%s,'reason':%s,'message':%s}",
                  yes ? "True" : "False", now,
                  yes ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                  yes ? "Deployment has minimum availability."
                      : "Deployment does not have minimum availability."),
        now);
}

/* True while there is something to wait for; then *ret_left_ns says how long until the deadline. */
static bool is_in_time(const json *d, const json *old, int64_t now_ns, int64_t *ret_left_ns)
{
    const char *since = json_path_str(old, "lastUpdateTime");
    int64_t limit_s = json_path_int(d, "spec.progressDeadlineSeconds", 600), since_ns;
    if (!since || !time_parse_rfc3339(since, &since_ns))
        since_ns = now_ns;
    *ret_left_ns = since_ns + limit_s * NS_PER_S - now_ns;
    return *ret_left_ns > 0;
}

static void set_progressing(json *conditions, const json *d, const struct counts *n,
                            const char *new_name, int64_t now_ns, struct result *result)
{
    const json *old = owned_condition(d, "Progressing");
    int64_t want = json_path_int(d, "spec.replicas", 1), left_ns = 0;
    bool complete = n->updated == want && n->exist == want && n->available >= want;
    bool was_complete = str_eq(json_path_str(old, "reason"), "NewReplicaSetAvailable");
    bool moved = has_moved(d, n);
    char now[TIME_TEXT_MAX];
    time_rfc3339(now_ns, now);
    const char *reason = "ReplicaSetUpdated", *verb = "is progressing";
    bool late = !complete && !moved && !(was_complete && n->updated == want) &&
                !is_in_time(d, old, now_ns, &left_ns);
    if (complete || (was_complete && !moved)) {
        reason = "NewReplicaSetAvailable";
        verb = "has successfully progressed";
    } else if (late) {
        reason = "ProgressDeadlineExceeded";
        verb = "has timed out progressing";
    }
    if (!complete && left_ns > 0)
        result->requeue_after_ms = left_ns / NS_PER_MS + 1;
    bool same = str_eq(json_path_str(old, "reason"), reason) && !moved;
    cleanup_free char *message = xasprintf("ReplicaSet \"%s\" %s.", new_name ? new_name : "", verb);
    const char *updated = same ? json_path_str(old, "lastUpdateTime") : now;
    owned_set_condition(conditions,
                        json_make("{'type':'Progressing','status':%s,'lastUpdateTime':%s,"
                                  "'reason':%s,'message':%s}",
                                  late ? "False" : "True", updated ? updated : now, reason,
                                  message),
                        now);
}

static const char *name_of(const json *sets, const char *uid)
{
    for (size_t i = 0; uid && i < json_len(sets); i++)
        if (str_eq(json_path_str(json_at(sets, i), "metadata.uid"), uid))
            return json_path_str(json_at(sets, i), "metadata.name");
    return NULL;
}

/* A time that moves alone is no news. */
static void keep_update_time(json *conditions, const json *d)
{
    for (size_t i = 0; i < json_len(conditions); i++) {
        json *c = json_at(conditions, i);
        const json *old = owned_condition(d, json_path_str(c, "type"));
        if (str_eq(json_path_str(c, "type"), "Available") &&
            str_eq(json_path_str(old, "status"), json_path_str(c, "status")))
            json_put(c, "lastUpdateTime", json_give_copy(json_get(old, "lastUpdateTime")));
    }
}

json *deployment_give_status(const json *d, const json *sets, const char *new_uid, int64_t now_ns,
                             struct result *result)
{
    struct counts n = count(sets, new_uid);
    const json *old = json_path(d, "status.conditions");
    json *conditions = old ? json_give_copy(old) : json_new_array();
    char now[TIME_TEXT_MAX];
    time_rfc3339(now_ns, now);
    set_available(conditions, d, &n, now);
    keep_update_time(conditions, d);
    set_progressing(conditions, d, &n, name_of(sets, new_uid), now_ns, result);
    int64_t missing = n.asked > n.available ? n.asked - n.available : 0;
    return json_make("{'observedGeneration':%ld,'replicas':%ld,'updatedReplicas':%ld,"
                     "'readyReplicas':%ld,'availableReplicas':%ld,'unavailableReplicas':%ld,"
                     "'conditions':%j}",
                     json_path_int(d, "metadata.generation", 0), n.exist, n.updated, n.ready,
                     n.available, missing, conditions);
}
