/* What holds between the fields of one object. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/kubeconfig.h"
#include "rp/syncsets/types/names.h"
#include "rp/syncsets/types/selector.h"
#include "rp/syncsets/types/shipped.h"
#include "rp/syncsets/types/template.h"
#include "rp/syncsets/types/types.h"

/* ---- resources ---- */

static const char *const refused_kinds[] = { "Role", "RoleBinding", "ClusterRole",
                                             "ClusterRoleBinding", "SubjectAccessReview" };

/* These are proxies that the server turns into those of rbac.authorization.k8s.io: they can never match again. */
static bool is_refused(const char *api_version, const char *kind)
{
    if (!str_starts(api_version, "authorization.openshift.io/"))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(refused_kinds); i++)
        if (str_eq(kind, refused_kinds[i]))
            return true;
    return false;
}

/* A generated name is another one each time: only what is created once per content can have it. */
static void check_named(const json *spec, const json *resource, const char *path,
                        struct api_causes *causes)
{
    const char *name = json_path_str(resource, "metadata.name"),
               *prefix = json_path_str(resource, "metadata.generateName");
    if (name && *name)
        return;
    bool is_generated = prefix && *prefix;
    if (is_generated && str_eq(json_path_str(spec, "applyBehavior"), "CreateOnly"))
        return;
    cleanup_free char *at =
        xasprintf("%s.metadata.%s", path, is_generated ? "generateName" : "name");
    if (is_generated)
        api_cause_add(causes, CAUSE_INVALID, at,
                      "goes with applyBehavior CreateOnly alone: each apply would make another "
                      "object; set metadata.name");
    else
        api_cause_add(causes, CAUSE_REQUIRED, at, "is required");
}

/* The same object twice in one set: the second overwrites the first at each apply. */
static void check_twice(struct map *seen, const json *resource, const char *path,
                        struct api_causes *causes)
{
    const char *api_version = json_path_str(resource, "apiVersion"),
               *name = json_path_str(resource, "metadata.name");
    const char *nspace = json_path_str(resource, "metadata.namespace");
    if (!name || !*name)
        return;
    const char *slash = strchr(api_version, '/');
    cleanup_free char *id =
        xasprintf("%.*s|%s|%s|%s", slash ? (int)(slash - api_version) : 0, api_version,
                  json_path_str(resource, "kind"), nspace ? nspace : "", name);
    if (map_has(seen, id))
        api_cause_add(causes, CAUSE_DUPLICATE, path, "is the same object as %s",
                      (char *)map_get(seen, id));
    else
        map_set(seen, id, xstrdup(path));
}

static void check_resource(const json *spec, const json *resource, const char *path,
                           struct map *seen, struct api_causes *causes)
{
    static const char *const needed[] = { "apiVersion", "kind" };
    bool is_whole = true;
    for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
        const char *text = json_path_str(resource, needed[i]);
        if (text && *text)
            continue;
        is_whole = false;
        cleanup_free char *at = xasprintf("%s.%s", path, needed[i]);
        api_cause_add(causes, CAUSE_REQUIRED, at, "is required");
    }
    if (!is_whole)
        return;
    const char *kind = json_path_str(resource, "kind");
    if (is_refused(json_path_str(resource, "apiVersion"), kind))
        api_cause_add(
            causes, CAUSE_INVALID, path,
            "%s of authorization.openshift.io cannot be shipped: use rbac.authorization.k8s.io",
            kind);
    bool templated = json_path_bool(spec, "enableResourceTemplates", false);
    shipped_check_resource(resource, path, templated, causes);
    check_named(spec, resource, path, causes);
    check_twice(seen, resource, path, causes);
    cleanup_error struct error *err = NULL;
    cleanup_json json *rendered = NULL;
    if (templated && template_render_tree(resource, NULL, NULL, &rendered, &err) < 0)
        api_cause_add(causes, CAUSE_INVALID, path, "%s", error_text(err));
}

static void check_resources(const json *spec, struct api_causes *causes)
{
    const json *list = json_get(spec, "resources");
    cleanup_map struct map *seen = map_new(free);
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        cleanup_free char *at = xasprintf("spec.resources[%zu]", i);
        if (json_is_object(json_at(list, i)))
            check_resource(spec, json_at(list, i), at, seen, causes);
    }
}

/* ---- patches ---- */

static void check_patch(const json *spec, const json *patch, const char *path,
                        struct api_causes *causes)
{
    const char *text = json_path_str(patch, "patch");
    if (!text)
        return;
    cleanup_error struct error *err = NULL;
    if (json_path_bool(spec, "enablePatchTemplates", false) && template_has_actions(text)) {
        if (template_render(text, NULL, NULL, NULL, &err) < 0)
            api_cause_add(causes, CAUSE_INVALID, path, "%s", error_text(err));
        return; /* what it is once rendered, is known then */
    }
    cleanup_json json *parsed = NULL;
    if (json_parse(text, strlen(text), &parsed, &err) < 0) {
        api_cause_add(causes, CAUSE_INVALID, path, "%s", error_text(err));
        return;
    }
    bool is_json = str_eq(json_path_str(patch, "patchType"), "json");
    if (is_json ? !json_is_array(parsed) : !json_is_object(parsed))
        api_cause_add(causes, CAUSE_INVALID, path, "must be a JSON %s",
                      is_json ? "array of operations" : "object");
    else if (is_json)
        shipped_check_operations(parsed, path, causes);
}

