#include "rp/frontend/reply.h"

#include "pkg/base/strv.h"
#include "rp/frontend/cloud_error.h"

#define INDENT 4

static void write_json(struct http_call *call, int status, const json *body)
{
    struct buf *out = http_call_out(call);
    http_call_set_status(call, status);
    http_call_set_header(call, "Content-Type", "application/json");
    buf_clear(out);
    json_write_indented(out, body, INDENT);
    buf_addc(out, '\n');
}

void reply_json(struct request *req, int status, const json *body)
{
    write_json(req->call, status, body);
}

void reply_json_text(struct request *req, int status, const char *text)
{
    http_call_reply(req->call, status, "application/json", text);
}

void reply_status(struct request *req, int status)
{
    http_call_set_status(req->call, status);
    buf_clear(http_call_out(req->call));
}

void reply_error(struct request *req, const struct error *e)
{
    if (req->route == NULL && error_is(e, ERR_METHOD)) {
        reply_status(req, 405);
        return;
    }
    cleanup_json json *body = NULL;
    free(req->error_details);
    req->error_details = api_error_give_text(e);
    if (cloud_error_is(e)) {
        body = cloud_error_give_body(e);
    } else {
        log_error(req->log, "%s", error_text(e));
        bool shown = req->route && (req->route->flags & ROUTE_ADMIN);
        body = shown ? json_make("{'error':{'code':'InternalServerError','message':%s}}",
                                 error_text(e))
                     : cloud_error_give_body(e);
    }
    write_json(req->call, cloud_error_status(e), body);
}

/* Of the server itself, by status. */
static const struct {
    int status;
    const char *code, *message; /* message NULL: the error's text */
} refusals[] = {
    { 400, "BadRequest", NULL },
    { 408, "RequestTimeout", NULL },
    { 413, "RequestContentTooLarge", NULL },
    { 414, "RequestUriTooLong", NULL },
    { 417, "ExpectationFailed", NULL },
    { 431, "RequestHeadersTooLarge", NULL },
    { 501, "NotImplemented", NULL },
    { 503, "ServerBusy", "The server is busy." },
    { 505, "HttpVersionNotSupported", NULL },
};

void reply_bare_error(struct http_call *call, const struct error *e)
{
    cleanup_json json *body = NULL;
    for (size_t i = 0; i < ARRAY_LEN(refusals) && !body; i++) {
        const char *message = refusals[i].message ? refusals[i].message : error_text(e);
        if (refusals[i].status == error_get_status(e))
            body = json_make("{'error':{'code':%s,'message':%s}}", refusals[i].code, message);
    }
    if (body) {
        write_json(call, error_get_status(e), body);
        return;
    }
    body = cloud_error_give_body(e);
    write_json(call, cloud_error_status(e), body);
}
