/*
 * error.h - errors as values.
 *
 * A fallible function returns 0 or -1 and takes `struct error **err` last. err may be NULL when the
 * caller does not care. Setting a slot that already holds an error replaces it (the old one may be an
 * argument of the new text). error_wrap prepends what was attempted and keeps everything else.
 * Threads: an error belongs to one thread at a time.
 */
#ifndef PKG_BASE_ERROR_H
#define PKG_BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "pkg/base/cleanup.h"

/* Coarse kinds drive behaviour through one table (error.c): name, HTTP status, retriable, terminal. */
enum err_kind {
    ERR_INTERNAL,      /* a defect or an unexpected answer; 500 */
    ERR_INVALID,       /* input that can never work; 400, terminal */
    ERR_UNPROCESSABLE, /* well-formed but refused by validation; 422, terminal */
    ERR_UNAUTHORIZED,  /* no or bad credentials; 401 */
    ERR_FORBIDDEN,     /* credentials without the right; 403 */
    ERR_NOT_FOUND,     /* 404 */
    ERR_METHOD,        /* verb not supported there; 405 */
    ERR_EXISTS,        /* 409 AlreadyExists */
    ERR_CONFLICT,      /* 409: lost an optimistic-concurrency race */
    ERR_GONE,          /* 410: resourceVersion or continue token expired */
    ERR_PRECONDITION,  /* 412 */
    ERR_TOO_LARGE,     /* 413: a limit of ours or of the peer */
    ERR_UNSUPPORTED,   /* 415 media type, or a feature that the peer lacks */
    ERR_THROTTLED,     /* 429, retriable */
    ERR_UNAVAILABLE,   /* 503 or 502, retriable */
    ERR_TIMEOUT,       /* a deadline of ours or 504/408, retriable */
    ERR_CONN,          /* transport: refused, reset, DNS, TLS; retriable */
    ERR_CANCELLED,     /* the caller's stop flag */
    ERR_IO,            /* local file, pipe, process */
    ERR_KINDS
};

struct error; /* opaque */

/* Both always return -1, so that `return error_set(err, ...)` reads well. */
int error_set(struct error **err, enum err_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* "fmt: strerror". ENOENT and ENOTDIR are ERR_NOT_FOUND, EACCES and EPERM ERR_FORBIDDEN, EEXIST
 * ERR_EXISTS, ETIMEDOUT ERR_TIMEOUT, other network errors ERR_CONN, the rest ERR_IO. */
int error_set_errno(struct error **err, int errnum, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* "fmt: old message". */
int error_wrap(struct error **err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Lets compilers and analysers see the -1 at every call. */
static inline int error_minus_one_(int always)
{
    (void)always;
    return -1;
}
#define error_set(...) error_minus_one_(error_set(__VA_ARGS__))
#define error_set_errno(...) error_minus_one_(error_set_errno(__VA_ARGS__))
#define error_wrap(...) error_minus_one_(error_wrap(__VA_ARGS__))

/* Details that ride along; no-ops when *err is NULL or err is NULL. Text is copied. */
void error_code(struct error **err, const char *code);      /* ARM code or Kubernetes reason */
void error_target(struct error **err, const char *target);  /* ARM target, JSON path */
void error_status(struct error **err, int http_status);     /* status as received */
void error_retry_after(struct error **err, int64_t ms);     /* as received; -1 none */
void error_body(struct error **err, const char *json_text); /* the peer's own error document */

/* Borrowed until the error is freed. All accept NULL (ERR_INTERNAL, "", NULL, 0, -1). */
enum err_kind error_kind(const struct error *e);
const char *error_text(const struct error *e);
const char *error_get_code(const struct error *e);    /* NULL when none */
const char *error_get_target(const struct error *e);  /* NULL when none */
const char *error_get_body(const struct error *e);    /* NULL when none */
int error_get_status(const struct error *e);          /* received status, else the kind's own */
int64_t error_get_retry_after(const struct error *e); /* milliseconds, -1 when none */

bool error_is(const struct error *e, enum err_kind kind); /* false for NULL */
bool error_is_retriable(const struct error *e);
bool error_is_terminal(const struct error *e); /* retrying the same input can never help */

/* A terminal mark that overrides the table, for callers that know better. */
void error_mark_terminal(struct error **err);
bool error_is_marked_terminal(const struct error *e); /* the mark alone, whatever the kind */

const char *err_kind_name(enum err_kind kind);
int err_kind_http_status(enum err_kind kind);
enum err_kind err_kind_from_http_status(int status);

struct error *error_give_copy(const struct error *e);
void error_free(struct error *e);
void error_clear(struct error **err); /* frees and sets NULL; accepts NULL */
/* Moves src into dst (freeing what dst held); frees src when dst is NULL. Returns -1. */
int error_move(struct error **dst, struct error **src);
/* Joins: appends "\n" + text of *add to *err (or moves it when *err is empty); *add becomes NULL. */
void error_join(struct error **err, struct error **add);

DEFINE_RELEASE(struct error *, error_free)
#define cleanup_error CLEANUP_WITH(error_free_slot)

#endif
