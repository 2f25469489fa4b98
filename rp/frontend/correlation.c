#include "rp/frontend/correlation.h"

void correlation_init(struct correlation *c, const struct http_headers *h, bool is_admin,
                      const struct clock *clock, const struct rng *rng)
{
    *c = (struct correlation){
        .correlation_id = http_headers_get(h, "x-ms-correlation-request-id"),
        .client_request_id = http_headers_get(h, "x-ms-client-request-id"),
        .client_principal_name =
            is_admin ? http_headers_get(h, "x-ms-client-principal-name") : NULL,
    };
    rng_uuid(rng, c->operation_id);
    rng_uuid(rng, c->request_id);
    time_rfc3339_micro(clock_wall_ns(clock), c->request_time);
}

static void put(json *data, const char *key, const char *value)
{
    if (value && *value)
        json_put(data, key, json_new_str(value));
}

json *correlation_give_data(const struct correlation *c)
{
    json *data = json_new_object();
    put(data, "correlationId", c->correlation_id);
    put(data, "clientRequestId", c->client_request_id);
    put(data, "operationID", c->operation_id);
    put(data, "requestID", c->request_id);
    put(data, "clientPrincipalName", c->client_principal_name);
    put(data, "requestTime", c->request_time);
    return data;
}
