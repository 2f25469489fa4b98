#include "rp/syncsets/controllers/gate.h"

#include "pkg/base/clock.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/conditions.h"

bool gate_is_fake(const json *cluster)
{
    const json *annotations = json_path(cluster, "metadata.annotations");
    return str_eq(json_str(json_get(annotations, "hive.openshift.io/fake-cluster")), "true");
}

int64_t gate_deletion_s(const json *cluster)
{
    const char *text = json_path_str(cluster, "metadata.deletionTimestamp");
    int64_t ns;
    return text && time_parse_rfc3339(text, &ns) ? ns / NS_PER_S : 0;
}

static bool is_paused(const json *annotations)
{
    return str_eq(json_str(json_get(annotations, "hive.openshift.io/syncset-pause")), "true") ||
           str_eq(json_str(json_get(annotations, "hive.openshift.io/reconcile-pause")), "true") ||
           json_has(annotations, "hive.openshift.io/relocate");
}

enum gate gate_of(const json *cluster)
{
    const json *status = json_get(cluster, "status");
    if (is_paused(json_path(cluster, "metadata.annotations")))
        return GATE_PAUSED;
    if (!json_path_bool(cluster, "spec.installed", true))
        return GATE_CLOSED;
    if (gate_is_fake(cluster))
        return GATE_OPEN;
    return api_condition_is(status, "KubeconfigValid", "True") &&
                   api_condition_is(status, "Unreachable", "False")
               ? GATE_OPEN
               : GATE_CLOSED;
}
