/* Writes that take their time: the resource is Updating until its operation ends, and a status URL tells. */
#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

void operation_begin(struct sim_call *c, const char *resource_id)
{
    struct azure_sim *sim = c->sim;
    char id[UUID_LEN + 1];
    rng_uuid(sim->cfg.rng, id);
    int64_t due_ns =
        clock_mono_ns(sim->cfg.clock) + json_path_int(sim->state, "operation_ms", 0) * NS_PER_MS;
    json_put(sim->operations, id,
             json_make("{'resource':%s,'due_ns':%ld,'status':'InProgress'}", resource_id, due_ns));
    /* Clients use the URL as it is: it has to lead back to where they came from. */
    cleanup_free char *url =
        xasprintf("https://%s/subscriptions/%s/providers/Microsoft.Network/locations/%s/operations/"
                  "%s?api-version=2020-08-01",
                  http_call_header(c->http, "Host"), json_path_str(sim->state, "subscription"),
                  json_path_str(sim->state, "location"), id);
    http_call_set_header(c->http, "Azure-AsyncOperation", url);
    cleanup_free char *seconds =
        xasprintf("%lld", (long long)json_path_int(sim->state, "retry_after_s", 10));
    http_call_set_header(c->http, "Retry-After", seconds);
}

void operations_advance(struct azure_sim *sim)
{
    for (struct json_iter it = json_each(sim->operations); json_next(&it);) {
        bool due = clock_mono_ns(sim->cfg.clock) >= json_path_int(it.value, "due_ns", 0);
        if (!due || !str_eq(json_path_str(it.value, "status"), "InProgress"))
            continue;
        json_put(it.value, "status", json_new_str("Succeeded"));
        json *resource =
            json_get(json_get(sim->state, "resources"), json_path_str(it.value, "resource"));
        if (resource)
            json_set_str(resource, "properties.provisioningState", "Succeeded", NULL);
    }
}

bool operation_serve(struct sim_call *c)
{
    if (!pattern_matches("/subscriptions/*/providers/Microsoft.Network/locations/*/operations/*",
                         c->path))
        return false;
    json *operation = json_get(c->sim->operations, strrchr(c->path, '/') + 1);
    if (!operation) {
        sim_reply_error(c, 404, "OperationNotFound", "The operation does not exist.");
        return true;
    }
    cleanup_free char *seconds =
        xasprintf("%lld", (long long)json_path_int(c->sim->state, "retry_after_s", 10));
    http_call_set_header(c->http, "Retry-After", seconds);
    cleanup_json json *body = json_make("{'status':%s}", json_path_str(operation, "status"));
    sim_reply(c, 200, body);
    return true;
}
