#include "pkg/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "pkg/base/mem.h"

struct error {
    enum err_kind kind;
    char *text;
    char *code, *target, *body; /* NULL: none */
    int status;                 /* 0: none received */
    int64_t retry_after_ms;     /* -1: none */
    bool terminal;              /* marked, over the table */
};

struct kind_info {
    const char *name;
    int http_status;
    bool retriable, terminal;
};

static const struct kind_info kinds[ERR_KINDS] = {
    [ERR_INTERNAL] = { .name = "internal", .http_status = 500 },
    [ERR_INVALID] = { .name = "invalid", .http_status = 400, .terminal = true },
    [ERR_UNPROCESSABLE] = { .name = "unprocessable", .http_status = 422, .terminal = true },
    [ERR_UNAUTHORIZED] = { .name = "unauthorized", .http_status = 401 },
    [ERR_FORBIDDEN] = { .name = "forbidden", .http_status = 403 },
    [ERR_NOT_FOUND] = { .name = "not found", .http_status = 404 },
    [ERR_METHOD] = { .name = "method not allowed", .http_status = 405 },
    [ERR_EXISTS] = { .name = "exists", .http_status = 409 },
    [ERR_CONFLICT] = { .name = "conflict", .http_status = 409 },
    [ERR_GONE] = { .name = "gone", .http_status = 410 },
    [ERR_PRECONDITION] = { .name = "precondition failed", .http_status = 412 },
    [ERR_TOO_LARGE] = { .name = "too large", .http_status = 413 },
    [ERR_UNSUPPORTED] = { .name = "unsupported", .http_status = 415 },
    [ERR_THROTTLED] = { .name = "throttled", .http_status = 429, .retriable = true },
    [ERR_UNAVAILABLE] = { .name = "unavailable", .http_status = 503, .retriable = true },
    [ERR_TIMEOUT] = { .name = "timeout", .http_status = 504, .retriable = true },
    [ERR_CONN] = { .name = "connection", .http_status = 503, .retriable = true },
    [ERR_CANCELLED] = { .name = "cancelled", .http_status = 503 },
    [ERR_IO] = { .name = "i/o", .http_status = 500 },
};

static const struct kind_info *kind_info(enum err_kind kind)
{
    unsigned k = (unsigned)kind;
    return &kinds[k < ERR_KINDS ? k : ERR_INTERNAL];
}

/* Takes text. Frees what the slot held last, since text may have been made from it. */
static int error_put(struct error **err, enum err_kind kind, char *text)
{
    struct error *e = xnew(struct error);
    e->kind = kind;
    e->text = text;
    e->retry_after_ms = -1;
    error_free(*err);
    *err = e;
    return -1;
}

int(error_set)(struct error **err, enum err_kind kind, const char *fmt, ...)
{
    if (!err)
        return -1;

    va_list ap;
    va_start(ap, fmt);
    char *text = xvasprintf(fmt, ap);
    va_end(ap);
    return error_put(err, kind, text);
}

static enum err_kind kind_from_errno(int errnum)
{
    switch (errnum) {
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    case EACCES:
    case EPERM:
        return ERR_FORBIDDEN;
    case EEXIST:
        return ERR_EXISTS;
    case ETIMEDOUT:
        return ERR_TIMEOUT;
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENOTCONN:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
        return ERR_CONN;
    default:
        return ERR_IO;
    }
}

int(error_set_errno)(struct error **err, int errnum, const char *fmt, ...)
{
    if (!err)
        return -1;

    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *what = xvasprintf(fmt, ap);
    va_end(ap);
    char reason[128];
    return error_put(err, kind_from_errno(errnum),
                     xasprintf("%s: %s", what, strerror_r(errnum, reason, sizeof(reason))));
}

int(error_wrap)(struct error **err, const char *fmt, ...)
{
    if (!err)
        return -1;

    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *what = xvasprintf(fmt, ap);
    va_end(ap);
    if (!*err)
        return error_put(err, ERR_INTERNAL, take(what));
    char *text = xasprintf("%s: %s", what, (*err)->text);
    free((*err)->text);
    (*err)->text = text;
    return -1;
}

static void replace_text(char **slot, const char *text)
{
    char *copy = xstrdup(text);
    free(*slot);
    *slot = copy;
}

