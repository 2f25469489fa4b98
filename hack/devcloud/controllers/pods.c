#include "hack/devcloud/controllers/pods.h"

#include "hack/devcloud/controllers/owned.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

bool pod_is_over(const json *pod)
{
    const char *phase = json_path_str(pod, "status.phase");
    return str_eq(phase, "Succeeded") || str_eq(phase, "Failed");
}

bool pod_is_active(const json *pod)
{
    return !pod_is_over(pod) && !owned_is_deleting(pod);
}

bool pod_is_ready(const json *pod)
{
    return str_eq(json_path_str(owned_condition(pod, "Ready"), "status"), "True");
}

bool pod_is_available(const json *pod, int64_t min_ready_s, int64_t now_ns, int64_t *ret_wait_ms)
{
    const char *since = json_path_str(owned_condition(pod, "Ready"), "lastTransitionTime");
    int64_t since_ns;
    if (!pod_is_ready(pod))
        return false;
    if (min_ready_s <= 0 || !since || !time_parse_rfc3339(since, &since_ns))
        return true;
    int64_t left_ns = since_ns + min_ready_s * NS_PER_S - now_ns;
    if (left_ns > 0)
        *ret_wait_ms = left_ns / NS_PER_MS + 1;
    return left_ns <= 0;
}

json *pod_give(const json *owner, const json *labels)
{
    const char *const copied[] = { "labels", "annotations", "finalizers" };
    const json *template_meta = json_path(owner, "spec.template.metadata");
    cleanup_free char *prefix = xasprintf("%s-", json_path_str(owner, "metadata.name"));
    json *meta =
        json_make("{'generateName':%s,'namespace':%s,'ownerReferences':%j}", prefix,
                  json_path_str(owner, "metadata.namespace"), owned_give_references(owner));
    for (size_t i = 0; i < ARRAY_LEN(copied); i++)
        if (json_get(template_meta, copied[i]))
            json_put(meta, copied[i], json_give_copy(json_get(template_meta, copied[i])));
    if (labels)
        json_put(meta, "labels",
                 json_give_merged(json_give_copy(json_get(meta, "labels")), labels));
    return json_make("{'apiVersion':'v1','kind':'Pod','metadata':%j,'spec':%j}", meta,
                     json_give_copy(json_path(owner, "spec.template.spec")));
}

int pod_send(struct control *c, const struct opctx *ctx, const json *pod, struct error **err)
{
    const char *nspace = json_path_str(pod, "metadata.namespace");
    if (kube_create(c->kube, ctx, KUBE_REF(&GVR_PODS, nspace, NULL), pod, NULL, NULL, err) < 0)
        return error_wrap(err, "creating a pod");
    return 0;
}
