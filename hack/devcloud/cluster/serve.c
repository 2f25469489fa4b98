#include "hack/devcloud/cluster/serve.h"

#include <string.h>

#include "hack/devcloud/cluster/authorize.h"
#include "hack/devcloud/cluster/decode.h"
#include "hack/devcloud/cluster/discovery_doc.h"
#include "hack/devcloud/cluster/modify.h"
#include "hack/devcloud/cluster/openapi.h"
#include "hack/devcloud/cluster/openapi_bytes.h"
#include "hack/devcloud/cluster/pod_log.h"
#include "hack/devcloud/cluster/read.h"
#include "hack/devcloud/cluster/remove.h"
#include "hack/devcloud/cluster/reply.h"
#include "hack/devcloud/cluster/review.h"
#include "hack/devcloud/cluster/selector.h"
#include "hack/devcloud/cluster/subresource.h"
#include "hack/devcloud/cluster/watch.h"
#include "pkg/base/mem.h"

static void reply_text(struct api_reply *reply, int status, const char *text)
{
    reply->status = status;
    free(reply->content_type);
    reply->content_type = xstrdup("text/plain; charset=utf-8");
    buf_clear(&reply->body);
    buf_adds(&reply->body, text);
}

static int fail_unknown(struct error **err)
{
    return fail_with(err, 404, "NotFound", json_new_object(),
                     "the server could not find the requested resource");
}

/* ---- documents ---- */

static json *give_paths(const struct kinds *k)
{
    cleanup_strv struct strv paths = STRV_INIT;
    const char *const fixed[] = { "/api",        "/apis",       "/healthz", "/livez",
                                  "/openapi/v2", "/openapi/v3", "/readyz",  "/version" };
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        strv_add(&paths, fixed[i]);
    for (size_t i = 0; i < kinds_len(k); i++) {
        const struct resource *r = kinds_at(k, i);
        cleanup_free char *path = *r->group ? xasprintf("/apis/%s/%s", r->group, r->version)
                                            : xasprintf("/api/%s", r->version);
        strv_add_unique(&paths, path);
    }
    strv_sort(&paths);
    json *list = json_new_array();
    for (size_t i = 0; i < paths.len; i++)
        json_append(list, json_new_str(paths.v[i]));
    return json_make("{'paths':%j}", list);
}

static json *give_openapi(const struct kinds *k, const struct strv *s)
{
    if (s->len == 2)
        return openapi_give_index(k);
    if (s->len == 4 && str_eq(s->v[2], "api"))
        return openapi_give_version(k, "", s->v[3]);
    return s->len == 5 && str_eq(s->v[2], "apis") ? openapi_give_version(k, s->v[3], s->v[4])
                                                  : NULL;
}

static json *give_discovery(const struct kinds *k, const struct strv *s, const struct media *media)
{
    bool core = str_eq(s->v[0], "api");
    if (s->len == 1 && media->shape == SHAPE_GROUPS)
        return discovery_give_aggregated(k, core, media->version);
    if (s->len == 1)
        return core ? discovery_give_core() : discovery_give_groups(k);
    if (core)
        return s->len == 2 ? discovery_give_resources(k, "", s->v[1]) : NULL;
    if (s->len == 2)
        return discovery_give_group(k, s->v[1]);
    return s->len == 3 ? discovery_give_resources(k, s->v[1], s->v[2]) : NULL;
}

static json *give_document(struct cluster *c, const struct kinds *k, const struct strv *s,
                           const struct media *media)
{
    const char *root = s->len ? s->v[0] : "";
    if (!*root)
        return give_paths(k);
    if (str_eq(root, "version") && s->len == 1)
        return discovery_give_version(c);
    if (str_eq(root, "api") || str_eq(root, "apis"))
        return give_discovery(k, s, media);
    if (str_eq(root, "openapi") && s->len >= 2 && str_eq(s->v[1], "v3") && cluster_has(c, 24))
        return give_openapi(k, s);
    if (str_eq(root, "openapi") && s->len == 2 && str_eq(s->v[1], "v2"))
        return openapi_give_v2(k);
    return NULL;
}

