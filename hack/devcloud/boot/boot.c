#include "hack/devcloud/boot/boot.h"

#include <string.h>

#include "hack/devcloud/boot/ssh_server.h"
#include "hack/devcloud/boot/vcluster.h"
#include "pkg/base/log.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

struct boot {
    struct boot_config cfg;
    struct vcluster_config vcluster;
    struct cloud *cloud;
    struct http_client *http;
    struct http_peer *peer; /* to the simulated Azure, for Ignition configurations */
    struct map *
        clusters; /* ID of the resource group in lower case -> struct vcluster; of the watcher's thread */
};

static void cluster_release(void *p)
{
    vcluster_free(p);
}

/* ---- machines come and go ---- */

/* Those that carry a control plane. */
static bool is_control_plane(const char *id)
{
    return str_ends_nocase(id, "-bootstrap") || str_matches_nocase("*-master-*", strrchr(id, '/'));
}

static bool has_control_plane(const struct boot *b, const char *group_id)
{
    cleanup_strv struct strv ids = STRV_INIT;
    machines_list(b->cfg.sim, group_id, &ids);
    for (size_t i = 0; i < ids.len; i++)
        if (is_control_plane(ids.v[i]))
            return true;
    return false;
}

static void begin(struct boot *b, const char *key, const struct azure_machine *m)
{
    struct vcluster *v = NULL;
    cleanup_error struct error *e = NULL;
    if (map_has(b->clusters, key)) /* the same machine again, after its cluster has begun */
        return;
    if (vcluster_start(&b->vcluster, m, &v, &e) < 0) {
        machines_append_log(b->cfg.sim, m->id, error_text(e));
        return;
    }
    map_set(b->clusters, key, v);
}

static void on_changed(void *arg, enum machine_event what, const struct azure_machine *m)
{
    struct boot *b = arg;
    cleanup_free char *key = str_give_lower(m->group_id);
    if (what == MACHINE_PROVISIONED && str_ends_nocase(m->name, "-bootstrap") && m->custom_data)
        begin(b, key, m);
    else if (what == MACHINE_DELETED && map_has(b->clusters, key) &&
             !has_control_plane(b, m->group_id))
        map_del(b->clusters, key);
}

/* ---- life ---- */

static int open_http(struct boot *b, struct error **err)
{
    struct http_client_config client = { .clock = b->cfg.clock,
                                         .env = b->cfg.env,
                                         .log = b->cfg.log };
    cleanup_free char *address = xasprintf("127.0.0.1:%u", azure_sim_port(b->cfg.sim));
    struct http_peer_config azure = { .ca_pem = azure_sim_ca_pem(b->cfg.sim),
                                      .proxy_url = "",
                                      .dial_address = address };
    return http_client_new(&client, &b->http, err) < 0
               ? -1
               : http_peer_new(b->http, &azure, &b->peer, err);
}

static int start(struct boot *b, struct error **err)
{
    struct machine_watcher watcher = { on_changed, b };
    if (open_http(b, err) < 0 || (b->cfg.dir && ssh_server_write_index(b->cfg.dir, err) < 0))
        return -1;
    b->cloud = cloud_new(b->cfg.sim);
    b->vcluster = (struct vcluster_config){ .cloud = b->cloud,
                                            .http = b->http,
                                            .sources = http_peer_transport(b->peer),
                                            .dir = b->cfg.dir,
                                            .bin_dir = b->cfg.bin_dir,
                                            .pod_env = b->cfg.pod_env,
                                            .tick_ms = b->cfg.tick_ms,
                                            .clock = b->cfg.clock,
                                            .rng = b->cfg.rng,
                                            .env = b->cfg.env,
                                            .log = b->cfg.log };
    return machines_watch(b->cfg.sim, &watcher, err);
}

int boot_start(const struct boot_config *cfg, struct boot **ret, struct error **err)
{
    struct boot *b = xnew(struct boot);
    b->cfg = *cfg;
    b->clusters = map_new(cluster_release);
    if (start(b, err) < 0) {
        boot_stop(b);
        return error_wrap(err, "starting the clusters of the simulated Azure");
    }
    *ret = b;
    return 0;
}

void boot_stop(struct boot *b)
{
    if (!b)
        return;
    machines_unwatch(b->cfg.sim);
    for (struct map_iter it = { 0 }; map_next(b->clusters, &it);)
        vcluster_ask_to_stop(it.value); /* so that they end side by side */
    map_free(b->clusters);
    cloud_free(b->cloud);
    http_peer_unref(b->peer);
    http_client_free(b->http);
    free(b);
}