void error_code(struct error **err, const char *code)
{
    if (err && *err)
        replace_text(&(*err)->code, code);
}

void error_target(struct error **err, const char *target)
{
    if (err && *err)
        replace_text(&(*err)->target, target);
}

void error_status(struct error **err, int http_status)
{
    if (err && *err)
        (*err)->status = http_status;
}

void error_retry_after(struct error **err, int64_t ms)
{
    if (err && *err)
        (*err)->retry_after_ms = ms < 0 ? -1 : ms;
}

void error_body(struct error **err, const char *json_text)
{
    if (err && *err)
        replace_text(&(*err)->body, json_text);
}

void error_mark_terminal(struct error **err)
{
    if (err && *err)
        (*err)->terminal = true;
}

bool error_is_marked_terminal(const struct error *e)
{
    return e && e->terminal;
}

enum err_kind error_kind(const struct error *e)
{
    return e ? e->kind : ERR_INTERNAL;
}

const char *error_text(const struct error *e)
{
    return e ? e->text : "";
}

const char *error_get_code(const struct error *e)
{
    return e ? e->code : NULL;
}

const char *error_get_target(const struct error *e)
{
    return e ? e->target : NULL;
}

const char *error_get_body(const struct error *e)
{
    return e ? e->body : NULL;
}

int error_get_status(const struct error *e)
{
    if (!e)
        return 0;
    return e->status ? e->status : err_kind_http_status(e->kind);
}

int64_t error_get_retry_after(const struct error *e)
{
    return e ? e->retry_after_ms : -1;
}

bool error_is(const struct error *e, enum err_kind kind)
{
    return e && e->kind == kind;
}

bool error_is_retriable(const struct error *e)
{
    return e && !e->terminal && kind_info(e->kind)->retriable;
}

bool error_is_terminal(const struct error *e)
{
    return e && (e->terminal || kind_info(e->kind)->terminal);
}

const char *err_kind_name(enum err_kind kind)
{
    return kind_info(kind)->name;
}

int err_kind_http_status(enum err_kind kind)
{
    return kind_info(kind)->http_status;
}

enum err_kind err_kind_from_http_status(int status)
{
    static const struct {
        int status;
        enum err_kind kind;
    } table[] = {
        { 401, ERR_UNAUTHORIZED }, { 403, ERR_FORBIDDEN },     { 404, ERR_NOT_FOUND },
        { 405, ERR_METHOD },       { 408, ERR_TIMEOUT },       { 409, ERR_CONFLICT },
        { 410, ERR_GONE },         { 412, ERR_PRECONDITION },  { 413, ERR_TOO_LARGE },
        { 415, ERR_UNSUPPORTED },  { 422, ERR_UNPROCESSABLE }, { 429, ERR_THROTTLED },
        { 501, ERR_UNSUPPORTED },  { 502, ERR_UNAVAILABLE },   { 503, ERR_UNAVAILABLE },
        { 504, ERR_TIMEOUT },
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (table[i].status == status)
            return table[i].kind;
    }
    return status >= 400 && status < 500 ? ERR_INVALID : ERR_INTERNAL;
}

struct error *error_give_copy(const struct error *e)
{
    if (!e)
        return NULL;
    struct error *copy = xnew(struct error);
    *copy = *e;
    copy->text = xstrdup(e->text);
    copy->code = xstrdup(e->code);
    copy->target = xstrdup(e->target);
    copy->body = xstrdup(e->body);
    return copy;
}

void error_free(struct error *e)
{
    if (!e)
        return;
    free(e->text);
    free(e->code);
    free(e->target);
    free(e->body);
    free(e);
}

void error_clear(struct error **err)
{
    if (!err)
        return;
    error_free(*err);
    *err = NULL;
}

int error_move(struct error **dst, struct error **src)
{
    struct error *e = take(*src);
    if (!dst) {
        error_free(e);
        return -1;
    }
    if (*dst != e)
        error_free(*dst);
    *dst = e;
    return -1;
}

void error_join(struct error **err, struct error **add)
{
    cleanup_error struct error *e = take(*add);
    if (!err || !e)
        return;
    if (!*err) {
        *err = take(e);
        return;
    }
    char *text = xasprintf("%s\n%s", (*err)->text, e->text);
    free((*err)->text);
    (*err)->text = text;
}
