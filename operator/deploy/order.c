/* The order of a set of objects, and the hashes that tie workloads to the content that they mount. */
#include <string.h>

#include "operator/deploy/ensure.h"
#include "pkg/base/buf.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

/* A kind that others need comes before them; kinds that are not listed come last. */
static const char *const kind_order[] = { "CustomResourceDefinition",
                                          "ClusterRole",
                                          "ClusterRoleBinding",
                                          "SecurityContextConstraints",
                                          "Namespace",
                                          "ConfigMap",
                                          "Secret",
                                          "ServiceAccount" };

static size_t rank(const json *object)
{
    const char *kind = json_path_str(object, "kind");
    size_t i = 0;
    while (i < ARRAY_LEN(kind_order) && !str_eq(kind, kind_order[i]))
        i++;
    return i;
}

void ensure_sort(json *objects)
{
    for (size_t i = 1; i < json_len(objects); i++) { /* insertion: stable, and sets are small */
        json *object = json_ref(json_at(objects, i));
        size_t at = i;
        while (at > 0 && rank(json_at(objects, at - 1)) > rank(object)) {
            json_replace_at(objects, at, json_ref(json_at(objects, at - 1)));
            at--;
        }
        json_replace_at(objects, at, object);
    }
}

static bool is_workload(const json *object)
{
    const char *kind = json_path_str(object, "kind");
    return str_eq(kind, "DaemonSet") || str_eq(kind, "Deployment") || str_eq(kind, "StatefulSet");
}

static json *find_object(const json *objects, const char *kind, const char *nspace,
                         const char *name)
{
    for (size_t i = 0; i < json_len(objects); i++) {
        json *o = json_at(objects, i);
        if (str_eq(json_path_str(o, "kind"), kind) &&
            str_eq(json_path_str(o, "metadata.name"), name) &&
            str_eq(json_path_str(o, "metadata.namespace"), nspace))
            return o;
    }
    return NULL;
}

/* The content, independent of the order of its keys. */
static char *give_hash(const json *object)
{
    static const char *const parts[] = { "data", "stringData", "binaryData" };
    cleanup_strv struct strv lines = STRV_INIT;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        for (struct json_iter it = json_each(json_get(object, parts[i])); json_next(&it);)
            strv_addf(&lines, "%s: %s\n", it.key, json_str(it.value) ? json_str(it.value) : "");
    strv_sort(&lines);
    cleanup_free char *text = strv_give_joined(&lines, "");
    unsigned char digest[SHA256_LEN];
    sha256(text, strlen(text), digest);
    return hex_give(digest, sizeof(digest));
}

static void annotate(json *workload, const json *objects, const char *kind, const char *prefix,
                     const char *name)
{
    json *mounted = find_object(objects, kind, json_path_str(workload, "metadata.namespace"), name);
    if (!mounted)
        return;
    cleanup_free char *hash = give_hash(mounted);
    cleanup_free char *path =
        xasprintf("spec.template.metadata.annotations[\"checksum/%s-%s\"]", prefix, name);
    json_set_str(workload, path, hash, NULL);
}

void ensure_annotate_hashes(json *objects)
{
    for (size_t i = 0; i < json_len(objects); i++) {
        json *workload = json_at(objects, i);
        if (!is_workload(workload))
            continue;
        json *volumes = json_path(workload, "spec.template.spec.volumes");
        for (size_t v = 0; v < json_len(volumes); v++) {
            const char *secret = json_path_str(json_at(volumes, v), "secret.secretName");
            const char *config = json_path_str(json_at(volumes, v), "configMap.name");
            if (secret)
                annotate(workload, objects, "Secret", "secret", secret);
            if (config)
                annotate(workload, objects, "ConfigMap", "configmap", config);
        }
    }
}
