/* What load balancers show of who uses their parts, and the same question from outside. */
#include <string.h>

#include "hack/devcloud/azure/network_kinds.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* ---- who uses a part ---- */

static bool is_in(const json *links, const char *id)
{
    for (size_t i = 0; json_is_array(links) && i < json_len(links); i++)
        if (str_eq_nocase(json_path_str(json_at(links, i), "id"), id))
            return true;
    return false;
}

const char *network_find_service(struct azure_sim *sim, const char *frontend_id)
{
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);)
        if (resource_is_type(it.value, NETWORK_PLS_TYPE) &&
            is_in(json_path(it.value, "properties.loadBalancerFrontendIpConfigurations"),
                  frontend_id))
            return json_path_str(it.value, "id");
    return NULL;
}

struct members {
    const char *pool;
    json *list; /* of {"id"}; NULL: only the first is wanted */
    const char *first;
};

static bool add_member(void *arg, const struct network_config *config)
{
    struct members *m = arg;
    if (!is_in(json_path(config->config, "properties.loadBalancerBackendAddressPools"), m->pool))
        return true;
    m->first = m->first ? m->first : config->id;
    if (m->list)
        json_append(m->list, json_make("{'id':%s}", config->id));
    return m->list != NULL;
}

const char *network_find_balanced(struct azure_sim *sim, const char *part_id)
{
    struct members m = { .pool = part_id };
    const char *service = network_find_service(sim, part_id);
    network_each_config(sim, add_member, &m);
    return service ? service : m.first;
}

/* ---- the view ---- */

/* A rule shows up on each part that it refers to. */
static void add_user(json *view, const char *collection, const char *part_id, const char *member,
                     const char *user_id)
{
    json *list = json_get(json_get(view, "properties"), collection);
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        json *part = json_at(list, i), *properties = json_get(part, "properties");
        if (!str_eq_nocase(json_path_str(part, "id"), part_id))
            continue;
        if (!json_is_array(json_get(properties, member)))
            json_put(properties, member, json_new_array());
        json_append(json_get(properties, member), json_make("{'id':%s}", user_id));
    }
}

static void add_rules(json *view, const char *collection)
{
    static const struct {
        const char *link, *to;
    } links[] = { { "properties.frontendIPConfiguration.id", "frontendIPConfigurations" },
                  { "properties.backendAddressPool.id", "backendAddressPools" },
                  { "properties.probe.id", "probes" } };
    json *rules = json_get(json_get(view, "properties"), collection);
    for (size_t i = 0; json_is_array(rules) && i < json_len(rules); i++) {
        const json *rule = json_at(rules, i);
        const char *id = json_path_str(rule, "id");
        for (size_t l = 0; l < ARRAY_LEN(links); l++)
            add_user(view, links[l].to, json_path_str(rule, links[l].link), collection, id);
        json *frontends = json_path(rule, "properties.frontendIPConfigurations");
        for (size_t k = 0; json_is_array(frontends) && k < json_len(frontends); k++)
            add_user(view, "frontendIPConfigurations", json_path_str(json_at(frontends, k), "id"),
                     collection, id);
    }
}

/* The older form, and the newer one with names. */
static void add_members(struct azure_sim *sim, json *pool)
{
    struct members m = { .pool = json_path_str(pool, "id"), .list = json_new_array() };
    json *properties = json_get(pool, "properties"), *named = json_new_array();
    network_each_config(sim, add_member, &m);
    for (size_t i = 0; i < json_len(m.list); i++) {
        const char *id = json_path_str(json_at(m.list, i), "id");
        cleanup_strv struct strv s = STRV_INIT;
        strv_split(&s, id, "/", false); /* ... networkInterfaces/NIC/ipConfigurations/CONFIG */
        cleanup_free char *name =
            s.len > 3 ? xasprintf("%s%s", s.v[s.len - 3], s.v[s.len - 1]) : xstrdup(id);
        json_append(named, json_make("{'name':%s,'properties':{'networkInterfaceIPConfiguration':"
                                     "{'id':%s}}}",
                                     name, id));
    }
    json_put(properties, "loadBalancerBackendAddresses", named);
    if (json_len(m.list) > 0)
        json_put(properties, "backendIPConfigurations", json_ref(m.list));
    json_free(m.list);
}

void network_lb_show(struct sim_call *c, const char *key, const json *object, json *view)
{
    (void)key;
    (void)object;
    json *pools = json_path(view, "properties.backendAddressPools");
    for (size_t i = 0; json_is_array(pools) && i < json_len(pools); i++)
        add_members(c->sim, json_at(pools, i));
    add_rules(view, "loadBalancingRules");
    add_rules(view, "outboundRules");
    add_rules(view, "inboundNatRules");
}
