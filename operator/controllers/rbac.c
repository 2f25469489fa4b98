#include "operator/controllers/rbac.h"

#include "operator/deploy/ensure.h"
#include "pkg/base/yaml.h"
#include "staticresources/embedded.h"

#define SRE "system:aro-sre"
#define DIAGNOSTICS "system:aro-diagnostics"

static const char *const files[] = {
    "operator/rbac/aro-diagnostics.yaml",
    "operator/rbac/aro-sre.yaml",
};

static int add_file(const struct reconcile *rc, const char *path, json *objects, struct error **err)
{
    const struct embedded_file *file = embedded_find(path);
    if (!file)
        return error_set(err, ERR_INTERNAL, "%s is not part of this build", path);
    cleanup_json json *documents = NULL;
    if (yaml_parse_all(file->data, file->len, &documents, err) < 0)
        return error_wrap(err, "%s", path);
    for (size_t i = 0; i < json_len(documents); i++) {
        json *object = json_ref(json_at(documents, i));
        json_put(json_get(object, "metadata"), "ownerReferences",
                 json_make("[%j]", reconcile_give_owner(rc)));
        json_append(objects, object);
    }
    return 0;
}

static int rbac_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    cleanup_json json *objects = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        if (add_file(rc, files[i], objects, err) < 0)
            return -1;
    return ensure_objects(rc->kube, rc->ctx, objects, err);
}

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_CLUSTERROLES, .name = SRE },
    { .gvr = &GVR_CLUSTERROLES, .name = DIAGNOSTICS },
    { .gvr = &GVR_CLUSTERROLEBINDINGS, .name = SRE },
    { .gvr = &GVR_CLUSTERROLEBINDINGS, .name = DIAGNOSTICS },
};
static const struct right rights[] = {
    { .gvr = &GVR_CLUSTERROLES,
      .verbs = "create get patch update delete escalate bind",
      .names = SRE " " DIAGNOSTICS },
    { .gvr = &GVR_CLUSTERROLEBINDINGS,
      .verbs = "create delete get patch update",
      .names = SRE " " DIAGNOSTICS },
};

const struct controller_desc rbac_controller = {
    .name = "RBAC",
    .doc =
        "Keeps the read-only cluster roles of the support engineers and of automatic diagnostics.",
    .roles = ROLE_MASTER,
    .flag = FLAG_RBAC_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .reconcile = rbac_reconcile,
};
