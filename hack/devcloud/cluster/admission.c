#include "hack/devcloud/cluster/admission.h"

#include <string.h>

#include "hack/devcloud/cluster/authorize.h"
#include "hack/devcloud/cluster/meta.h"
#include "pkg/base/mem.h"

static int check_namespace(const struct op *op, const json *obj, struct error **err)
{
    const char *nspace = op_nspace(op);
    struct fail_object o = { .group = "", .resource = "namespaces", .name = nspace };
    if (!op->r->namespaced)
        return 0;
    cleanup_record struct record *found = state_get(op->c->state, "/namespaces", "", nspace);
    if (!found)
        return fail_not_found(err, &o);
    cleanup_json json *tree = record_give_tree(found);
    if (!meta_is_deleting(tree))
        return 0;
    const char *name = json_path_str(obj, "metadata.name");
    struct fail_object of = op_object(op, name);
    cleanup_free char *what =
        *of.group ? xasprintf("%s.%s", of.resource, of.group) : xstrdup(of.resource);
    cleanup_free char *message = xasprintf("namespace %s is being terminated", nspace);
    json *details = json_make("{'name':%s,'kind':%s,'causes':[{'reason':'NamespaceTerminating',"
                              "'message':%s,'field':'metadata.namespace'}]}",
                              name, of.resource, message);
    if (*of.group)
        json_put(details, "group", json_new_str(of.group));
    return fail_with(err, 403, "Forbidden", details,
                     "%s \"%s\" is forbidden: unable to create new content in namespace %s because "
                     "it is being terminated",
                     what, name, nspace);
}

/* ---- owners ---- */

static const json *find_owner(const json *list, const char *uid)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "uid"), uid))
            return json_at(list, i);
    return NULL;
}

static bool may_finalize(const struct op *op, const json *owner)
{
    const char *version = json_path_str(owner, "apiVersion");
    const char *slash = version ? strchr(version, '/') : NULL;
    cleanup_free char *group = slash ? xstrndup(version, (size_t)(slash - version)) : xstrdup("");
    const char *kind = json_path_str(owner, "kind");
    const struct resource *r =
        version && kind ? kinds_find_kind(op->kinds, group, slash ? slash + 1 : version, kind)
                        : NULL;
    if (!r)
        return false;
    struct access access = { .verb = "update",
                             .group = r->group,
                             .resource = r->plural,
                             .subresource = "finalizers",
                             .nspace = r->namespaced ? op_nspace(op) : "",
                             .name = json_path_str(owner, "name") };
    return authorize(op->c, &op->rq->user, &access, NULL);
}

static int check_owners(const struct op *op, const json *obj, const json *live, struct error **err)
{
    const json *owners = json_path(obj, "metadata.ownerReferences");
    const json *before = json_path(live, "metadata.ownerReferences");
    if (!op->c->cfg.owner_enforcement)
        return 0;
    for (size_t i = 0; i < json_len(owners); i++) {
        const json *owner = json_at(owners, i);
        const json *old = find_owner(before, json_path_str(owner, "uid"));
        if (!json_path_bool(owner, "blockOwnerDeletion", false) ||
            (old && json_path_bool(old, "blockOwnerDeletion", false)) || may_finalize(op, owner))
            continue;
        struct fail_object o = op_object(op, json_path_str(obj, "metadata.name"));
        return fail_forbidden(err, &o,
                              "cannot set blockOwnerDeletion if an ownerReference refers to a "
                              "resource you can't set finalizers on: , <nil>");
    }
    return 0;
}

int admission_create(const struct op *op, const json *obj, struct error **err)
{
    return check_namespace(op, obj, err) < 0 ? -1 : check_owners(op, obj, NULL, err);
}

int admission_update(const struct op *op, const json *obj, const json *live, struct error **err)
{
    return check_owners(op, obj, live, err);
}

int admission_delete(const struct op *op, struct error **err)
{
    const char *const kept[] = { "default", "kube-system", "kube-public" };
    struct fail_object o = op_object(op, NULL);
    for (size_t i = 0; str_eq(op->r->collection, "/namespaces") && i < ARRAY_LEN(kept); i++)
        if (str_eq(op->rq->name, kept[i]))
            return fail_forbidden(err, &o, "this namespace may not be deleted");
    return 0;
}
