#include "hack/devcloud/cluster/service_ip.h"

#include <arpa/inet.h>
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"

#define PORT_FIRST 30000
#define PORT_COUNT 2768

/* Addresses and ports of all services but the one that changes; the values mean nothing. */
static struct map *give_taken(const struct op *op, const json *old)
{
    const char *own = json_path_str(old, "metadata.uid");
    struct map *taken = map_new(NULL);
    static char mark;
    struct record_list all = { 0 };
    if (state_list(op->c->state, "/services", NULL, 0, &all, NULL) < 0)
        return taken;
    for (size_t i = 0; i < all.len; i++) {
        cleanup_json json *tree = record_give_tree(all.v[i]);
        const char *ip = json_path_str(tree, "spec.clusterIP");
        const json *ports = json_path(tree, "spec.ports");
        if (own && str_eq(own, all.v[i]->uid))
            continue;
        if (ip && *ip)
            map_set(taken, ip, &mark);
        for (size_t p = 0; p < json_len(ports); p++) {
            cleanup_free char *port =
                xasprintf(":%lld", (long long)json_path_int(json_at(ports, p), "nodePort", 0));
            map_set(taken, port, &mark);
        }
    }
    record_list_release(&all);
    return taken;
}

static char *give_free_address(const struct op *op, const struct map *taken)
{
    for (;;) { /* 65,000 addresses: far more than services */
        unsigned n = (unsigned)rng_below(op->c->cfg.rng, 65024) + 256;
        char *ip = xasprintf("10.96.%u.%u", n >> 8, n & 255);
        if (!map_has(taken, ip))
            return ip;
        free(ip);
    }
}

static int fail_field(const struct op *op, const json *obj, const char *field, const json *value,
                      const char *why, struct error **err)
{
    struct invalid faults = { NULL };
    struct fail_object o = op_object(op, json_path_str(obj, "metadata.name"));
    invalid_value(&faults, field, value, "%s", why);
    (void)invalid_check(&faults, &o, err);
    invalid_release(&faults);
    return -1;
}

/* An address that the client chose. */
static int check_address(const struct op *op, const json *obj, const char *ip,
                         const struct map *taken, struct error **err)
{
    struct in_addr parsed;
    cleanup_json json *shown = json_new_str(ip);
    if (str_eq(ip, "None") || inet_pton(AF_INET, ip, &parsed) != 1)
        return 0; /* validation tells what is no address */
    if (!str_starts(ip, "10.96."))
        return fail_field(op, obj, "spec.clusterIPs", shown,
                          "provided IP is not in the valid range. The range of valid IPs is "
                          "10.96.0.0/16",
                          err);
    return map_has(taken, ip) ? fail_field(op, obj, "spec.clusterIP", shown,
                                           "provided IP is already allocated", err)
                              : 0;
}

static int allocate_address(const struct op *op, const json *obj, const json *old,
                            const struct map *taken, struct error **err)
{
    json *spec = json_get(obj, "spec");
    const char *ip = json_path_str(spec, "clusterIP");
    const char *was = json_path_str(old, "spec.clusterIP");
    cleanup_free char *given = NULL;
    if ((!ip || !*ip) && was && *was)
        given = xstrdup(was);
    else if (!ip || !*ip)
        given = give_free_address(op, taken);
    else if (check_address(op, obj, ip, taken, err) < 0)
        return -1;
    if (given)
        json_put(spec, "clusterIP", json_new_str(given));
    json_put(spec, "clusterIPs", json_make("[%s]", json_path_str(spec, "clusterIP")));
    if (cluster_has(op->c, 21) && !json_get(spec, "ipFamilies")) {
        json_put(spec, "ipFamilies", json_make("['IPv4']"));
        json_put(spec, "ipFamilyPolicy", json_new_str("SingleStack"));
    }
    if (cluster_has(op->c, 22) && !json_get(spec, "internalTrafficPolicy"))
        json_put(spec, "internalTrafficPolicy", json_new_str("Cluster"));
    return 0;
}