static void set_discovery_type(struct api_reply *reply, const struct media *media)
{
    if (media->shape == SHAPE_GROUPS)
        reply->content_type = xasprintf(
            "application/json;g=apidiscovery.k8s.io;v=%s;as=APIGroupDiscoveryList", media->version);
}

static int serve_document(struct cluster *c, const struct api_request *rq, struct kinds *k,
                          struct api_reply *reply, struct error **err)
{
    cleanup_strv struct strv segments = STRV_INIT;
    struct media media;
    strv_split(&segments, rq->path, "/", false);
    const char *root = segments.len ? segments.v[0] : "";
    if (str_eq(root, "healthz") || str_eq(root, "livez") || str_eq(root, "readyz")) {
        reply_text(reply, 200, "ok");
        return 0;
    }
    if (str_eq(rq->path, "/openapi/v2") && rq->accept && strstr(rq->accept, OPENAPI_V2_PROTOBUF)) {
        cleanup_json json *doc = openapi_give_v2(k);
        reply->content_type = xstrdup("application/octet-stream");
        openapi_write_bytes(&reply->body, doc);
        return 0;
    }
    if (!media_parse(rq->accept, cluster_has(c, 26) ? MEDIA_DISCOVERY : 0, &media))
        return fail_with(err, 406, "NotAcceptable", json_new_object(),
                         "only the following media types are accepted: application/json, "
                         "application/yaml, application/vnd.kubernetes.protobuf");
    cleanup_json json *doc = str_eq(rq->method, "GET") || str_eq(rq->method, "HEAD")
                                 ? give_document(c, k, &segments, &media)
                                 : NULL;
    if (!doc) {
        reply_text(reply, 404, "404 page not found\n");
        return 0;
    }
    /* Only the two roots come aggregated. */
    if (segments.len != 1 || (!str_eq(root, "api") && !str_eq(root, "apis")))
        media.shape = SHAPE_OBJECT;
    reply_tree(reply, &media, 200, doc);
    set_discovery_type(reply, &media);
    return 0;
}

/* ---- resources ---- */

static int serve_watch(const struct op *op, struct error **err)
{
    return watch_open(op, &op->reply->watch, err);
}

static const struct {
    const char *verb;
    int (*serve)(const struct op *op, struct error **err);
} verbs[] = {
    { "get", read_get },         { "list", read_list },
    { "watch", serve_watch },    { "create", modify_create },
    { "update", modify_update }, { "patch", modify_patch },
    { "delete", remove_one },    { "deletecollection", remove_collection },
};

static int serve_review(const struct op *op, const struct review *review, struct error **err)
{
    cleanup_json json *body = NULL;
    if (decode_body_of(op, op->r->schema->name, &body, err) < 0)
        return -1;
    return review->serve(op, body, err);
}

static int serve_subresource(const struct op *op, struct error **err)
{
    const struct subresource *s = subresource_find(op);
    const char *verb = op->rq->verb;
    struct fail_object o = op_object(op, NULL);
    if (!resource_has_subresource(op->r, op->rq->subresource))
        return op->r->custom ? fail_not_found(err, &o) : fail_unknown(err);
    if (s)
        return s->serve(op, err);
    if (str_eq(op->rq->subresource, "log") && str_eq(verb, "get"))
        return pod_log_serve(op, err);
    if (!str_eq(op->rq->subresource, "status"))
        return fail_method(err, &o, verb);
    if (str_eq(verb, "get"))
        return read_get(op, err);
    if (str_eq(verb, "update"))
        return modify_update(op, err);
    return str_eq(verb, "patch") ? modify_patch(op, err) : fail_method(err, &o, verb);
}

