/* get, create, update, delete: one object at a time. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/client_impl.h"
#include "pkg/net/url.h"

static int read_reply(const struct http_response *r, json **ret, struct error **err)
{
    if (!ret)
        return 0;
    if (json_parse_object(r->body.data, r->body.len, ret, err) < 0)
        return error_wrap(err, "the API server's answer (status %d)", r->status);
    return 0;
}

int verb_send(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
              const struct verb_call *call, json **ret, struct error **err)
{
    cleanup_free char *path = NULL;
    if (kube_give_path(ref, &path, err) < 0)
        return -1;
    cleanup_free char *body = call->body ? json_give_text(call->body) : NULL;
    struct kube_raw raw = {
        .method = call->method,
        .path = path,
        .query = call->query,
        .accept = call->accept,
        .content_type = call->content_type,
        .body = body,
        .body_len = body ? strlen(body) : 0,
        .traffic = k->opt.traffic,
    };
    cleanup_response struct http_response r = { 0 };
    int rc = request_send(k, ctx, &raw, call->flags, &r, err);
    if (rc == 0)
        rc = read_reply(&r, ret, err);
    if (body) /* it may be a Secret */
        secret_wipe(body, raw.body_len);
    return rc;
}

/* The query of a write; query is empty when nothing is set. */
static void add_write_query(struct buf *query, const struct kube_write_options *opt)
{
    if (!opt)
        return;
    url_add_query(query, "dryRun", opt->dry_run ? "All" : NULL);
    url_add_query(query, "fieldManager", opt->field_manager);
    url_add_query(query, "fieldValidation", opt->field_validation);
    url_add_query(query, "force", opt->force ? "true" : NULL);
}

/* url_add_query writes a leading '?', kube_raw.query has none. */
static const char *query_text(const struct buf *query)
{
    const char *text = buf_str(query);
    return *text == '?' ? text + 1 : NULL;
}

int kube_get(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref, json **ret,
             struct error **err)
{
    if (!ref->name)
        return error_set(err, ERR_INVALID, "get needs a name");
    return verb_send(k, ctx, ref, &(struct verb_call){ .method = "GET" }, ret, err);
}

int kube_create(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
                const json *obj, const struct kube_write_options *opt, json **ret,
                struct error **err)
{
    struct kube_ref to = *ref;
    if (!to.subresource)
        to.name = NULL; /* the name is in the object; POST goes to the collection */
    if (to.gvr && to.gvr->namespaced && (!to.nspace || !*to.nspace))
        return error_set(err, ERR_INVALID,
                         "an empty namespace may not be set during creation of %s",
                         to.gvr->resource);
    if (opt && opt->force)
        return error_set(err, ERR_INVALID, "force is for apply only");
    cleanup_buf struct buf query = BUF_INIT(BUF_UNBOUNDED);
    add_write_query(&query, opt);
    return verb_send(
        k, ctx, &to,
        &(struct verb_call){ .method = "POST",
                             .query = query_text(&query),
                             .body = obj,
                             .flags = opt && opt->existing_will_do ? CALL_REPEATABLE : 0 },
        ret, err);
}

int kube_update(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
                const json *obj, const struct kube_write_options *opt, json **ret,
                struct error **err)
{
    if (!ref->name)
        return error_set(err, ERR_INVALID, "update needs a name");
    if (opt && opt->force)
        return error_set(err, ERR_INVALID, "force is for apply only");
    cleanup_buf struct buf query = BUF_INIT(BUF_UNBOUNDED);
    add_write_query(&query, opt);
    return verb_send(
        k, ctx, ref,
        &(struct verb_call){ .method = "PUT", .query = query_text(&query), .body = obj }, ret, err);
}

