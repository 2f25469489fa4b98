#include "test/unit/support/pkg/kube/lease_server.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"

static int fail_status(struct http_response *ret, int status, const char *reason)
{
    ret->status = status;
    buf_addf(&ret->body,
             "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"%s\","
             "\"message\":\"%s\",\"code\":%d}",
             reason, reason, status);
    return status;
}

static void stamp(struct lease_server *s)
{
    cleanup_free char *version = xasprintf("%lld", (long long)++s->version);
    (void)json_set_str(s->lease, "metadata.resourceVersion", version, NULL);
}

static int answer(struct lease_server *s, struct http_response *ret, int status)
{
    json *shown = json_give_copy(s->lease);
    if (s->hides_version)
        (void)json_path_del(shown, "metadata.resourceVersion");
    ret->status = status;
    json_write(&ret->body, shown);
    json_free(shown);
    return status;
}

static int store(struct lease_server *s, const struct http_request *req, struct http_response *ret)
{
    bool creates = strcmp(req->method, "POST") == 0;
    json *body = NULL;
    if (json_parse_object(req->body, req->body_len, &body, NULL) < 0)
        return fail_status(ret, 400, "BadRequest");
    int status = creates ? 201 : 200;
    const char *version = json_path_str(body, "metadata.resourceVersion");
    if (creates && s->lease)
        status = fail_status(ret, 409, "AlreadyExists");
    else if (!creates && !s->lease)
        status = fail_status(ret, 404, "NotFound");
    else if (!creates && version &&
             strcmp(version, json_path_str(s->lease, "metadata.resourceVersion")) != 0)
        status = fail_status(ret, 409, "Conflict");
    if (status >= 400) {
        json_free(body);
        return status;
    }
    if (s->on_store)
        s->on_store(s->on_store_arg, json_path_str(body, "spec.holderIdentity"));
    json_free(s->lease);
    s->lease = body;
    stamp(s);
    return answer(s, ret, status);
}

static int handle(struct lease_server *s, const struct http_request *req, struct http_response *ret)
{
    if (strcmp(req->method, "GET") != 0)
        return store(s, req, ret);
    return s->lease ? answer(s, ret, 200) : fail_status(ret, 404, "NotFound");
}

static bool take_one(size_t *n)
{
    bool any = *n > 0;
    *n -= any;
    return any;
}

static int handle_or_fail(struct lease_server *s, const struct http_request *req,
                          struct http_response *ret, bool *ret_hangs, struct error **err)
{
    if (take_one(&s->mute)) {
        *ret_hangs = true;
        strv_addf(&s->log, "%s mute", req->method);
        return 0;
    }
    if (take_one(&s->down)) {
        strv_addf(&s->log, "%s down", req->method);
        return error_set(err, ERR_CONN, "connection refused");
    }
    int status = handle(s, req, ret);
    bool lost = take_one(&s->deaf);
    strv_addf(&s->log, "%s %d%s", req->method, status, lost ? " lost" : "");
    return lost ? error_set(err, ERR_CONN, "connection reset") : 0;
}

static int hang(const struct opctx *ctx, struct error **err)
{
    while (opctx_check(ctx, err) == 0) {
        struct waker w;
        waker_init(&w, ctx);
        waker_lock(&w);
        (void)waker_wait(&w, CLOCK_NEVER, NULL);
        waker_unlock(&w);
        waker_release(&w);
    }
    return -1;
}

static int serve(struct http_transport *t, const struct opctx *ctx, const struct http_request *req,
                 struct http_response *ret, struct error **err)
{
    struct lease_server *s = container_of(t, struct lease_server, base);
    *ret = (struct http_response){ .version = 20 };
    buf_init(&ret->body, BUF_UNBOUNDED);
    if (opctx_check(ctx, err) < 0)
        return -1;
    if (s->hook)
        s->hook(s->hook_arg, req->method, false);
    bool hangs = false;
    pthread_mutex_lock(&s->mu);
    int rcode = handle_or_fail(s, req, ret, &hangs, err);
    pthread_mutex_unlock(&s->mu);
    if (s->hook)
        s->hook(s->hook_arg, req->method, true);
    return hangs ? hang(ctx, err) : rcode;
}

void lease_server_init(struct lease_server *s)
{
    *s = (struct lease_server){ .base = { .send = serve }, .version = 100 };
    pthread_mutex_init(&s->mu, NULL);
}

void lease_server_release(struct lease_server *s)
{
    json_free(s->lease);
    strv_release(&s->log);
    pthread_mutex_destroy(&s->mu);
}

void lease_server_put(struct lease_server *s, const char *text)
{
    pthread_mutex_lock(&s->mu);
    json_free(s->lease);
    s->lease = NULL;
    if (text && json_parse_object(text, strlen(text), &s->lease, NULL) < 0)
        abort(); /* a defect of the test */
    if (s->lease)
        stamp(s);
    pthread_mutex_unlock(&s->mu);
}

void lease_server_set(struct lease_server *s, const char *path, json *value)
{
    pthread_mutex_lock(&s->mu);
    if (json_path_put(s->lease, path, value, NULL) < 0)
        abort(); /* a defect of the test */
    stamp(s);
    pthread_mutex_unlock(&s->mu);
}

void lease_server_fail(struct lease_server *s, size_t *which, size_t n)
{
    pthread_mutex_lock(&s->mu);
    *which = n;
    pthread_mutex_unlock(&s->mu);
}

char *lease_server_give_str(struct lease_server *s, const char *path)
{
    pthread_mutex_lock(&s->mu);
    char *text = xstrdup(json_path_str(s->lease, path));
    pthread_mutex_unlock(&s->mu);
    return text;
}

int64_t lease_server_int(struct lease_server *s, const char *path)
{
    pthread_mutex_lock(&s->mu);
    int64_t v = json_path_int(s->lease, path, -1);
    pthread_mutex_unlock(&s->mu);
    return v;
}

size_t lease_server_count(struct lease_server *s, const char *entry)
{
    size_t n = 0;
    pthread_mutex_lock(&s->mu);
    for (size_t i = 0; i < s->log.len; i++)
        n += str_starts(s->log.v[i], entry);
    pthread_mutex_unlock(&s->mu);
    return n;
}

char *lease_server_give_log(struct lease_server *s)
{
    pthread_mutex_lock(&s->mu);
    char *text = strv_give_joined(&s->log, ", ");
    pthread_mutex_unlock(&s->mu);
    return text;
}

void lease_server_clear_log(struct lease_server *s)
{
    pthread_mutex_lock(&s->mu);
    strv_release(&s->log);
    s->log = (struct strv)STRV_INIT;
    pthread_mutex_unlock(&s->mu);
}
