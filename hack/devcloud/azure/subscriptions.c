/* The tenant, its one subscription, and where that may have resources. */
#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static json *give_subscription(const struct azure_sim *sim)
{
    const char *name = json_path_str(sim->state, "subscription");
    const char *tenant = json_path_str(sim->state, "tenant");
    cleanup_free char *id = xasprintf("/subscriptions/%s", name);
    return json_make(
        "{'id':%s,'subscriptionId':%s,'tenantId':%s,'displayName':'devcloud','state':'Enabled',"
        "'subscriptionPolicies':{'locationPlacementId':'Public_2014-09-01','quotaId':"
        "'PayAsYouGo_2014-09-01','spendingLimit':'Off'},'authorizationSource':'RoleBased',"
        "'managedByTenants':[]}",
        id, name, tenant);
}

static json *give_tenant(const struct azure_sim *sim)
{
    const char *name = json_path_str(sim->state, "tenant");
    cleanup_free char *id = xasprintf("/tenants/%s", name);
    return json_make("{'id':%s,'tenantId':%s,'countryCode':'US','displayName':'devcloud',"
                     "'domains':['devcloud.example'],'tenantCategory':'Home'}",
                     id, name);
}

/* The simulator's own location is always among them. */
static json *give_locations(const struct azure_sim *sim)
{
    static const struct {
        const char *name, *title;
    } rows[] = {
        { "eastus", "East US" },           { "eastus2", "East US 2" },
        { "westus2", "West US 2" },        { "westeurope", "West Europe" },
        { "northeurope", "North Europe" },
    };
    const char *subscription = json_path_str(sim->state, "subscription");
    const char *own = json_path_str(sim->state, "location");
    json *list = json_new_array();
    bool seen = false;
    for (size_t i = 0; i <= ARRAY_LEN(rows); i++) {
        bool extra = i == ARRAY_LEN(rows);
        if (extra && seen)
            break;
        const char *name = extra ? own : rows[i].name, *title = extra ? own : rows[i].title;
        seen = seen || str_eq_nocase(name, own);
        cleanup_free char *id = xasprintf("/subscriptions/%s/locations/%s", subscription, name);
        json_append(list, json_make("{'id':%s,'name':%s,'displayName':%s,'regionalDisplayName':%s,"
                                    "'metadata':{'regionType':'Physical'}}",
                                    id, name, title, title));
    }
    return list;
}

/* What is listed at the path; NULL: nothing of here. */
static json *give_list(const struct azure_sim *sim, const struct strv *path)
{
    if (path->len == 1 && str_eq_nocase(path->v[0], "tenants"))
        return json_make("[%j]", give_tenant(sim));
    if (path->len == 1 && str_eq_nocase(path->v[0], "subscriptions"))
        return json_make("[%j]", give_subscription(sim));
    return path->len == 3 && str_eq_nocase(path->v[2], "locations") ? give_locations(sim) : NULL;
}

bool subscriptions_serve(struct sim_call *c)
{
    cleanup_strv struct strv path = STRV_INIT;
    strv_split(&path, c->path, "/", false);
    cleanup_json json *list = give_list(c->sim, &path), *one = NULL;
    bool is_one = path.len == 2 && str_eq_nocase(path.v[0], "subscriptions");
    if (!list && !is_one)
        return false;
    if (!sim_is(c, "GET")) {
        arm_refuse_method(c);
    } else if (list) {
        sim_reply_list(c, take(list));
    } else {
        one = give_subscription(c->sim);
        sim_reply(c, 200, one);
    }
    return true;
}
