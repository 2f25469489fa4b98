#include <string.h>

#include "pkg/api/names.h"
#include "pkg/api/validate.h"
#include "pkg/base/strv.h"

#define CLUSTER "properties.clusterProfile."
#define PRINCIPAL "properties.servicePrincipalProfile"

/* Nothing, or an object whose `auths`, if there, holds objects. */
static bool is_pull_secret(const char *text)
{
    cleanup_json_wiped json *tree = NULL;
    if (!*text)
        return true;
    if (json_parse_object(text, strlen(text), &tree, NULL) < 0)
        return false;
    if (!json_get(tree, "auths"))
        return true;
    if (!json_is_object(json_get(tree, "auths")))
        return false;
    for (struct json_iter it = json_each(json_get(tree, "auths")); json_next(&it);)
        if (it.value && !json_is_object(it.value))
            return false;
    return true;
}

/* Whether text ends with a dot and the suffix; *ret_len: what is before the dot. */
static bool is_below(const char *text, const char *suffix, size_t *ret_len)
{
    size_t len = strlen(text), suffix_len = strlen(suffix);
    if (!suffix_len || len <= suffix_len || text[len - suffix_len - 1] != '.' ||
        !str_ends(text, suffix))
        return false;
    *ret_len = len - suffix_len - 1;
    return true;
}

/* Below the service's own domain there is one label a cluster, and no cluster of another region. */
static bool is_domain(const struct checks *c, const char *domain)
{
    const char *own = c->rules->domain, *dot = strchr(own, '.');
    size_t before = 0;
    if (!domain_is_valid(domain, c->is_create))
        return false;
    if (is_below(domain, own, &before))
        return !memchr(domain, '.', before);
    return !dot || !is_below(domain, dot + 1, &before);
}

static int check_resource_group(const struct checks *c)
{
    static const char path[] = CLUSTER "resourceGroupId";
    const char *text = checked_text(c, path);
    cleanup_resource_id struct resource_id id = { 0 };
    if (!group_id_parse(text, &id))
        return api_refuse_value(c->err, path, "The provided resource group '%s' is invalid.", text);
    if (!is_own_subscription(c, &id))
        return api_refuse_value(c->err, path,
                                "The provided resource group '%s' is invalid: must be in same "
                                "subscription as cluster.",
                                text);
    if (str_eq_nocase(id.resource_group, c->url.resource_group))
        return api_refuse_value(c->err, path,
                                "The provided resource group '%s' is invalid: must be different "
                                "from resourceGroup of the OpenShift cluster object.",
                                text);
    return 0;
}

int validate_cluster_profile(const struct checks *c)
{
    const char *domain = checked_text(c, CLUSTER "domain");
    const char *fips = checked_text(c, CLUSTER "fipsValidatedModules");
    if (!is_pull_secret(checked_text(c, CLUSTER "pullSecret")))
        return api_refuse_value(c->err, CLUSTER "pullSecret",
                                "The provided pull secret is invalid.");
    if (!is_domain(c, domain))
        return api_refuse_value(c->err, CLUSTER "domain", "The provided domain '%s' is invalid.",
                                domain);
    if (check_resource_group(c) < 0)
        return -1;
    if (checks_in(c, V_FROM(V_D)) && !api_enum_has(&enum_fips_validated_modules, fips, c->bit))
        return api_refuse_value(c->err, CLUSTER "fipsValidatedModules",
                                "The provided value '%s' is invalid.", fips);
    return 0;
}

int validate_console_profile(const struct checks *c)
{
    static const char path[] = "properties.consoleProfile.url";
    const char *url = checked_text(c, path);
    if (*url && !url_is_valid(url))
        return api_refuse_value(c->err, path, "The provided console URL '%s' is invalid.", url);
    return 0;
}

int validate_service_principal(const struct checks *c)
{
    const char *id = checked_text(c, PRINCIPAL ".clientId");
    if (!json_is_object(json_path(c->ext, PRINCIPAL)))
        return checks_in(c, V_UPTO(V_I))
                   ? api_refuse_value(c->err, PRINCIPAL ".servicePrincipalProfile",
                                      "ServicePrincipalProfile cannot be nil in this API version.")
                   : 0;
    if (!uuid_is_valid(id))
        return api_refuse_value(c->err, PRINCIPAL ".clientId",
                                "The provided client ID '%s' is invalid.", id);
    if (!*checked_text(c, PRINCIPAL ".clientSecret"))
        return api_refuse_value(c->err, PRINCIPAL ".clientSecret",
                                "The provided client secret is invalid.");
    return 0;
}
