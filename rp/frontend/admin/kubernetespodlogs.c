#include "pkg/base/mem.h"
#include "rp/frontend/admin/common.h"
#include "rp/frontend/admin/guards.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/admin/kube.h"

#define LIMIT_BYTES (50 << 20)

/* Its calls come from the client's thread, while the handler waits. */
struct collector {
    struct http_sink base;
    struct buf *out;
};

/* What is no log is an error's body. */
static bool takes(struct http_sink *sink, const struct http_response *head)
{
    (void)sink;
    return head->status == 200;
}

static int take_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    struct collector *c = container_of(sink, struct collector, base);
    buf_add(c->out, data, len);
    return buf_check(c->out, err);
}

static int read_logs(struct request *req, struct error **err)
{
    cleanup_free char *nspace = admin_give_text(req, "namespace");
    cleanup_free char *pod = admin_give_text(req, "podname");
    cleanup_free char *container = admin_give_text(req, "container");
    cleanup_admin_kube struct admin_kube k = { 0 };
    /* A server that knows no limit is cut off a little beyond it. */
    cleanup_buf struct buf logs = BUF_INIT(LIMIT_BYTES + (1 << 20));
    struct collector c = { { takes, take_data }, &logs };
    const struct kube_log_options opt = { .container = container,
                                          .tail_lines = -1,
                                          .limit_bytes = LIMIT_BYTES };

    if (guard_logs(nspace, pod, container, err) < 0 || admin_kube_open(req, &k, err) < 0 ||
        kube_logs(k.client, req->ctx, nspace, pod, &opt, &c.base, err) < 0)
        return -1;
    http_call_set_status(req->call, 200);
    http_call_set_header(req->call, "Content-Type", "text/plain");
    buf_add(http_call_out(req->call), buf_str(&logs), logs.len);
    return 0;
}

int handle_admin_pod_logs(struct request *req, struct error **err)
{
    return admin_kube_answer(req, read_logs, err);
}
