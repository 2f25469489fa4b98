#include "hack/devcloud/cluster/strategy.h"

#include <string.h>

#include "hack/devcloud/cluster/names.h"
#include "pkg/base/mem.h"

static const struct strategy plain = { .collection = "", .give_name_fault = NULL };

static const struct strategy *find(const struct strategy *table, size_t len, const char *collection)
{
    for (size_t i = 0; i < len; i++)
        if (strcmp(table[i].collection, collection) == 0)
            return &table[i];
    return NULL;
}

const struct strategy *strategy_of(const char *collection)
{
    const struct strategy *s = find(strategies_core, strategies_core_len, collection);
    s = s ? s : find(strategies_apps, strategies_apps_len, collection);
    s = s ? s : find(strategies_other, strategies_other_len, collection);
    return s ? s : &plain;
}

void strategy_need_same(const json *obj, const json *old, const char *path, struct invalid *out)
{
    const json *now = json_path(obj, path);
    if (!json_equal(now, json_path(old, path)))
        invalid_value(out, path, now, "field is immutable");
}

json *strategy_pod_spec(const struct op *op, json *obj)
{
    static const struct {
        const char *collection, *path;
    } places[] = {
        { "/pods", "spec" },
        { "/podtemplates", "template.spec" },
        { "batch/cronjobs", "spec.jobTemplate.spec.template.spec" },
    };
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        if (strcmp(op->r->collection, places[i].collection) == 0)
            return json_path(obj, places[i].path);
    return json_path(obj, "spec.template.spec");
}

/* ---- pod specs ---- */

/* :latest and no tag at all are pulled always. */
static const char *pull_policy(const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *last = slash ? slash + 1 : image;
    const char *tag = strchr(last, ':');
    if (strchr(last, '@'))
        return "IfNotPresent";
    return !tag || strcmp(tag, ":latest") == 0 ? "Always" : "IfNotPresent";
}

static void fill_requests(json *container)
{
    const json *limits = json_path(container, "resources.limits");
    for (struct json_iter it = json_each(limits); json_next(&it);) {
        json *requests = json_path(container, "resources.requests");
        if (!requests) {
            requests = json_new_object();
            json_put(json_get(container, "resources"), "requests", requests);
        }
        if (!json_has(requests, it.key))
            json_put(requests, it.key, json_give_copy(it.value));
    }
}

static void decode_container(json *container, bool host_network, bool of_pod)
{
    const char *image = json_path_str(container, "image");
    const char *policy = json_path_str(container, "imagePullPolicy");
    if (!policy || !*policy)
        json_put(container, "imagePullPolicy", json_new_str(pull_policy(image ? image : "")));
    json *ports = json_get(container, "ports");
    for (size_t i = 0; host_network && i < json_len(ports); i++)
        if (!json_get(json_at(ports, i), "hostPort"))
            json_put(json_at(ports, i), "hostPort",
                     json_give_copy(json_get(json_at(ports, i), "containerPort")));
    if (of_pod && json_is_object(json_get(container, "resources")))
        fill_requests(container);
}

/* The old name of a field beside the new one. */
static void mirror(json *spec, const char *name, const char *old_name)
{
    const char *value = json_path_str(spec, name), *old = json_path_str(spec, old_name);
    if (value && *value)
        json_put(spec, old_name, json_new_str(value));
    else if (old && *old)
        json_put(spec, name, json_new_str(old));
}

void strategy_decode_pod_spec(json *spec, bool of_pod)
{
    const char *const lists[] = { "initContainers", "containers" };
    if (!json_is_object(spec))
        return;
    bool host = json_path_bool(spec, "hostNetwork", false);
    for (size_t l = 0; l < ARRAY_LEN(lists); l++)
        for (size_t i = 0; i < json_len(json_get(spec, lists[l])); i++)
            decode_container(json_at(json_get(spec, lists[l]), i), host, of_pod);
    mirror(spec, "serviceAccountName", "serviceAccount");
    if (of_pod && !json_has(spec, "enableServiceLinks"))
        json_put(spec, "enableServiceLinks", json_new_bool(true));
}