static int serve_verb(const struct op *op, struct error **err)
{
    struct fail_object o = op_object(op, NULL);
    const struct review *review = review_find(op->r->collection);
    if (op->rq->subresource)
        return serve_subresource(op, err);
    if (!resource_has_verb(op->r, op->rq->verb))
        return fail_method(err, &o, op->rq->verb);
    /* A kind in a namespace can only be written and read singly inside one. */
    if (op->r->namespaced && !op->rq->nspace &&
        (op->rq->name || str_eq(op->rq->verb, "create") ||
         str_eq(op->rq->verb, "deletecollection")))
        return op->rq->name ? fail_unknown(err) : fail_method(err, &o, op->rq->verb);
    bool single = str_eq(op->rq->verb, "update") || str_eq(op->rq->verb, "patch");
    bool creates = str_eq(op->rq->verb, "create");
    if ((single && !op->rq->name) || (creates && op->rq->name))
        return fail_method(err, &o, op->rq->verb);
    if (review)
        return serve_review(op, review, err);
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (str_eq(verbs[i].verb, op->rq->verb))
            return verbs[i].serve(op, err);
    return fail_method(err, &o, op->rq->verb);
}

/* Built-in groups answer for all of their versions, definitions for those that they have. */
static bool has_version(const struct kinds *k, const struct api_request *rq)
{
    for (size_t i = 0; i < kinds_len(k); i++) {
        const struct resource *r = kinds_at(k, i);
        if (str_eq(r->group, rq->group) && (!r->custom || str_eq(r->version, rq->version)))
            return true;
    }
    return false;
}

static int serve_resource(struct cluster *c, const struct api_request *rq, struct kinds *k,
                          struct api_reply *reply, struct error **err)
{
    const struct resource *r = kinds_find(k, rq->group, rq->version, rq->resource);
    bool misplaced = r && !r->namespaced && rq->nspace && !str_eq(r->plural, "namespaces");
    if (misplaced ? r->custom : !r && !has_version(k, rq)) {
        reply_text(reply, 404, "404 page not found\n");
        return 0;
    }
    if (!r || misplaced)
        return fail_unknown(err);
    cleanup_op struct op op = { 0 };
    op_init(&op, c, rq, k, r, reply);
    if (r->warning)
        strv_add(&reply->warnings, r->warning);
    bool log = str_eq(rq->subresource, "log");
    if (!log && !media_parse(rq->accept, MEDIA_OBJECTS, &op.media))
        return fail_with(err, 406, "NotAcceptable", json_new_object(),
                         "only the following media types are accepted: application/json, "
                         "application/yaml, application/vnd.kubernetes.protobuf");
    return serve_verb(&op, err);
}

/* A collection narrowed to one name by a field selector is allowed where that name is. */
static struct field_selector *give_narrowed(const struct api_request *rq)
{
    struct field_selector *fields = NULL;
    const char *text = api_query(rq, "fieldSelector");
    if (!rq->name && text)
        (void)field_selector_parse(text, "", &fields, NULL);
    return fields;
}

static int check_access(struct cluster *c, const struct api_request *rq, struct error **err)
{
    struct access a = { .verb = rq->verb, .path = rq->path };
    cleanup_field_selector struct field_selector *narrowed = give_narrowed(rq);
    const char *name = narrowed ? field_selector_name(narrowed) : rq->name;
    if (rq->is_resource)
        a = (struct access){ .verb = rq->verb,
                             .group = rq->group,
                             .resource = rq->resource,
                             .subresource = rq->subresource,
                             .nspace = rq->nspace,
                             .name = name };
    return authorize(c, &rq->user, &a, NULL) ? 0 : authorize_fail(&rq->user, &a, err);
}

void serve(struct cluster *c, const struct api_request *rq, struct api_reply *reply)
{
    cleanup_error struct error *err = NULL;
    cleanup_kinds struct kinds *k = cluster_give_kinds(c);
    int rc = check_access(c, rq, &err);
    if (rc == 0)
        rc = rq->is_resource ? serve_resource(c, rq, k, reply, &err)
                             : serve_document(c, rq, k, reply, &err);
    if (rc < 0)
        reply_error(reply, NULL, err);
}
