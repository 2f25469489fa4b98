/* Subresources with a shape of their own, and the loop around conflicts. */
#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/kube/client_impl.h"
#include "pkg/net/url.h"

#define CONFLICT_TRIES 5
#define CONFLICT_DELAY_NS (10 * NS_PER_MS)
#define CONFLICT_JITTER 0.1

int kube_scale(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
               int replicas, struct error **err)
{
    struct kube_ref scale = *ref;
    scale.subresource = "scale";
    cleanup_json json *patch = json_make("{'spec':{'replicas':%d}}", replicas);
    return kube_patch(k, ctx, &scale, KUBE_PATCH_MERGE, patch, NULL, NULL, err);
}

static int evict(struct kube_client *k, const struct opctx *ctx, const char *nspace,
                 const char *pod, const char *api_version, struct error **err)
{
    cleanup_json json *body =
        json_make("{'apiVersion':%s,'kind':'Eviction','metadata':{'name':%s,'namespace':%s}}",
                  api_version, pod, nspace);
    struct kube_ref ref = {
        .gvr = &GVR_PODS, .nspace = nspace, .name = pod, .subresource = "eviction"
    };
    return verb_send(
        k, ctx, &ref,
        &(struct verb_call){ .method = "POST", .body = body, .flags = CALL_NO_429_RETRY }, NULL,
        err);
}

/* 1.21 and older do not know the version; asking again in the other tells a bad request apart. */
static bool is_unknown_version(const struct error *e)
{
    return error_is(e, ERR_INVALID) && strstr(error_text(e), "policy/v1") != NULL;
}

int kube_evict(struct kube_client *k, const struct opctx *ctx, const char *nspace, const char *pod,
               struct error **err)
{
    cleanup_error struct error *e = NULL;
    int rc = -1;
    if (!atomic_load(&k->evicts_with_v1beta1)) {
        rc = evict(k, ctx, nspace, pod, "policy/v1", &e);
        if (rc < 0 && is_unknown_version(e))
            atomic_store(&k->evicts_with_v1beta1, true);
    }
    if (rc < 0 && atomic_load(&k->evicts_with_v1beta1)) {
        error_clear(&e);
        rc = evict(k, ctx, nspace, pod, "policy/v1beta1", &e);
    }
    if (rc == 0 || error_is(e, ERR_NOT_FOUND))
        return 0;
    return error_move(err, &e);
}

static void add_int(struct buf *query, const char *name, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%lld", (long long)value);
    url_add_query(query, name, text);
}

int kube_logs(struct kube_client *k, const struct opctx *ctx, const char *nspace, const char *pod,
              const struct kube_log_options *opt, struct http_sink *sink, struct error **err)
{
    cleanup_free char *path = NULL;
    struct kube_ref ref = { .gvr = &GVR_PODS, .nspace = nspace, .name = pod, .subresource = "log" };
    if (kube_give_path(&ref, &path, err) < 0)
        return -1;
    cleanup_buf struct buf query = BUF_INIT(BUF_UNBOUNDED);
    url_add_query(&query, "container", opt->container);
    url_add_query(&query, "follow", opt->follow ? "true" : NULL);
    url_add_query(&query, "previous", opt->previous ? "true" : NULL);
    url_add_query(&query, "timestamps", opt->timestamps ? "true" : NULL);
    if (opt->since_s > 0)
        add_int(&query, "sinceSeconds", opt->since_s);
    if (opt->tail_lines >= 0)
        add_int(&query, "tailLines", opt->tail_lines);
    if (opt->limit_bytes > 0)
        add_int(&query, "limitBytes", opt->limit_bytes);

    struct kube_raw raw = {
        .method = "GET",
        .path = path,
        .query = query.len > 0 ? buf_str(&query) + 1 : NULL,
        .accept = "*/*", /* text/plain yields 406 */
        .traffic = HTTP_CLASS_LOG,
        .sink = sink,
    };
    cleanup_response struct http_response r = { 0 };
    return request_send(k, ctx, &raw, opt->follow ? CALL_NO_TIMEOUT : 0, &r, err);
}

int kube_request_token(struct kube_client *k, const struct opctx *ctx, const char *nspace,
                       const char *service_account, const char *audience, int64_t expiration_s,
                       json **ret, struct error **err)
{
    cleanup_json json *body =
        json_make("{'apiVersion':'authentication.k8s.io/v1','kind':'TokenRequest','spec':{}}");
    if (audience)
        json_put(json_get(body, "spec"), "audiences", json_make("[%s]", audience));
    if (expiration_s > 0)
        json_put(json_get(body, "spec"), "expirationSeconds", json_new_int(expiration_s));
    struct kube_ref ref = { .gvr = &GVR_SERVICEACCOUNTS,
                            .nspace = nspace,
                            .name = service_account,
                            .subresource = "token" };
    return verb_send(k, ctx, &ref, &(struct verb_call){ .method = "POST", .body = body }, ret, err);
}

int kube_retry_on_conflict(const struct opctx *ctx, kube_try_fn fn, void *arg, struct error **err)
{
    cleanup_error struct error *last = NULL;
    for (int attempt = 0; attempt < CONFLICT_TRIES; attempt++) {
        if (attempt > 0) {
            int64_t ns = rng_jitter_ns(ctx->rng, CONFLICT_DELAY_NS, CONFLICT_JITTER);
            if (opctx_sleep_ms(ctx, (ns + NS_PER_MS - 1) / NS_PER_MS, NULL) < 0)
                break; /* the conflict says more than the deadline */
        }
        error_clear(&last);
        if (fn(arg, ctx, attempt, &last) == 0)
            return 0;
        if (!error_is(last, ERR_CONFLICT))
            break;
    }
    return error_move(err, &last);
}
