/* The headers with which ARM asks a resource provider. */
#include <string.h>

#include "hack/devcloud/azure/forward.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* The client's own that go on. Its bearer token does not: the provider knows ARM by its certificate. */
static const char *const passed[] = {
    "Accept",     "Accept-Language",
    "User-Agent", "x-ms-client-request-id",
    "If-Match",   "x-ms-return-client-request-id",
};

static void add_caller(struct sim_call *c, struct http_headers *headers)
{
    const char *tenant = json_path_str(c->sim->state, "tenant");
    const char *oid = json_path_str(c->caller, "objectId");
    http_headers_set(headers, "x-ms-client-tenant-id", tenant);
    http_headers_set(headers, "x-ms-home-tenant-id", tenant);
    if (c->caller_id)
        http_headers_set(headers, "x-ms-client-app-id", c->caller_id);
    if (oid)
        http_headers_set(headers, "x-ms-client-object-id", oid);
}

/* Where the provider gets the credentials of the identities that the resource has. */
static void add_identity(struct sim_call *c, struct http_headers *headers)
{
    if (!json_is_object(json_get(c->body, "identity")))
        return;
    cleanup_free char *url = xasprintf("https://%s/identities%s", sim_host(c), c->path);
    http_headers_set(headers, "x-ms-identity-url", url);
}

void forward_add_headers(struct sim_call *c, const char *outer, struct http_headers *headers)
{
    for (size_t i = 0; i < ARRAY_LEN(passed); i++)
        if (sim_header(c, passed[i]))
            http_headers_set(headers, passed[i], sim_header(c, passed[i]));
    const char *type = sim_header(c, "Content-Type");
    if (type || c->body)
        http_headers_set(headers, "Content-Type", type ? type : "application/json");
    const char *correlation = sim_header(c, "x-ms-correlation-request-id");
    char id[UUID_LEN + 1];
    rng_uuid(c->sim->cfg.rng, id);
    http_headers_set(headers, "x-ms-correlation-request-id", correlation ? correlation : id);
    http_headers_set(headers, "x-ms-arm-request-tracking-id", id);
    http_headers_set(headers, "Referer", outer);
    add_caller(c, headers);
    add_identity(c, headers);
    cleanup_free char *system_data = forward_give_system_data(c);
    if (system_data)
        http_headers_set(headers, "x-ms-arm-resource-system-data", system_data);
}
