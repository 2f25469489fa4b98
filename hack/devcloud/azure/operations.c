/*
 * Writes that take their time: the resource is Updating (or Deleting) until its operation ends, and status URLs tell.
 * Operations whose end nobody asked for within an hour are forgotten.
 */
#include <string.h>

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/deployment.h"
#include "hack/devcloud/azure/forward.h"
#include "hack/devcloud/azure/resource.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define KEEP_NS (INT64_C(3600) * NS_PER_S)

void operation_set_retry_after(struct sim_call *c)
{
    cleanup_free char *seconds =
        xasprintf("%lld", (long long)json_path_int(c->sim->state, "retry_after_s", 10));
    sim_set_header(c, "Retry-After", seconds);
}

/* Clients use the URL as it is: it has to lead back to where they came from. */
static void set_link(struct sim_call *c, const char *header, const char *collection, const char *id)
{
    cleanup_arm_id struct arm_id at = { 0 };
    const char *subscription = json_path_str(c->sim->state, "subscription");
    bool known = arm_id_init(c->path, &at) && at.provider;
    cleanup_free char *place = known
                                   ? xasprintf("providers/%s/locations/%s/%s", at.provider,
                                               json_path_str(c->sim->state, "location"), collection)
                                   : str_give_lower(collection);
    cleanup_free char *url = xasprintf("https://%s/subscriptions/%s/%s/%s?api-version=%s",
                                       sim_host(c), subscription, place, id, c->api_version);
    sim_set_header(c, header, url);
}

/* A subscription's own operations, as the end of a resource group, have a Location alone. */
static void set_links(struct sim_call *c, enum operation_kind kind)
{
    bool of_provider = strstr(c->path, "/providers/") != NULL;
    if (of_provider)
        set_link(c, "Azure-AsyncOperation", "operations", c->operation);
    if (kind != OPERATION_PUT || !of_provider)
        set_link(c, "Location", "operationResults", c->operation);
    operation_set_retry_after(c);
}

void operation_begin(struct sim_call *c, const char *resource_key, enum operation_kind kind)
{
    struct azure_sim *sim = c->sim;
    rng_uuid(sim->cfg.rng, c->operation);
    int64_t due_ns =
        clock_mono_ns(sim->cfg.clock) + json_path_int(sim->state, "operation_ms", 0) * NS_PER_MS;
    json *operation = json_make("{'resources':[%s],'due_ns':%ld,'status':'InProgress','delete':%b}",
                                resource_key, due_ns, kind == OPERATION_DELETE);
    json *failure = json_get(sim->state, "operation_error");
    if (json_is_object(failure))
        json_put(operation, "error", json_give_copy(failure));
    if (kind == OPERATION_ACTION)
        json_put(operation, "action", json_new_bool(true));
    json_put(sim->operations, c->operation, operation);
    set_links(c, kind);
}

void operation_adopt(struct sim_call *c, const char *resource_key)
{
    json *operation = json_get(c->sim->operations, c->operation);
    json_append(json_get(operation, "resources"), json_new_str(resource_key));
}

void operation_fail(struct sim_call *c, json *error)
{
    json *operation = json_get(c->sim->operations, c->operation);
    cleanup_json json *owned = error;
    if (operation)
        json_put(operation, "error", take(owned));
}

void operations_forget(struct azure_sim *sim, const char *resource_key)
{
    for (struct json_iter it = json_each(sim->operations); json_next(&it);) {
        json *its = json_get(it.value, "resources");
        for (size_t i = json_len(its); i > 0; i--)
            if (str_eq(json_str(json_at(its, i - 1)), resource_key))
                json_remove_at(its, i - 1);
    }
}

/* ---- their end ---- */

/* What a resource provider keeps goes first. */
static bool is_drained(struct azure_sim *sim, const json *operation)
{
    json *mine = json_get(operation, "resources");
    bool removes = json_path_bool(operation, "delete", false) && !json_get(operation, "error");
    bool drained = true;
    for (size_t i = 0; removes && i < json_len(mine); i++)
        drained = forward_drain(sim, json_str(json_at(mine, i))) && drained;
    return drained;
}

