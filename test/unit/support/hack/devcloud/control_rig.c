#include "test/unit/support/hack/devcloud/control_rig.h"

#include <string.h>

#include "hack/devcloud/cluster/serve.h"
#include "hack/devcloud/controllers/served.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/trees.h"

static char server[] = "https://api.test:6443";
static char nspace[] = "default";
static char ca_pem[] = "the root certificate\n";

static const char *const methods[] = { "GET", "PUT", "POST", "PATCH", "DELETE" };

/* ---- the transport ---- */

struct stream { /* a watch on its way to a sink; the reader is the sender's thread */
    struct watch_sink sink;
    struct waker waker;
    struct buf pending;
    bool ended;
};

static int stream_write(struct watch_sink *sink, const char *data, size_t len)
{
    struct stream *s = container_of(sink, struct stream, sink);
    waker_lock(&s->waker);
    buf_add(&s->pending, data, len);
    waker_unlock(&s->waker);
    waker_signal(&s->waker);
    return 0;
}

static void stream_end(struct watch_sink *sink)
{
    struct stream *s = container_of(sink, struct stream, sink);
    waker_lock(&s->waker);
    s->ended = true;
    waker_unlock(&s->waker);
    waker_signal(&s->waker);
}

/* The next bytes, owned by the caller; 0 with NULL: the stream is over. */
static int stream_take(struct stream *s, char **ret, size_t *ret_len, struct error **err)
{
    int rcode = 0;
    *ret = NULL;
    waker_lock(&s->waker);
    while (rcode == 0 && !s->pending.len && !s->ended)
        rcode = waker_wait(&s->waker, CLOCK_NEVER, err);
    if (rcode == 0 && s->pending.len) {
        *ret_len = s->pending.len;
        *ret = buf_give(&s->pending);
        s->pending = (struct buf)BUF_INIT(BUF_UNBOUNDED);
    }
    waker_unlock(&s->waker);
    return rcode;
}

static int stream_to(struct watch *w, const struct opctx *ctx, const struct http_request *req,
                     struct http_response *ret, struct error **err)
{
    struct stream s = { .sink = { stream_write, stream_end }, .pending = BUF_INIT(BUF_UNBOUNDED) };
    int rcode = 0;
    waker_init(&s.waker, ctx);
    if (req->sink->on_head(req->sink, ret)) {
        watch_start(w, &s.sink);
        for (char *data = NULL; rcode == 0;) {
            size_t len = 0;
            rcode = stream_take(&s, &data, &len, err);
            if (!data)
                break;
            rcode = req->sink->on_data(req->sink, data, len, err);
            free(data);
        }
    }
    watch_free(w);
    waker_release(&s.waker);
    buf_release(&s.pending);
    return rcode;
}

static void parse_url(struct api_request *rq, const struct http_request *req)
{
    cleanup_free char *path = xstrdup(req->url + strlen(server));
    char *query = strchr(path, '?');
    const char *method = NULL;
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (str_eq(methods[i], req->method))
            method = methods[i];
    if (query)
        *query++ = '\0';
    if (api_request_init(rq, method, path, query, NULL) < 0)
        abort();
    rq->user.name = xstrdup("system:kube-controller-manager");
    strv_add(&rq->user.groups, "system:authenticated");
    rq->user_agent = http_headers_get(&req->headers, "User-Agent");
    rq->accept = http_headers_get(&req->headers, "Accept");
    rq->content_type = http_headers_get(&req->headers, "Content-Type");
    rq->body = req->body ? req->body : "";
    rq->body_len = req->body_len;
}

static void tell_changed(struct control_rig *r)
{
    pthread_mutex_lock(&r->mu);
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->mu);
}

static int send(struct http_transport *t, const struct opctx *ctx, const struct http_request *req,
                struct http_response *ret, struct error **err)
{
    struct control_rig *r = container_of(t, struct control_rig, transport);
    cleanup_api_request struct api_request rq = { 0 };
    cleanup_api_reply struct api_reply reply;
    *ret = (struct http_response){ .version = 11, .body = BUF_INIT(BUF_UNBOUNDED) };
    api_reply_init(&reply);
    if (opctx_check(ctx, err) < 0)
        return -1;
    parse_url(&rq, req);
    serve(r->cluster.c, &rq, &reply);
    ret->status = reply.status;
    http_headers_set(&ret->headers, "Content-Type", "application/json");
    if (reply.watch)
        return stream_to(reply.watch, ctx, req, ret, err);
    if (!str_eq(req->method, "GET"))
        tell_changed(r);
    if (req->sink && req->sink->on_head(req->sink, ret))
        return req->sink->on_data(req->sink, reply.body.data, reply.body.len, err);
    buf_add(&ret->body, reply.body.data, reply.body.len);
    return 0;
}

/* ---- the rig ---- */

static void open_rig(struct control_rig *r, const struct clock *live)
{
    *r = (struct control_rig){ .transport = { send },
                               .config = { .server = server, .nspace = nspace } };
    cluster_rig_init(&r->cluster);
    if (live)
        r->cluster.cfg.clock = live;
    else
        atomic_store(&r->cluster.clock.auto_advance, true);
    r->cluster.cfg.owner_enforcement = true;
    cluster_rig_start(&r->cluster);
    const struct clock *clock = r->cluster.cfg.clock;
    fake_env_init(&r->env);
    log_capture_init(&r->capture, clock);
    r->log = log_root(&r->capture.base);
    r->stop = stop_new(NULL);
    r->ctx = opctx_root(clock, &r->cluster.rng.base, r->stop, &r->log);
    pthread_mutex_init(&r->mu, NULL);
    pthread_cond_init(&r->changed, NULL);
    struct kube_client_options options = {
        .qps = -1, .clock = clock, .rng = &r->cluster.rng.base, .env = &r->env.base, .log = &r->log
    };
    assert_int_equal(
        kube_client_new_over(&r->transport, &r->config, &options, &r->control.kube, NULL), 0);
    r->control.served = served_new(r->control.kube);
    r->control.ca_pem = ca_pem;
    r->control.clock = clock;
}

