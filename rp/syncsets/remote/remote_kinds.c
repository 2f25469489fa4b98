/* What the API server offers: discovery under the cluster's limits. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/remote/remote_impl.h"

#define GROUP_MAX ((size_t)1 << 20)

static bool is_no_match(const struct error *e)
{
    return error_is(e, ERR_NOT_FOUND) && str_eq(error_get_code(e), "NoMatch");
}

static int find_once(struct sets_remote *r, const struct opctx *ctx, const char *api_version,
                     const char *kind, const struct gvr **ret, struct error **err)
{
    struct kube_client *k;
    if (sets_remote_begin(r, ctx, NULL, &k, err) < 0)
        return -1;
    int rc = discovery_find(remote_active(r)->discovery, ctx, api_version, kind, ret, err);
    sets_remote_end(r);
    return rc;
}

int sets_remote_find(struct sets_remote *r, const struct opctx *ctx, const char *api_version,
                     const char *kind, const struct gvr **ret, struct error **err)
{
    cleanup_error struct error *e = NULL;
    if (find_once(r, ctx, api_version, kind, ret, &e) == 0)
        return 0;
    if (!is_no_match(e))
        return error_move(err, &e);
    sets_remote_forget_kinds(r); /* that there is none may be old knowledge */
    return find_once(r, ctx, api_version, kind, ret, err);
}

void sets_remote_forget_kinds(struct sets_remote *r)
{
    for (int i = 0; i < r->urls_len; i++)
        discovery_forget(r->urls[i].discovery);
    pthread_mutex_lock(&r->mu);
    r->documents_ns = 0;
    pthread_mutex_unlock(&r->mu);
}

/* The versions of a group, as an APIGroup; an error of ERR_NOT_FOUND when there is no such group. */
static int fetch_group(struct sets_remote *r, const struct opctx *ctx, const char *group,
                       json **ret, struct error **err)
{
    cleanup_free char *path = xasprintf("/apis/%s", group);
    struct kube_raw raw = { .method = "GET", .path = path, .max_body = GROUP_MAX };
    cleanup_response struct http_response reply = { 0 };
    struct kube_client *k;
    if (sets_remote_begin(r, ctx, NULL, &k, err) < 0)
        return -1;
    int rc = kube_send_raw(k, ctx, &raw, &reply, err);
    sets_remote_end(r);
    if (rc < 0)
        return -1;
    return json_parse_object(reply.body.data, reply.body.len, ret, err);
}

static int fail_no_match(const char *group, const char *kind, struct error **err)
{
    error_set(err, ERR_NOT_FOUND, "the server has no kind %s in %s", kind, *group ? group : "v1");
    error_code(err, "NoMatch");
    return -1;
}

int sets_remote_find_any(struct sets_remote *r, const struct opctx *ctx, const char *group,
                         const char *version, const char *kind, const struct gvr **ret,
                         struct error **err)
{
    cleanup_free char *api_version = *group ? xasprintf("%s/%s", group, version) : xstrdup(version);
    cleanup_error struct error *e = NULL;
    if (sets_remote_find(r, ctx, api_version, kind, ret, &e) == 0)
        return 0;
    if (!is_no_match(e))
        return error_move(err, &e);
    cleanup_json json *versions = NULL;
    if (!*group)
        return fail_no_match(group, kind, err);
    if (fetch_group(r, ctx, group, &versions, &e) < 0)
        return error_is(e, ERR_NOT_FOUND) ? fail_no_match(group, kind, err) : error_move(err, &e);
    const json *list = json_get(versions, "versions");
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        const char *other = json_path_str(json_at(list, i), "groupVersion");
        if (!other || strcmp(other, api_version) == 0)
            continue;
        if (find_once(r, ctx, other, kind, ret, &e) == 0)
            return 0;
        if (!is_no_match(e))
            return error_move(err, &e);
    }
    return fail_no_match(group, kind, err);
}
