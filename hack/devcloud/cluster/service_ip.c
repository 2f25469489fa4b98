#include "hack/devcloud/cluster/service_ip.h"

#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"

#define PORT_FIRST 30000
#define PORT_COUNT 2768

/* Addresses and ports of all services; the values mean nothing. */
static struct map *give_taken(const struct op *op)
{
    struct map *taken = map_new(NULL);
    static char mark;
    struct record_list all = { 0 };
    if (state_list(op->c->state, "/services", NULL, 0, &all, NULL) < 0)
        return taken;
    for (size_t i = 0; i < all.len; i++) {
        cleanup_json json *tree = record_give_tree(all.v[i]);
        const char *ip = json_path_str(tree, "spec.clusterIP");
        const json *ports = json_path(tree, "spec.ports");
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

static int allocate_address(const struct op *op, json *spec, const json *old,
                            const struct map *taken, struct error **err)
{
    const char *ip = json_path_str(spec, "clusterIP");
    const char *was = json_path_str(old, "spec.clusterIP");
    cleanup_free char *given = NULL;
    if ((!ip || !*ip) && was && *was)
        given = xstrdup(was);
    else if (!ip || !*ip)
        given = give_free_address(op, taken);
    else if (!str_eq(ip, "None") && !str_eq(ip, was) && map_has(taken, ip)) {
        struct invalid faults = { NULL };
        struct fail_object o = op_object(op, op->rq->name);
        invalid_value(&faults, "spec.clusterIP", json_get(spec, "clusterIP"),
                      "provided IP is already allocated");
        (void)invalid_check(&faults, &o, err);
        invalid_release(&faults);
        return -1;
    }
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

static void allocate_ports(const struct op *op, json *ports, const json *old, struct map *taken)
{
    static char mark;
    for (size_t i = 0; i < json_len(ports); i++) {
        json *port = json_at(ports, i);
        int64_t n = json_path_int(port, "nodePort", 0);
        n = n ? n : old_port(old, port);
        while (!n) {
            int64_t candidate = PORT_FIRST + (int64_t)rng_below(op->c->cfg.rng, PORT_COUNT);
            cleanup_free char *key = xasprintf(":%lld", (long long)candidate);
            if (map_has(taken, key))
                continue;
            map_set(taken, key, &mark);
            n = candidate;
        }
        json_put(port, "nodePort", json_new_int(n));
    }
}

int service_allocate(const struct op *op, json *obj, const json *old, struct error **err)
{
    json *spec = json_get(obj, "spec");
    const char *type = json_path_str(spec, "type");
    cleanup_map struct map *taken = give_taken(op);
    if (str_eq(type, "ExternalName")) {
        json_del(spec, "clusterIP");
        json_del(spec, "clusterIPs");
        return 0;
    }
    if (allocate_address(op, spec, old, taken, err) < 0)
        return -1;
    if (str_eq(type, "NodePort") || str_eq(type, "LoadBalancer"))
        allocate_ports(op, json_get(spec, "ports"), old, taken);
    return 0;
}
