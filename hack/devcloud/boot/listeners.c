#include "hack/devcloud/boot/listeners.h"

#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"

#define WORKERS_INSIDE 4
#define WORKERS 2

struct listeners {
    struct listeners_config cfg;
    struct cluster_server *inner;
    struct map *outer; /* address -> struct cluster_server */
};

static void server_free(void *p)
{
    cluster_server_stop(p);
}

static int start(struct listeners *l, const char *address, uint16_t port, int workers,
                 struct cluster_server **ret, struct error **err)
{
    struct cluster_server_config cfg = { .address = address,
                                         .port = port,
                                         .cert_pem = l->cfg.boot->serving.cert_pem,
                                         .key_pem = l->cfg.boot->serving.key_pem,
                                         .workers = workers,
                                         .intercept = l->cfg.intercept,
                                         .intercept_arg = l->cfg.intercept_arg };
    return cluster_server_start(l->cfg.cluster, &cfg, ret, err);
}

int listeners_new(const struct listeners_config *cfg, struct listeners **ret, struct error **err)
{
    struct listeners *l = xnew(struct listeners);
    l->cfg = *cfg;
    l->outer = map_new(server_free);
    if (start(l, "127.0.0.1", 0, WORKERS_INSIDE, &l->inner, err) < 0) {
        listeners_free(l);
        return -1;
    }
    *ret = l;
    return 0;
}

void listeners_free(struct listeners *l)
{
    if (!l)
        return;
    map_free(l->outer);
    cluster_server_stop(l->inner);
    free(l);
}

uint16_t listeners_inner_port(const struct listeners *l)
{
    return cluster_server_port(l->inner);
}

size_t listeners_len(const struct listeners *l)
{
    return map_len(l->outer);
}

int listeners_set(struct listeners *l, const struct strv *addresses, struct error **err)
{
    struct error *all = NULL;
    for (struct map_iter it = { 0 }; map_next(l->outer, &it);)
        if (!strv_has(addresses, it.key))
            map_del(l->outer, it.key);
    for (size_t i = 0; i < addresses->len; i++) {
        struct cluster_server *s = NULL;
        struct error *e = NULL;
        if (map_has(l->outer, addresses->v[i]))
            continue;
        if (start(l, addresses->v[i], l->cfg.port, WORKERS, &s, &e) == 0) {
            map_set(l->outer, addresses->v[i], s);
            continue;
        }
        (void)error_wrap(&e, "%s", addresses->v[i]);
        error_join(&all, &e);
    }
    return all ? error_move(err, &all) : 0;
}

static void add(struct strv *ret, const char *address)
{
    if (address && str_starts(address, "127."))
        strv_add_unique(ret, address);
}

static bool has_port(const json *frontend, uint16_t port)
{
    const json *ports = json_get(frontend, "ports");
    for (size_t i = 0; i < json_len(ports); i++) {
        int64_t n = 0;
        if (json_int(json_at(ports, i), &n) && n == port)
            return true;
    }
    return false;
}

void listeners_find(const json *frontends, const json *endpoints, uint16_t port, struct strv *ret)
{
    for (size_t i = 0; i < json_len(frontends); i++)
        if (has_port(json_at(frontends, i), port))
            add(ret, json_path_str(json_at(frontends, i), "address"));
    for (size_t i = 0; i < json_len(endpoints); i++)
        if (str_eq_nocase(json_path_str(json_at(endpoints, i), "status"), "Approved"))
            add(ret, json_path_str(json_at(endpoints, i), "address"));
}
