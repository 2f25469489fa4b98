/* What the installer refuses in an install-config. Source: openshift/installer, pkg/types/validation. */
#include <string.h>

#include "pkg/api/cidr.h"
#include "pkg/base/buf.h"
#include "pkg/crypt/rsa_key.h"
#include "rp/cluster/install_config.h"

#define LABEL_MAX 63
#define NAME_MAX_LEN 253
#define RANGES_MAX 8

static void problem(struct error **all, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void problem(struct error **all, const char *fmt, ...)
{
    struct error *one = NULL;
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    (void)error_set(&one, ERR_INVALID, "%s", text);
    error_join(all, &one);
}

/* RFC 1123: lower-case letters, digits and hyphens, none of these at an end. */
static bool is_label(const char *text, size_t len)
{
    if (len == 0 || len > LABEL_MAX || text[0] == '-' || text[len - 1] == '-')
        return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") >= len;
}

static bool is_domain(const char *text)
{
    if (strlen(text) > NAME_MAX_LEN)
        return false;
    for (;;) {
        size_t len = strcspn(text, ".");
        if (!is_label(text, len))
            return false;
        if (!text[len])
            return true;
        text += len + 1;
    }
}

static void check_names(const json *config, struct error **all)
{
    const char *name = json_path_str(config, "metadata.name");
    const char *domain = json_path_str(config, "baseDomain");
    if (!name || !is_label(name, strlen(name)))
        problem(all, "metadata.name: '%s' is no DNS label", name ? name : "");
    if (!domain || !is_domain(domain))
        problem(all, "baseDomain: '%s' is no DNS name", domain ? domain : "");
}

/* ---- networks ---- */

struct ranges {
    const char *paths[RANGES_MAX];
    struct cidr v[RANGES_MAX];
    size_t len;
};

static void add_range(struct ranges *r, const json *config, const char *path, struct error **all)
{
    const char *text = json_path_str(config, path);
    struct cidr range;
    if (cidr_parse(text, &range) != CIDR_IPV4) {
        problem(all, "%s: '%s' is no range of IPv4 addresses", path, text ? text : "");
        return;
    }
    if (cidr_network(&range) != range.address)
        problem(all, "%s: '%s' begins within the range", path, text);
    for (size_t i = 0; i < r->len; i++)
        if (cidr_overlaps(&r->v[i], &range))
            problem(all, "%s: '%s' overlaps %s", path, text, r->paths[i]);
    r->paths[r->len] = path;
    r->v[r->len++] = range;
}

static void check_networks(const json *config, struct error **all)
{
    struct ranges ranges = { .len = 0 };
    add_range(&ranges, config, "networking.machineNetwork[0].cidr", all);
    add_range(&ranges, config, "networking.clusterNetwork[0].cidr", all);
    add_range(&ranges, config, "networking.serviceNetwork[0]", all);
    struct cidr pods;
    int64_t prefix = json_path_int(config, "networking.clusterNetwork[0].hostPrefix", 0);
    if (cidr_parse(json_path_str(config, "networking.clusterNetwork[0].cidr"), &pods) ==
            CIDR_IPV4 &&
        (prefix < pods.bits || prefix > 32))
        problem(all,
                "networking.clusterNetwork[0].hostPrefix: %lld is not between the range's own %u "
                "and 32",
                (long long)prefix, pods.bits);
    if (!json_path_str(config, "networking.networkType"))
        problem(all, "networking.networkType: missing");
}

/* ---- machines ---- */

static void check_zones(const json *pool, const char *path, struct error **all)
{
    const json *zones = json_path(pool, "platform.azure.zones");
    for (size_t i = 0; i < json_len(zones); i++) {
        const char *zone = json_str(json_at(zones, i));
        if (!zone || !*zone)
            problem(all, "%s.platform.azure.zones[%zu]: empty", path, i);
        for (size_t k = 0; k < i; k++)
            if (json_equal(json_at(zones, k), json_at(zones, i)))
                problem(all, "%s.platform.azure.zones[%zu]: '%s' is there twice", path, i,
                        zone ? zone : "");
    }
}

static void check_pool(const json *config, const char *path, const char *name, struct error **all)
{
    const json *pool = json_path(config, path);
    if (!json_is_object(pool)) {
        problem(all, "%s: missing", path);
        return;
    }
    const char *type = json_path_str(pool, "platform.azure.type");
    if (!str_eq(json_path_str(pool, "name"), name))
        problem(all, "%s.name: not '%s'", path, name);
    if (json_path_int(pool, "replicas", 0) < 1)
        problem(all, "%s.replicas: fewer than 1", path);
    if (!type || !*type)
        problem(all, "%s.platform.azure.type: missing", path);
    check_zones(pool, path, all);
}

static void check_platform(const json *config, struct error **all)
{
    static const char *const needed[] = {
        "region",         "resourceGroupName",  "networkResourceGroupName",
        "virtualNetwork", "controlPlaneSubnet", "computeSubnet",
    };
    const json *azure = json_path(config, "platform.azure");
    for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
        const char *text = json_path_str(azure, needed[i]);
        if (!text || !*text)
            problem(all, "platform.azure.%s: missing", needed[i]);
    }
}

/* ---- secrets ---- (which no message repeats) */

static void check_pull_secret(const json *config, struct error **all)
{
    const char *text = json_path_str(config, "pullSecret");
    cleanup_json_wiped json *tree = NULL;
    if (!text || json_parse_object(text, strlen(text), &tree, NULL) < 0) {
        problem(all, "pullSecret: no JSON object");
        return;
    }
    const json *auths = json_get(tree, "auths");
    if (json_len(auths) == 0 || !json_is_object(auths))
        problem(all, "pullSecret: auths is missing or empty");
    for (struct json_iter it = json_each(auths); json_next(&it);)
        if (!json_path_str(it.value, "auth"))
            problem(all, "pullSecret: %s has no auth", it.key);
}

static void check_ssh_key(const json *config, struct error **all)
{
    const char *key = json_path_str(config, "sshKey");
    struct error *why = NULL;
    if (ssh_public_check(key ? key : "", &why) == 0)
        return;
    (void)error_wrap(&why, "sshKey");
    error_join(all, &why);
}

int install_config_check(const json *config, struct error **err)
{
    cleanup_error struct error *all = NULL;
    check_names(config, &all);
    check_networks(config, &all);
    check_pool(config, "controlPlane", "master", &all);
    check_pool(config, "compute[0]", "worker", &all);
    check_platform(config, &all);
    check_pull_secret(config, &all);
    check_ssh_key(config, &all);
    if (!all)
        return 0;
    error_move(err, &all);
    return error_wrap(err, "the install-config");
}
