#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/chain.h"

/* What a caller without ARM in front of us called, as far as we can tell. */
static char *give_own_url(const struct request *req)
{
    const char *query = http_call_query(req->call);
    const char *mark = query ? "?" : "";
    const char *rest = query ? query : "";
    const char *host = http_call_header(req->call, "Host");
    if (req->is_plain)
        return xasprintf("http://%s%s%s%s", host && *host ? host : "localhost:8080", req->path,
                         mark, rest);
    return xasprintf("https://localhost:8443%s%s%s", req->path, mark, rest);
}

static int headers(struct request *req, struct error **err)
{
    struct http_call *call = req->call;
    const char *wanted = http_call_header(call, "x-ms-return-client-request-id");
    const char *referer = http_call_header(call, "Referer");

    (void)err;
    http_call_set_header(call, "Content-Type", "application/json");
    http_call_set_header(call, "X-Ms-Request-Id", req->correlation.request_id);
    if (wanted && str_eq_nocase(wanted, "true") && req->correlation.client_request_id)
        http_call_set_header(call, "X-Ms-Client-Request-Id", req->correlation.client_request_id);
    req->referer = referer && *referer ? xstrdup(referer) : give_own_url(req);
    return 0;
}

const struct middleware middleware_headers = { .name = "Headers", .before = headers };