static void check_patches(const json *spec, struct api_causes *causes)
{
    const json *list = json_get(spec, "patches");
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        const json *patch = json_at(list, i);
        cleanup_free char *path = xasprintf("spec.patches[%zu]", i);
        cleanup_free char *at = xasprintf("%s.patch", path);
        shipped_check_place(patch, "apiVersion", path, name_flaw_version, false, causes);
        shipped_check_place(patch, "name", path, name_flaw_segment, false, causes);
        shipped_check_place(patch, "namespace", path, name_flaw_segment, false, causes);
        check_patch(spec, patch, at, causes);
    }
}

/* ---- secrets ---- */

static void check_mappings(const struct api_type *type, const json *object,
                           struct api_causes *causes)
{
    const json *list = json_path(object, "spec.secretMappings");
    const char *own = json_path_str(object, "metadata.namespace");
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        const char *nspace = json_path_str(json_at(list, i), "sourceRef.namespace");
        cleanup_free char *at = xasprintf("spec.secretMappings[%zu].sourceRef.namespace", i);
        cleanup_free char *path = xasprintf("spec.secretMappings[%zu]", i);
        bool is_empty = !nspace || !*nspace;
        shipped_check_place(json_at(list, i), "targetRef.name", path, name_flaw_segment, false,
                            causes);
        shipped_check_place(json_at(list, i), "targetRef.namespace", path, name_flaw_segment, false,
                            causes);
        if (type->global && is_empty)
            api_cause_add(causes, CAUSE_REQUIRED, at,
                          "is required: a SelectorSyncSet has no namespace of its own");
        if (!type->global && !is_empty && !str_eq(nspace, own))
            api_cause_add(causes, CAUSE_INVALID, at,
                          "must be empty or the namespace of the SyncSet");
        if (!is_empty && name_flaw_label(nspace))
            api_cause_add(causes, CAUSE_INVALID, at, "'%s' %s", nspace, name_flaw_label(nspace));
    }
}

/* ---- clusters of a set ---- */

static void check_targets(const struct api_type *type, const json *spec, struct api_causes *causes)
{
    static const char path[] = "spec.clusterDeploymentSelector";
    const json *selector = json_get(spec, "clusterDeploymentSelector");
    if (!type->global && !selector && !json_get(spec, "clusterDeploymentRefs"))
        api_cause_add(causes, CAUSE_REQUIRED, "spec.clusterDeploymentRefs",
                      "is required, or clusterDeploymentSelector is");
    selector_decode(selector, path, causes, NULL);
}

/* Whoever asks for care must not get haste. */
static void check_rollout(const json *spec, struct api_causes *causes)
{
    const json *rollout = json_get(spec, "rollout");
    if (!json_is_object(rollout))
        return;
    if (json_len(rollout) == 0)
        api_cause_add(causes, CAUSE_REQUIRED, "spec.rollout",
                      "must say something: canarySelector, maxConcurrentClusters or "
                      "pauseOnFailedPercent");
    selector_decode(json_get(rollout, "canarySelector"), "spec.rollout.canarySelector", causes,
                    NULL);
}

static void check_cluster(const json *spec, struct api_causes *causes)
{
    const json *kubeconfig = json_get(spec, "kubeconfig");
    if (json_kind(kubeconfig) != JSON_STR)
        return;
    cleanup_free char *why = NULL;
    (void)kubeconfig_check(json_str(kubeconfig), json_str_len(kubeconfig), "spec.kubeconfig",
                           causes, &why);
}

#define ANNOTATIONS_MAX_BYTES ((size_t)256 << 10) /* of an object, as in Kubernetes */

static void check_annotations(const json *object, struct api_causes *causes)
{
    const json *annotations = json_path(object, "metadata.annotations");
    size_t bytes = 0;
    for (struct json_iter it = json_each(annotations); json_next(&it);)
        bytes += strlen(it.key) + (json_kind(it.value) == JSON_STR ? json_str_len(it.value) : 0);
    if (bytes > ANNOTATIONS_MAX_BYTES)
        api_cause_add(causes, CAUSE_INVALID, "metadata.annotations",
                      "have %zu bytes together, which may be %zu", bytes, ANNOTATIONS_MAX_BYTES);
}

void api_check_rules(const struct api_type *type, const json *object, struct api_causes *causes)
{
    check_annotations(object, causes);
    const json *spec = json_get(object, "spec");
    if (type->id == TYPE_CLUSTERS)
        check_cluster(spec, causes);
    if (!type->is_set)
        return;
    check_targets(type, spec, causes);
    check_rollout(spec, causes);
    check_resources(spec, causes);
    check_patches(spec, causes);
    check_mappings(type, object, causes);
}