int kube_patch(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
               enum kube_patch type, const json *patch, const struct kube_write_options *opt,
               json **ret, struct error **err)
{
    static const char *const media_types[] = {
        [KUBE_PATCH_JSON] = "application/json-patch+json",
        [KUBE_PATCH_MERGE] = "application/merge-patch+json",
        [KUBE_PATCH_STRATEGIC] = "application/strategic-merge-patch+json",
        [KUBE_PATCH_APPLY] = "application/apply-patch+yaml", /* JSON is YAML */
    };
    if (!ref->name)
        return error_set(err, ERR_INVALID, "patch needs a name");
    bool apply = type == KUBE_PATCH_APPLY;
    if (apply && (!opt || !opt->field_manager || !*opt->field_manager))
        return error_set(err, ERR_INVALID, "apply needs a field manager");
    if (!apply && opt && opt->force)
        return error_set(err, ERR_INVALID, "force is for apply only");
    cleanup_buf struct buf query = BUF_INIT(BUF_UNBOUNDED);
    add_write_query(&query, opt);
    return verb_send(k, ctx, ref,
                     &(struct verb_call){ .method = "PATCH",
                                          .query = query_text(&query),
                                          .content_type = media_types[type],
                                          .body = patch },
                     ret, err);
}

int kube_apply(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
               const json *obj, const struct kube_write_options *opt, json **ret,
               struct error **err)
{
    if (!json_path_has(obj, "metadata.managedFields") &&
        !json_path_has(obj, "metadata.resourceVersion"))
        return kube_patch(k, ctx, ref, KUBE_PATCH_APPLY, obj, opt, ret, err);
    cleanup_json json *body = json_give_copy(obj);
    json_path_del(body, "metadata.managedFields");
    json_path_del(body, "metadata.resourceVersion");
    return kube_patch(k, ctx, ref, KUBE_PATCH_APPLY, body, opt, ret, err);
}

/* NULL when nothing is set: then the request has no body. */
static json *give_delete_options(const struct kube_delete_options *opt)
{
    if (!opt || (opt->grace_period_s < 0 && !opt->propagation && !opt->uid &&
                 !opt->resource_version && !opt->dry_run))
        return NULL;
    json *body = json_make("{'kind':'DeleteOptions','apiVersion':'v1'}");
    if (opt->grace_period_s >= 0)
        json_put(body, "gracePeriodSeconds", json_new_int(opt->grace_period_s));
    if (opt->propagation)
        json_put(body, "propagationPolicy", json_new_str(opt->propagation));
    if (opt->dry_run)
        json_put(body, "dryRun", json_make("['All']"));
    if (opt->uid || opt->resource_version)
        json_put(body, "preconditions", json_new_object());
    if (opt->uid)
        json_put(json_get(body, "preconditions"), "uid", json_new_str(opt->uid));
    if (opt->resource_version)
        json_put(json_get(body, "preconditions"), "resourceVersion",
                 json_new_str(opt->resource_version));
    return body;
}

int kube_delete(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
                const struct kube_delete_options *opt, struct error **err)
{
    if (!ref->name)
        return error_set(err, ERR_INVALID, "delete needs a name");
    cleanup_json json *body = give_delete_options(opt);
    return verb_send(k, ctx, ref, &(struct verb_call){ .method = "DELETE", .body = body }, NULL,
                     err);
}

int kube_delete_if_present(struct kube_client *k, const struct opctx *ctx,
                           const struct kube_ref *ref, struct error **err)
{
    cleanup_error struct error *e = NULL;
    if (kube_delete(k, ctx, ref, NULL, &e) == 0 || error_is(e, ERR_NOT_FOUND))
        return 0;
    return error_move(err, &e);
}

int kube_delete_collection(struct kube_client *k, const struct opctx *ctx,
                           const struct kube_ref *ref, const char *label_selector,
                           const char *field_selector, bool all,
                           const struct kube_delete_options *opt, struct error **err)
{
    bool selects = (label_selector && *label_selector) || (field_selector && *field_selector);
    if (ref->name)
        return error_set(err, ERR_INVALID, "deleting a collection takes no name");
    if (!selects && !all)
        return error_set(err, ERR_INVALID,
                         "deleting a collection needs a selector, or to be told to delete all");
    cleanup_buf struct buf query = BUF_INIT(BUF_UNBOUNDED);
    url_add_query(&query, "labelSelector", label_selector);
    url_add_query(&query, "fieldSelector", field_selector);
    cleanup_json json *body = give_delete_options(opt);
    return verb_send(
        k, ctx, ref,
        &(struct verb_call){ .method = "DELETE", .query = query_text(&query), .body = body }, NULL,
        err);
}
