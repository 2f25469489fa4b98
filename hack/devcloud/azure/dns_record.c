/* What record sets of public and private zones have in common. */
#include <string.h>

#include "hack/devcloud/azure/dns.h"
#include "hack/devcloud/azure/network_use.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define LINK_PART "/virtualnetworklinks/"

static bool refuse(struct sim_call *c, const char *what)
{
    sim_reply_error(c, 400, "BadRequest", "The record set '%s' is not valid: %s.",
                    strrchr(c->path, '/') + 1, what);
    return false;
}

bool dns_record_is_good(struct sim_call *c, const char *ttl, const char *addresses)
{
    const json *properties = json_get(c->body, "properties");
    json *list = json_get(properties, addresses);
    int64_t seconds = json_path_int(properties, ttl, 0);
    uint32_t address;
    if (seconds < 1 || seconds > INT32_MAX)
        return refuse(c, "the TTL is missing or not within 1 and 2147483647");
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++)
        if (!network_address_parse(json_path_str(json_at(list, i), "ipv4Address"), &address))
            return refuse(c, "an address is no IPv4 address");
    return true;
}

void dns_record_settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    cleanup_free char *parent = arm_id_give_parent(c->path);
    const char *zone = strrchr(parent, '/') + 1, *name = arm_id_name(at->id);
    bool apex = strcmp(name, "@") == 0;
    cleanup_free char *fqdn = apex ? xasprintf("%s.", zone) : xasprintf("%s.%s.", name, zone);
    (void)json_set_str(object, "properties.fqdn", fqdn, NULL);
}

static bool is_below(const char *zone_key, const char *key, bool links)
{
    size_t len = strlen(zone_key);
    return str_starts(key, zone_key) && key[len] == '/' &&
           str_starts(key + len, LINK_PART) == links;
}

void dns_list_records(struct sim_call *c, const struct resource_at *zone)
{
    json *found = json_new_array();
    for (struct json_iter it = json_each(resource_table(c->sim)); json_next(&it);)
        if (is_below(zone->id->key, it.key, false))
            json_append(found, resource_give_view(c, it.key, it.value));
    sim_reply_list(c, found);
}

int64_t dns_count_below(struct azure_sim *sim, const char *zone_key, bool links)
{
    int64_t n = 0;
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);)
        n += is_below(zone_key, it.key, links) ? 1 : 0;
    return n;
}