void control_rig_open(struct control_rig *r)
{
    open_rig(r, NULL);
}

void control_rig_open_live(struct control_rig *r)
{
    open_rig(r, clock_system());
}

void control_rig_close(struct control_rig *r)
{
    served_free(r->control.served);
    kube_client_free(r->control.kube);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->mu);
    stop_unref(r->stop);
    log_capture_release(&r->capture);
    fake_env_release(&r->env);
    cluster_rig_close(&r->cluster);
}

/* ---- objects ---- */

static void must(struct control_rig *r, const char *method, const char *path, const char *body)
{
    cleanup_free char *line = xasprintf("%s %s", method, path);
    int status = cluster_rig_send(&r->cluster, line, body);
    if (status >= 300)
        fail_msg("%s: %d %s", line, status, r->cluster.text);
    tell_changed(r);
}

void control_rig_create(struct control_rig *r, const char *path, const char *object)
{
    must(r, "POST", path, object);
}

void control_rig_patch(struct control_rig *r, const char *path, const char *patch)
{
    must(r, "PATCH", path, patch);
}

void control_rig_delete(struct control_rig *r, const char *path_and_query)
{
    must(r, "DELETE", path_and_query, NULL);
}

json *control_rig_give(struct control_rig *r, const char *path_and_query)
{
    cleanup_free char *line = xasprintf("GET %s", path_and_query);
    int status = cluster_rig_send(&r->cluster, line, NULL);
    if (status == 404)
        return NULL;
    assert_int_equal(status, 200);
    return json_give_copy(r->cluster.last);
}

void control_rig_expect_len(struct control_rig *r, const char *path_and_query, size_t len)
{
    cleanup_json json *list = control_rig_give(r, path_and_query);
    assert_int_equal(json_len(json_get(list, "items")), len);
}

void control_rig_expect(struct control_rig *r, const char *path, const char *want)
{
    cleanup_json json *object = control_rig_give(r, path);
    if (!object)
        fail_msg("%s is absent", path);
    assert_contains(object, want);
}

void control_rig_expect_absent(struct control_rig *r, const char *path)
{
    cleanup_json json *object = control_rig_give(r, path);
    if (object)
        fail_msg("%s is there", path);
}

/* ---- nodes, pods ---- */

void control_rig_add_nodes(struct control_rig *r, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        cleanup_free char *node =
            xasprintf("{'metadata':{'name':'node-%zu','labels':{'role':'%s'}},'status':"
                      "{'conditions':[{'type':'Ready','status':'True'}]}}",
                      i, i % 2 ? "odd" : "even");
        cleanup_free char *path = xasprintf("/api/v1/nodes/node-%zu", i);
        control_rig_create(r, "/api/v1/nodes", node);
        control_rig_patch(r, path, "{'spec':{'taints':null}}"); /* not ready, says the API server */
    }
}

static void run_pod(struct control_rig *r, const json *pod, size_t i)
{
    cleanup_free char *path =
        xasprintf("/api/v1/namespaces/%s/pods/%s", json_path_str(pod, "metadata.namespace"),
                  json_path_str(pod, "metadata.name"));
    cleanup_free char *status_path = xasprintf("%s/status", path);
    cleanup_free char *gone = xasprintf("%s?gracePeriodSeconds=0", path);
    char now[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(r->control.clock), now);
    cleanup_free char *status =
        xasprintf("{'status':{'phase':'Running','podIP':'10.0.0.%zu','conditions':[{'type':'Ready',"
                  "'status':'True','lastTransitionTime':'%s'}]}}",
                  i + 1, now);
    if (json_path(pod, "metadata.deletionTimestamp"))
        control_rig_delete(r, gone);
    else if (json_path_str(pod, "spec.nodeName") && !json_path_str(pod, "status.podIP"))
        control_rig_patch(r, status_path, status);
}

void control_rig_run_pods(struct control_rig *r)
{
    cleanup_json json *pods = control_rig_give(r, "/api/v1/pods");
    for (size_t i = 0; i < json_len(json_get(pods, "items")); i++)
        run_pod(r, json_at(json_get(pods, "items"), i), i);
}

/* ---- behaviours ---- */

int64_t control_rig_reconcile(struct control_rig *r, const struct behaviour *b, const char *key)
{
    struct result result = { 0 };
    cleanup_error struct error *err = NULL;
    if (b->reconcile(&r->control, NULL, &r->ctx, key, &result, &err) < 0)
        fail_msg("%s %s: %s", b->name, key, error_text(err));
    return result.requeue_after_ms;
}

static bool is_as_wanted(struct control_rig *r, const char *path, const json *want)
{
    cleanup_json json *now = control_rig_give(r, path);
    if (!want || !now)
        return !want && !now;
    cleanup_json json *merged = json_give_merged(json_give_copy(now), want);
    return json_equal(merged, now);
}

void control_rig_await(struct control_rig *r, const char *path, const char *want)
{
    cleanup_json json *tree = loose_tree(want);
    pthread_mutex_lock(&r->mu);
    while (!is_as_wanted(r, path, tree))
        pthread_cond_wait(&r->changed, &r->mu);
    pthread_mutex_unlock(&r->mu);
}
