/* dns.h - zones and record sets of the simulated Microsoft.Network, public and private. The simulator's lock is held. */
#ifndef HACK_DEVCLOUD_AZURE_DNS_H
#define HACK_DEVCLOUD_AZURE_DNS_H

#include "hack/devcloud/azure/resource.h"

/* dns.c, private_dns.c: zones, links and record sets of all types; each ends with a NULL type. */
extern const struct resource_kind dns_kinds[], private_dns_kinds[];

/* dns_record.c: of a record set that is put. ttl and addresses name its members ("TTL", "ARecords"), whose casing differs
 * between public and private zones. false after answering. */
bool dns_record_is_good(struct sim_call *c, const char *ttl, const char *addresses);
/* What the service adds: fqdn. */
void dns_record_settle(struct sim_call *c, const struct resource_at *at, json *object);
/* Answers with all record sets of a zone. */
void dns_list_records(struct sim_call *c, const struct resource_at *zone);
int64_t dns_count_below(struct azure_sim *sim, const char *zone_key, bool links);

#endif
