/* Public zones: all writes end with their answer. */
#include "hack/devcloud/azure/dns.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define ZONE "Microsoft.Network/dnszones"
/* The name servers and the start of authority, which every zone has. */
#define OWN_RECORDS 2
#define RECORDS_MAX 10000

/* ---- zones ---- */

static const char *const owned[] = { "nameServers", "numberOfRecordSets", "maxNumberOfRecordSets",
                                     NULL };

static void settle_zone(struct sim_call *c, const struct resource_at *at, json *object)
{
    (void)c;
    (void)at;
    json_put(object, "location", json_new_str("global"));
}

static void show_zone(struct sim_call *c, const char *key, const json *object, json *view)
{
    json *properties = json_get(view, "properties");
    int64_t records = dns_count_below(c->sim, key, false);
    (void)object;
    json_put(properties, "nameServers",
             json_make("['ns1-01.azure-dns.com.','ns2-01.azure-dns.net.','ns3-01.azure-dns.org.',"
                       "'ns4-01.azure-dns.info.']"));
    json_put(properties, "numberOfRecordSets", json_new_int(records + OWN_RECORDS));
    json_put(properties, "maxNumberOfRecordSets", json_new_int(RECORDS_MAX));
    json_put(properties, "zoneType", json_new_str("Public"));
}

static bool act(struct sim_call *c, const struct resource_at *at, const char *action)
{
    if (!str_eq_nocase(action, "recordsets") && !str_eq_nocase(action, "all"))
        return false;
    if (sim_is(c, "GET"))
        dns_list_records(c, at);
    else
        arm_refuse_method(c);
    return true;
}

/* ---- record sets ---- */

static bool check(struct sim_call *c, const struct resource_at *at)
{
    (void)at;
    return dns_record_is_good(c, "TTL", "ARecords");
}

static void settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    dns_record_settle(c, at, object);
    if (!json_path(object, "properties.targetResource"))
        (void)json_path_put(object, "properties.targetResource", json_new_object(), NULL);
}

#define RECORDS(name) \
    { \
        .type = ZONE "/" name, .location = "", .etag = RESOURCE_ETAG_BARE, .at_once = true, \
        .check = check, .settle = settle \
    }

const struct resource_kind dns_kinds[] = {
    { .type = ZONE,
      .location = "global",
      .etag = RESOURCE_ETAG_BARE,
      .at_once = true,
      .owned = owned,
      .settle = settle_zone,
      .show = show_zone,
      .act = act },
    RECORDS("A"),
    RECORDS("AAAA"),
    RECORDS("CNAME"),
    RECORDS("MX"),
    RECORDS("NS"),
    RECORDS("PTR"),
    RECORDS("SRV"),
    RECORDS("TXT"),
    { 0 },
};
