/* References to objects and the URL paths that they become. */
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/client.h"

/* What a path segment may hold literally, beside the unreserved characters (as Go's url.URL). */
#define SEGMENT_KEEPS "$&+,:;=@"

static bool is_set(const char *s)
{
    return s && *s;
}

static int add_segment(struct buf *path, const char *what, const char *text, struct error **err)
{
    if (!is_set(text))
        return error_set(err, ERR_INVALID, "%s may not be empty", what);
    if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        return error_set(err, ERR_INVALID, "%s may not be '%s'", what, text);
    if (strpbrk(text, "/%"))
        return error_set(err, ERR_INVALID, "%s '%s' may not contain '/' or '%%'", what, text);

    cleanup_free char *escaped = percent_give_keeping(text, SEGMENT_KEEPS);
    buf_addc(path, '/');
    buf_adds(path, escaped);
    return 0;
}

static int add_group_version(struct buf *path, const struct gvr *r, struct error **err)
{
    bool core = !is_set(r->group);
    buf_adds(path, core ? "/api" : "/apis");
    if (!core && add_segment(path, "group", r->group, err) < 0)
        return -1;
    return add_segment(path, "version", r->version, err);
}

/* Refuses references that would reach another object than the one that was meant. */
static int check_ref(const struct kube_ref *ref, struct error **err)
{
    if (!ref->gvr)
        return error_set(err, ERR_INVALID, "a reference without a kind");
    const char *resource = ref->gvr->resource;
    if (!ref->gvr->namespaced && is_set(ref->nspace))
        return error_set(err, ERR_INVALID, "%s are not namespaced, but a namespace is given",
                         resource);
    if (ref->gvr->namespaced && ref->name && !is_set(ref->nspace))
        return error_set(err, ERR_INVALID,
                         "an empty namespace may not be set when a name of %s is given", resource);
    if (ref->subresource && !ref->name)
        return error_set(err, ERR_INVALID, "subresource %s of %s needs a name", ref->subresource,
                         resource);
    return 0;
}

int kube_give_path(const struct kube_ref *ref, char **ret, struct error **err)
{
    if (check_ref(ref, err) < 0)
        return -1;

    cleanup_buf struct buf path = BUF_INIT(BUF_UNBOUNDED);
    if (add_group_version(&path, ref->gvr, err) < 0)
        return -1;
    if (is_set(ref->nspace)) {
        buf_adds(&path, "/namespaces");
        if (add_segment(&path, "namespace", ref->nspace, err) < 0)
            return -1;
    }
    if (add_segment(&path, "resource", ref->gvr->resource, err) < 0)
        return -1;
    if (ref->name && add_segment(&path, "name", ref->name, err) < 0)
        return -1;
    if (ref->subresource && add_segment(&path, "subresource", ref->subresource, err) < 0)
        return -1;
    *ret = buf_give(&path);
    return 0;
}

int kube_ref_of(const json *obj, struct kube_ref *ret, struct error **err)
{
    const char *api_version, *kind;
    if (json_need_str(obj, "apiVersion", &api_version, err) < 0 ||
        json_need_str(obj, "kind", &kind, err) < 0)
        return -1;
    const struct gvr *gvr = gvr_find(api_version, kind);
    if (!gvr)
        return error_set(err, ERR_NOT_FOUND, "kind %s of %s is not in the table of kinds", kind,
                         api_version);
    *ret = (struct kube_ref){
        .gvr = gvr,
        /* kubectl, too, ignores a namespace written into a cluster-scoped object. */
        .nspace = gvr->namespaced ? json_path_str(obj, "metadata.namespace") : NULL,
        .name = json_path_str(obj, "metadata.name"),
    };
    return 0;
}
