/* Azure Resource Manager's front door: who asks, with which version, for what. */
#include <string.h>

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/fault.h"
#include "hack/devcloud/azure/guard.h"
#include "hack/devcloud/azure/rights.h"
#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

/* In this order: what extends other resources and what is forwarded comes before the providers themselves. */
static bool (*const servers[])(struct sim_call *) = {
    providers_serve,     registry_result_serve, forward_serve,
    subscriptions_serve, groups_serve,          operation_serve,
    permissions_serve,   network_serve,         deployments_serve,
    storage_serve,       vault_name_serve,      cosmos_serve,
    roles_serve,         quota_serve,           network_connections_serve,
    resource_serve,
};

/* YYYY-MM-DD, with a suffix or without: clients of every age are welcome. */
static bool is_version(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    size_t i = 0;
    while (form[i] && (form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == '-'))
        i++;
    return !form[i] && (!text[i] || strcmp(text + i, "-preview") == 0);
}

static bool version_is_good(struct sim_call *c)
{
    c->api_version = query_give(sim_query(c), "api-version");
    if (!c->api_version || !*c->api_version) {
        sim_reply_error(c, 400, "MissingApiVersionParameter",
                        "The api-version query parameter (?api-version=) is required for all "
                        "requests.");
        return false;
    }
    if (!is_version(c->api_version)) {
        sim_reply_error(c, 400, "InvalidApiVersionParameter", "The api-version '%s' is invalid.",
                        c->api_version);
        return false;
    }
    return true;
}

/* What the path goes through exists: the subscription, and the group of what lies in one. */
static bool place_exists(struct sim_call *c, const struct arm_id *id)
{
    if (id->subscription &&
        !str_eq_nocase(id->subscription, json_path_str(c->sim->state, "subscription"))) {
        sim_reply_error(c, 404, "SubscriptionNotFound", "The subscription '%s' could not be found.",
                        id->subscription);
        return false;
    }
    if (id->group && id->provider && !group_exists(c->sim, c->path)) {
        sim_reply_error(c, 404, "ResourceGroupNotFound", "Resource group '%s' could not be found.",
                        id->group);
        return false;
    }
    return !id->provider || !(sim_is(c, "PUT") || sim_is(c, "PATCH")) || group_stays(c, id->group);
}

static void dispatch(struct sim_call *c)
{
    for (size_t i = 0; i < ARRAY_LEN(servers); i++)
        if (servers[i](c))
            return;
    sim_reply_error(c, 404, "InvalidResourceType", "The resource type of %s could not be found.",
                    c->path);
}

bool arm_serve(struct sim_call *c)
{
    cleanup_arm_id struct arm_id id;
    if (!arm_id_init(c->path, &id))
        return false;
    operations_advance(c->sim);
    c->caller = directory_authenticate(c, SERVICE_ARM);
    if (c->caller && throttle_admits(c) && version_is_good(c) && place_exists(c, &id) &&
        rights_permit(c, &id) && guard_permits(c, &id))
        dispatch(c);
    return true;
}

/* Faults strike what the simulator asks itself only if they say so. */
static void dispatch_inside(struct sim_call *c)
{
    cleanup_fault struct fault_run fault;
    fault_begin(c->sim, c->method, c->host, c->path, true, &fault);
    if (fault_answer_inside(&fault, false, c->answer))
        return;
    fault_enter(c->sim, &fault, c->method, c->path);
    dispatch(c);
    fault_leave(c->sim, &fault, c->operation);
    (void)fault_answer_inside(&fault, true, c->answer);
}

void arm_ask(struct azure_sim *sim, const char *application, const char *method, const char *path,
             const char *api_version, json *body, struct sim_answer *ret)
{
    *ret = (struct sim_answer){ 0 };
    struct sim_call c = {
        .sim = sim,
        .answer = ret,
        .method = method,
        .host = "localhost",
        .path = xstrdup(path),
        .body = json_ref(body),
        .caller = application ? json_get(json_get(sim->state, "applications"), application) : NULL,
        .caller_id = xstrdup(application),
        .api_version = xstrdup(api_version)
    };
    cleanup_arm_id struct arm_id id;
    if (!arm_id_init(path, &id))
        sim_reply_error(&c, 404, "InvalidResourceType", "%s is no path of a resource.", path);
    else if (place_exists(&c, &id) && rights_permit(&c, &id) && guard_permits(&c, &id))
        dispatch_inside(&c);
    memcpy(ret->operation, c.operation, sizeof(ret->operation));
    json_free(c.body);
    free(c.path);
    free(c.api_version);
    free(c.caller_id);
}

void arm_refuse_method(struct sim_call *c)
{
    sim_reply_error(c, 405, "MethodNotAllowed", "The method %s is not supported for %s.", c->method,
                    c->path);
}