static void finish(struct azure_sim *sim, json *operation)
{
    group_judge_removal(sim, operation);
    cleanup_json json *mine = json_give_copy(json_get(operation, "resources"));
    bool failed = json_get(operation, "error") != NULL;
    bool removes = json_path_bool(operation, "delete", false);
    const char *status = json_path_bool(operation, "canceled", false) ? "Canceled"
                         : failed                                     ? "Failed"
                                                                      : "Succeeded";
    json_put(operation, "status", json_new_str(status));
    for (size_t i = 0; i < json_len(mine); i++) {
        const char *key = json_str(json_at(mine, i));
        const json *resource = json_get(resource_table(sim), key);
        bool goes = str_eq(json_path_str(resource, "properties.provisioningState"), "Deleting");
        if (removes && !failed)
            resource_remove(sim, key);
        else if (removes || !goes) /* a write that a deletion has overtaken changes nothing */
            resource_finish(sim, key, failed);
    }
}

static void end_due(struct azure_sim *sim)
{
    int64_t now_ns = clock_mono_ns(sim->cfg.clock);
    for (struct json_iter it = json_each(sim->operations); json_next(&it);) {
        int64_t due_ns = json_path_int(it.value, "due_ns", 0);
        if (now_ns < due_ns)
            continue;
        bool runs = str_eq(json_path_str(it.value, "status"), "InProgress");
        if (runs && is_drained(sim, it.value))
            finish(sim, it.value);
        else if (runs)
            continue;
        else if (now_ns - due_ns > KEEP_NS)
            json_del(sim->operations, it.key);
    }
}

void operations_advance(struct azure_sim *sim)
{
    do
        end_due(sim);
    while (deployments_step(sim));
}

/* ---- status URLs ---- */

/* The whole story, always with 200. */
static void serve_status(struct sim_call *c, const json *operation)
{
    const char *status = json_path_str(operation, "status");
    cleanup_json json *body = json_make("{'status':%s}", status);
    bool ended_badly = str_eq(status, "Failed") || str_eq(status, "Canceled");
    if (ended_badly) {
        json *error = json_give_copy(json_get(operation, "error"));
        if (!json_has(error, "details"))
            json_put(error, "details", json_new_array());
        json_put(body, "error", error);
    }
    if (str_eq(status, "InProgress"))
        operation_set_retry_after(c);
    sim_reply(c, 200, body);
}

/* Only the outcome: 202 until it is there; clients expect 200 of an action. */
static void serve_result(struct sim_call *c, const json *operation, const char *id)
{
    const char *status = json_path_str(operation, "status");
    if (str_eq(status, "Succeeded")) {
        sim_reply(c, json_path_bool(operation, "action", false) ? 200 : 204, NULL);
    } else if (str_eq(status, "Failed") || str_eq(status, "Canceled")) {
        const char *code = json_path_str(operation, "error.code");
        const char *message = json_path_str(operation, "error.message");
        bool blocked = str_eq(code, "ResourceGroupDeletionBlocked");
        sim_reply_error(c, blocked ? 409 : 400, code ? code : "InternalServerError", "%s",
                        message ? message : "");
    } else {
        set_link(c, "Location", "operationResults", id);
        operation_set_retry_after(c);
        sim_reply(c, 202, NULL);
    }
}

bool operation_serve(struct sim_call *c)
{
    static const char *const results[] = { "/subscriptions/*/locations/*/operationResults/*",
                                           "/subscriptions/*/operationresults/*" };
    bool status = str_matches_nocase("/subscriptions/*/locations/*/operations/*", c->path);
    if (!sim_is(c, "GET") || (!status && !str_matches_nocase(results[0], c->path) &&
                              !str_matches_nocase(results[1], c->path)))
        return false;
    const char *id = strrchr(c->path, '/') + 1;
    const json *operation = json_get(c->sim->operations, id);
    if (!operation)
        sim_reply_error(c, 404, "OperationNotFound", "The operation '%s' does not exist.", id);
    else if (status)
        serve_status(c, operation);
    else
        serve_result(c, operation, id);
    return true;
}
