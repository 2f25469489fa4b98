/*
 * correlation.h - what ties a request, its log lines and the work that follows from it together.
 * Threads: one at a time.
 */
#ifndef RP_FRONTEND_CORRELATION_H
#define RP_FRONTEND_CORRELATION_H

#include "pkg/base/clock.h"
#include "pkg/base/json.h"
#include "pkg/net/http.h"

struct correlation { /* texts of the client are borrowed from its headers; NULL when absent */
    const char *correlation_id;        /* x-ms-correlation-request-id */
    const char *client_request_id;     /* x-ms-client-request-id */
    const char *client_principal_name; /* x-ms-client-principal-name, of administrators only */
    char operation_id[UUID_LEN + 1], request_id[UUID_LEN + 1];
    char request_time[TIME_TEXT_MAX];
};
void correlation_init(struct correlation *c, const struct http_headers *h, bool is_admin,
                      const struct clock *clock, const struct rng *rng);
/* As documents keep it; owned by the caller. */
json *correlation_give_data(const struct correlation *c);

#endif
