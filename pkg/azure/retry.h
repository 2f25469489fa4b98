/* retry.h - one request to Azure with the retries that its rules allow; inside pkg/azure only. */
#ifndef PKG_AZURE_RETRY_H
#define PKG_AZURE_RETRY_H

#include "pkg/base/opctx.h"
#include "pkg/net/http.h"

#define AZURE_TRIES 4
#define AZURE_TRY_MS 120000 /* who has not answered by then never will */

struct azure_retry {
    struct http_transport *transport;
    const struct clock *clock;
    bool idempotent; /* transport failures may be retried, too */
    const int *also; /* more statuses to try again on, 0 at the end; NULL: none */
    int tries;       /* 0: AZURE_TRIES */
    int64_t try_ms;  /* 0: AZURE_TRY_MS */
    /* Runs before every try, since minutes may lie between them; -1 ends it. May be NULL. */
    int (*before_try)(void *arg, struct error **err);
    void *before_try_arg;
};
/* 408, 429, 500, 502, 503, 504, and 409 that asks for it, are sent again, at most `tries` times in all, after
 * Retry-After or a growing pause. The last answer, whatever its status, is success. */
int azure_send_retrying(const struct azure_retry *r, const struct opctx *ctx,
                        const struct http_request *req, struct http_response *ret,
                        struct error **err);

#endif
