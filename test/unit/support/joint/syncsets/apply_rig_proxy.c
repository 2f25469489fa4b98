#include "test/unit/support/joint/syncsets/apply_rig_proxy.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

char *rig_give_refusal(int status)
{
    return xasprintf(
        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":"
        "\"injected\",\"reason\":\"%s\",\"details\":{\"name\":\"x\"},\"code\":%d}",
        status == 409   ? "Conflict"
        : status == 422 ? "Invalid"
                        : "InternalError",
        status);
}

void rig_proxy_open(struct apply_rig *r, const char *url)
{
    const struct http_peer_config cfg = { .proxy_url = "" };
    struct error *err = NULL;
    if (http_peer_new(r->http, &cfg, &r->control, &err) < 0)
        fail_msg("%s", error_text(err));
    r->control_url = xstrdup(url);
}

void rig_proxy_close(struct apply_rig *r)
{
    http_peer_unref(r->control);
    free(r->control_url);
}

/* Owned. body NULL: none. */
static json *control(struct apply_rig *r, const char *method, const char *path, const json *body)
{
    cleanup_free char *url = xasprintf("%s%s", r->control_url, path);
    cleanup_free char *text = body ? json_give_text(body) : NULL;
    cleanup_request struct http_request req = {
        .method = method, .url = url, .body = text, .body_len = text ? strlen(text) : 0
    };
    cleanup_response struct http_response reply = { 0 };
    struct error *err = NULL;
    json *tree = NULL;
    if (http_send(http_peer_transport(r->control), &r->ctx, &req, &reply, &err) < 0)
        fail_msg("the fault proxy: %s", error_text(err));
    if (reply.status != 200 || json_parse(reply.body.data, reply.body.len, &tree, NULL) < 0)
        fail_msg("the fault proxy: %s %s: %d", method, path, reply.status);
    return tree;
}

void rig_proxy_clear(struct apply_rig *r)
{
    cleanup_json json *none = json_new_array();
    json_free(control(r, "PUT", "/rules", none));
}

void rig_proxy_fail(struct apply_rig *r, const char *method, const char *path, int status,
                    int times)
{
    cleanup_free char *pattern = xasprintf("*%s", path), *body = rig_give_refusal(status);
    cleanup_json json *rules = control(r, "GET", "/rules", NULL);
    json_append(rules, json_make("{'method':%s,'path':%s,'status':%d,'times':%d,'body':%s}", method,
                                 pattern, status, times, body));
    json_free(control(r, "PUT", "/rules", rules));
}

/* A request that is told from all others: the proxy's list has an end, so that an index would not do. */
void rig_proxy_mark(struct apply_rig *r)
{
    char uuid[UUID_LEN + 1];
    rng_uuid(rng_system(), uuid);
    free(r->mark);
    r->mark = xasprintf("mark=%s", uuid);
    struct kube_raw raw = { .method = "GET", .path = "/version", .query = r->mark };
    cleanup_response struct http_response reply = { 0 };
    assert_int_equal(kube_send_raw(r->kube, &r->ctx, &raw, &reply, NULL), 0);
}

struct rig_counts rig_proxy_count(struct apply_rig *r)
{
    struct rig_counts n = { 0 };
    bool marked = false;
    cleanup_json json *list = control(r, "GET", "/requests", NULL);
    for (size_t i = 0; i < json_len(list); i++) {
        const json *request = json_at(list, i);
        if (marked)
            rig_count_one(&n, json_path_str(request, "method"));
        marked = marked || str_eq(json_path_str(request, "query"), r->mark);
    }
    assert_true(marked);
    return n;
}