static int64_t old_port(const json *old, const json *port)
{
    const json *ports = json_path(old, "spec.ports");
    for (size_t i = 0; i < json_len(ports); i++)
        if (json_equal(json_get(json_at(ports, i), "port"), json_get(port, "port")) &&
            json_equal(json_get(json_at(ports, i), "protocol"), json_get(port, "protocol")))
            return json_path_int(json_at(ports, i), "nodePort", 0);
    return 0;
}

/* A port that the client chose. */
static int check_port(const struct op *op, const json *obj, size_t i, int64_t n,
                      const struct map *taken, struct error **err)
{
    cleanup_free char *field = xasprintf("spec.ports[%zu].nodePort", i);
    cleanup_free char *key = xasprintf(":%lld", (long long)n);
    cleanup_json json *shown = json_new_int(n);
    if (n < PORT_FIRST || n >= PORT_FIRST + PORT_COUNT)
        return fail_field(op, obj, field, shown,
                          "provided port is not in the valid range. The range of valid ports is "
                          "30000-32767",
                          err);
    return map_has(taken, key)
               ? fail_field(op, obj, field, shown, "provided port is already allocated", err)
               : 0;
}

/* The first free one behind a drawn one. */
static int draw_port(const struct op *op, struct map *taken, int64_t *ret, struct error **err)
{
    static char mark;
    int64_t drawn = (int64_t)rng_below(op->c->cfg.rng, PORT_COUNT);
    for (int64_t i = 0; i < PORT_COUNT; i++) {
        int64_t n = PORT_FIRST + (drawn + i) % PORT_COUNT;
        cleanup_free char *key = xasprintf(":%lld", (long long)n);
        if (map_has(taken, key))
            continue;
        map_set(taken, key, &mark);
        *ret = n;
        return 0;
    }
    return fail_with(err, 500, "InternalError", NULL,
                     "Internal error occurred: failed to allocate a nodePort: range is full");
}

static int allocate_ports(const struct op *op, const json *obj, const json *old, struct map *taken,
                          struct error **err)
{
    const json *ports = json_path(obj, "spec.ports");
    for (size_t i = 0; i < json_len(ports); i++) {
        json *port = json_at(ports, i);
        int64_t n = json_path_int(port, "nodePort", 0);
        if (n && check_port(op, obj, i, n, taken, err) < 0)
            return -1;
        n = n ? n : old_port(old, port);
        if (!n && draw_port(op, taken, &n, err) < 0)
            return -1;
        json_put(port, "nodePort", json_new_int(n));
    }
    return 0;
}

static bool has_node_ports(const json *service)
{
    const char *type = json_path_str(service, "spec.type");
    return str_eq(type, "NodePort") || str_eq(type, "LoadBalancer");
}

/* What only the old type needs goes, unless the client changed it. */
static void drop_of_type(json *obj, const json *old)
{
    const char *policy = json_path_str(obj, "spec.externalTrafficPolicy");
    const json *ports = json_path(obj, "spec.ports");
    if (!has_node_ports(old) || has_node_ports(obj))
        return;
    for (size_t i = 0; i < json_len(ports); i++)
        if (json_path_int(json_at(ports, i), "nodePort", 0) == old_port(old, json_at(ports, i)))
            json_del(json_at(ports, i), "nodePort");
    if (str_eq(policy, json_path_str(old, "spec.externalTrafficPolicy")))
        json_del(json_get(obj, "spec"), "externalTrafficPolicy");
}

int service_allocate(const struct op *op, json *obj, const json *old, struct error **err)
{
    json *spec = json_get(obj, "spec");
    const char *type = json_path_str(spec, "type");
    cleanup_map struct map *taken = give_taken(op, old);
    drop_of_type(obj, old);
    if (str_eq(type, "ExternalName")) {
        json_del(spec, "clusterIP");
        json_del(spec, "clusterIPs");
        return 0;
    }
    if (allocate_address(op, obj, old, taken, err) < 0)
        return -1;
    return has_node_ports(obj) ? allocate_ports(op, obj, old, taken, err) : 0;
}
