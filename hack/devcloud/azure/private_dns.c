/* Private zones and their links to networks: operations; record sets end with their answer. */
#include <string.h>

#include "hack/devcloud/azure/dns.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define ZONE "Microsoft.Network/privateDnsZones"
#define OWN_RECORDS 1 /* the start of authority */

/* ---- zones ---- */

static const char *const owned[] = { "numberOfRecordSets", "numberOfVirtualNetworkLinks", NULL };

static void show_zone(struct sim_call *c, const char *key, const json *object, json *view)
{
    json *properties = json_get(view, "properties");
    (void)object;
    json_put(properties, "numberOfRecordSets",
             json_new_int(dns_count_below(c->sim, key, false) + OWN_RECORDS));
    json_put(properties, "numberOfVirtualNetworkLinks",
             json_new_int(dns_count_below(c->sim, key, true)));
}

static bool zone_may_go(struct sim_call *c, const struct resource_at *at)
{
    bool linked = dns_count_below(c->sim, at->id->key, true) > 0;
    if (linked)
        sim_reply_error(c, 409, "CannotDeleteResource",
                        "Cannot delete resource while nested resources exist. Some existing nested "
                        "resource IDs include: '%s/virtualNetworkLinks'. Please delete all nested "
                        "resources before deleting this resource.",
                        json_path_str(at->old, "id"));
    return !linked;
}

static bool act(struct sim_call *c, const struct resource_at *at, const char *action)
{
    if (!str_eq_nocase(action, "all"))
        return false;
    if (sim_is(c, "GET"))
        dns_list_records(c, at);
    else
        arm_refuse_method(c);
    return true;
}

/* ---- links ---- */

static bool check_link(struct sim_call *c, const struct resource_at *at)
{
    const char *vnet = json_path_str(c->body, "properties.virtualNetwork.id");
    const char *had = json_path_str(at->old, "properties.virtualNetwork.id");
    if (!vnet || (had && !str_eq_nocase(had, vnet))) {
        sim_reply_error(c, 400, "BadRequest",
                        "A link needs a virtual network, which cannot be changed later.");
        return false;
    }
    return resource_reference_holds(c, vnet);
}

static void settle_link(struct sim_call *c, const struct resource_at *at, json *object)
{
    (void)c;
    (void)at;
    (void)json_set_str(object, "properties.virtualNetworkLinkState", "InProgress", NULL);
    if (!json_path(object, "properties.registrationEnabled"))
        (void)json_path_put(object, "properties.registrationEnabled", json_new_bool(false), NULL);
}

static void link_finished(struct azure_sim *sim, const char *key, json *object, bool failed)
{
    (void)sim;
    (void)key;
    if (!failed)
        (void)json_set_str(object, "properties.virtualNetworkLinkState", "Completed", NULL);
}

/* ---- record sets ---- */

static bool check(struct sim_call *c, const struct resource_at *at)
{
    (void)at;
    return dns_record_is_good(c, "ttl", "aRecords");
}

static void settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    dns_record_settle(c, at, object);
    (void)json_path_put(object, "properties.isAutoRegistered", json_new_bool(false), NULL);
}

#define RECORDS(name) \
    { \
        .type = ZONE "/" name, .location = "", .etag = RESOURCE_ETAG_BARE, .at_once = true, \
        .check = check, .settle = settle \
    }

const struct resource_kind private_dns_kinds[] = {
    { .type = ZONE,
      .location = "global",
      .etag = RESOURCE_ETAG_BARE,
      .owned = owned,
      .may_go = zone_may_go,
      .show = show_zone,
      .act = act },
    { .type = ZONE "/virtualNetworkLinks",
      .location = "global",
      .etag = RESOURCE_ETAG_BARE,
      .check = check_link,
      .settle = settle_link,
      .finished = link_finished },
    RECORDS("A"),
    RECORDS("AAAA"),
    RECORDS("CNAME"),
    RECORDS("MX"),
    RECORDS("PTR"),
    RECORDS("SRV"),
    RECORDS("TXT"),
    { 0 },
};
