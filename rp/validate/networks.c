/* The networks of a cluster, each read once, and where they and their ranges are. */
#include <string.h>

#include "pkg/api/cidr.h"
#include "pkg/api/refuse.h"
#include "pkg/azure/api_versions.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/validate/dynamic_impl.h"

static const struct dynamic_principal *reader(const struct validation *v)
{
    return v->has_identities ? &v->cfg->provider : &v->cfg->service;
}

static int fetch(struct validation *v, const char *vnet_id, json **ret, struct error **err)
{
    const struct arm_call call = { .method = "GET",
                                   .path = vnet_id,
                                   .api_version = API_VERSION_NETWORK };
    cleanup_error struct error *e = NULL;
    if (arm_send(reader(v)->arm, v->ctx, &call, ret, &e) == 0)
        return *ret ? 0 : error_set(err, ERR_INTERNAL, "%s: Azure answered nothing", vnet_id);
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    return api_refuse(err, CODE_LINKED_VNET, NULL, "The vnet '%s' could not be found.", vnet_id);
}

int validation_vnet(struct validation *v, const char *vnet_id, const json **ret, struct error **err)
{
    cleanup_free char *key = str_give_lower(vnet_id);
    json *vnet = map_get(v->vnets, key);
    if (!vnet) {
        if (fetch(v, vnet_id, &vnet, err) < 0)
            return -1;
        map_set(v->vnets, key, vnet);
    }
    *ret = vnet;
    return 0;
}

int validation_subnet(struct validation *v, const struct validation_subnet *s, const json **ret,
                      struct error **err)
{
    const json *vnet;
    if (validation_vnet(v, s->vnet_id, &vnet, err) < 0)
        return -1;
    const json *subnets = json_path(vnet, "properties.subnets");
    for (size_t i = 0; i < json_len(subnets); i++) {
        const json *one = json_at(subnets, i);
        if (str_eq_nocase(json_path_str(one, "id"), s->id)) {
            *ret = one;
            return 0;
        }
    }
    return api_refuse(err, CODE_LINKED_VNET, s->path,
                      "The provided subnet '%s' could not be found.", s->id);
}

const char *validation_prefix(const json *subnet, size_t i)
{
    const char *only = json_path_str(subnet, "properties.addressPrefix");
    if (only)
        return i == 0 ? only : NULL;
    return json_str(json_at(json_path(subnet, "properties.addressPrefixes"), i));
}

/* ---- what holds of whole networks ---- */

int check_locations(struct validation *v, enum who who, struct error **err)
{
    (void)who;
    const char *location = json_path_str(v->cluster, "location");
    for (size_t i = 0; i < v->subnets_len; i++) {
        const json *vnet;
        if (validation_vnet(v, v->subnets[i].vnet_id, &vnet, err) < 0)
            return -1;
        const char *theirs = json_path_str(vnet, "location");
        if (!str_eq_nocase(theirs, location))
            return api_refuse(err, CODE_LINKED_VNET, NULL,
                              "The vnet location '%s' must match the cluster location '%s'.",
                              theirs ? theirs : "", location ? location : "");
    }
    return 0;
}

int check_dns_servers(struct validation *v, enum who who, struct error **err)
{
    (void)who;
    for (size_t i = 0; i < v->subnets_len; i++) {
        const json *vnet;
        if (validation_vnet(v, v->subnets[i].vnet_id, &vnet, err) < 0)
            return -1;
        if (json_len(json_path(vnet, "properties.dhcpOptions.dnsServers")) > 0)
            return api_refuse(err, CODE_LINKED_VNET, NULL,
                              "The provided vnet '%s' is invalid: custom DNS servers are not "
                              "supported.",
                              v->subnets[i].vnet_id);
    }
    return 0;
}

/* ---- overlap ---- */

#define RANGES_MAX 256

struct ranges {
    struct cidr v[RANGES_MAX];
    size_t len;
};

static int refuse_overlap(const struct cidr *a, const struct cidr *b, struct error **err)
{
    char first[CIDR_TEXT_MAX], second[CIDR_TEXT_MAX];
    cidr_text(a, first);
    cidr_text(b, second);
    return api_refuse(err, CODE_LINKED_VNET, NULL,
                      "The provided CIDRs must not overlap: '%s overlaps with %s'.", first, second);
}

/* IPv6 ranges overlap none of ours. */
static int add_range(struct ranges *r, const char *text, struct error **err)
{
    struct cidr c;
    enum cidr_form form = cidr_parse(text, &c);
    if (form == CIDR_BAD)
        return api_refuse(err, CODE_LINKED_VNET, NULL, "The CIDR '%s' is invalid.",
                          text ? text : "");
    if (form != CIDR_IPV4)
        return 0;
    for (size_t i = 0; i < r->len; i++)
        if (cidr_overlaps(&r->v[i], &c))
            return refuse_overlap(&r->v[i], &c, err);
    if (r->len == RANGES_MAX)
        return error_set(err, ERR_TOO_LARGE, "more than %d address ranges", RANGES_MAX);
    r->v[r->len++] = c;
    return 0;
}

int check_overlap(struct validation *v, enum who who, struct error **err)
{
    static const char *const own[] = { "properties.networkProfile.podCidr",
                                       "properties.networkProfile.serviceCidr" };
    (void)who;
    struct ranges r = { .len = 0 };
    for (size_t i = 0; i < v->subnets_len; i++) {
        const json *subnet;
        const char *prefix;
        if (validation_subnet(v, &v->subnets[i], &subnet, err) < 0)
            return -1;
        for (size_t k = 0; (prefix = validation_prefix(subnet, k)); k++)
            if (add_range(&r, prefix, err) < 0)
                return -1;
    }
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (add_range(&r, json_path_str(v->cluster, own[i]), err) < 0)
            return -1;
    return 0;
}
