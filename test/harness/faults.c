#include "test/harness/faults.h"

#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"

#define CA_MAX ((size_t)1 << 20)
#define TIMEOUT_MS 20000

struct faults {
    struct http_peer *peer;
    char *url; /* without the slash at the end */
};

static char *give_line(const char *text)
{
    size_t len = strcspn(text, "\r\n");
    while (len > 0 && text[len - 1] == '/')
        len--;
    return xstrndup(text, len);
}

int faults_open(struct http_client *http, const struct env *env, struct faults **ret,
                struct error **err)
{
    const char *url = env_get_or(env, "E2E_AZURE_URL", NULL);
    const char *ca = env_get_or(env, "E2E_AZURE_CA", NULL);
    if (!url || !ca)
        return error_set(err, ERR_INVALID,
                         "E2E_AZURE_URL and E2E_AZURE_CA do not name the simulated Azure");
    cleanup_free char *pem = NULL;
    size_t len;
    if (file_read(ca, CA_MAX, &pem, &len, err) < 0)
        return error_wrap(err, "E2E_AZURE_CA");
    cleanup_faults struct faults *f = xnew(struct faults);
    f->url = give_line(url);
    struct http_peer_config cfg = { .ca_pem = pem, .proxy_url = "" };
    if (http_peer_new(http, &cfg, &f->peer, err) < 0)
        return error_wrap(err, "connecting to the simulated Azure");
    *ret = take(f);
    return 0;
}

void faults_close(struct faults *f)
{
    if (!f)
        return;
    http_peer_unref(f->peer);
    free(f->url);
    free(f);
}

/* One request of the control interface. body may be NULL (none), ret too (not wanted). */
static int call(struct faults *f, const struct opctx *ctx, const char *method, const char *path,
                const json *body, json **ret, struct error **err)
{
    cleanup_free char *url = xasprintf("%s/_devcloud/%s", f->url, path);
    cleanup_free char *text = body ? json_give_text(body) : NULL;
    cleanup_request struct http_request req = {
        .method = method, .url = url, .body = text, .timeout_ms = TIMEOUT_MS
    };
    cleanup_response struct http_response reply = { 0 };
    if (text) {
        req.body_len = strlen(text);
        http_headers_set(&req.headers, "Content-Type", "application/json");
    }
    if (http_send(http_peer_transport(f->peer), ctx, &req, &reply, err) < 0)
        return error_wrap(err, "%s %s", method, url);
    if (reply.status != 200)
        return error_set(err, ERR_INTERNAL, "%s %s: status %d: %s", method, url, reply.status,
                         buf_str(&reply.body));
    return ret ? json_parse(buf_str(&reply.body), reply.body.len, ret, err) : 0;
}

int faults_azure_state(struct faults *f, const struct opctx *ctx, json **ret, struct error **err)
{
    return call(f, ctx, "GET", "state", NULL, ret, err);
}

int faults_azure_patch(struct faults *f, const struct opctx *ctx, const json *patch,
                       struct error **err)
{
    return call(f, ctx, "PATCH", "state", patch, NULL, err);
}

int faults_azure_set(struct faults *f, const struct opctx *ctx, const json *list,
                     struct error **err)
{
    return call(f, ctx, "PUT", "faults", list, NULL, err);
}

int faults_azure_requests(struct faults *f, const struct opctx *ctx, json **ret, struct error **err)
{
    return call(f, ctx, "GET", "requests", NULL, ret, err);
}
