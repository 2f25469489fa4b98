/* The operator's pods: their logs through the API server, their ports directly. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/e2e/e2e.h"

#define LOG_MAX ((size_t)64 << 20)

int e2e_pods(struct e2e *t, const char *app, json **ret, struct error **err)
{
    cleanup_free char *selector = xasprintf("app=%s", app);
    struct kube_list_options opt = { .label_selector = selector };
    cleanup_json json *list = NULL;
    if (kube_list(t->kube, t->ctx, KUBE_REF(&GVR_PODS, OPERATOR_NS, NULL), &opt, &list, err) < 0)
        return error_wrap(err, "listing the pods of %s", app);
    json *items = json_get(list, "items");
    for (size_t i = json_len(items); i > 0; i--)
        if (json_path(json_at(items, i - 1), "metadata.deletionTimestamp"))
            json_remove_at(items, i - 1);
    if (json_len(items) == 0)
        return error_set(err, ERR_NOT_FOUND, "%s has no pod", app);
    *ret = take(list);
    return 0;
}

/* Where a pod listens. A simulated kubelet runs pods on loopback addresses, which the API server would refuse in the
 * status; E2E_POD_NET says what stands there instead of the first number. */
static char *give_address(const struct e2e *t, const json *pod)
{
    const char *ip = json_path_str(pod, "status.podIP");
    const char *net = env_get_or(t->env, "E2E_POD_NET", NULL);
    const char *rest = ip ? strchr(ip, '.') : NULL;
    return net && rest ? xasprintf("%s%s", net, rest) : xstrdup(ip ? ip : "");
}

int e2e_call_pod(struct e2e *t, const json *pod, const char *method, int port, const char *path,
                 const char *body, struct http_response *ret, struct error **err)
{
    cleanup_free char *address = give_address(t, pod);
    cleanup_free char *url = xasprintf("http://%s:%d%s", address, port, path);
    cleanup_request struct http_request req = { .method = method,
                                                .url = url,
                                                .body = body,
                                                .body_len = body ? strlen(body) : 0,
                                                .timeout_ms = 10000 };
    if (body)
        http_headers_set(&req.headers, "Content-Type", "application/json");
    return http_send(t->http, t->ctx, &req, ret, err);
}

struct log_sink_buf {
    struct http_sink base;
    struct buf text;
};

static bool want_text(struct http_sink *sink, const struct http_response *head)
{
    (void)sink;
    return head->status == 200;
}

static int add_text(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    struct log_sink_buf *s = container_of(sink, struct log_sink_buf, base);
    buf_add(&s->text, data, len);
    return buf_check(&s->text, err);
}

int e2e_pod_log(struct e2e *t, const json *pod, char **ret, struct error **err)
{
    struct log_sink_buf s = { .base = { want_text, add_text }, .text = BUF_INIT(LOG_MAX) };
    struct kube_log_options opt = { .tail_lines = -1 };
    const char *name = json_path_str(pod, "metadata.name");
    int rcode = kube_logs(t->kube, t->ctx, OPERATOR_NS, name, &opt, &s.base, err);
    if (rcode == 0)
        rcode = buf_take(&s.text, ret, err);
    buf_release(&s.text);
    return rcode < 0 ? error_wrap(err, "reading the log of pod %s", name) : 0;
}
