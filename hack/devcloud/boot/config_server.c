#include "hack/devcloud/boot/config_server.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/net/server.h"
#include "pkg/net/url.h"

#define API_PORT 6443
#define REST_AFTER_NS (10 * NS_PER_S)
#define ROLE_LABEL "metadata.labels[\"machineconfiguration.openshift.io/role\"]"
#define ZONE_VERSION "2018-09-01"

struct config_server {
    struct config_server_config cfg;
    struct http_server *server; /* NULL: it rests */
    int64_t used_ns;            /* when a machine came last */
    struct strv booted;         /* IDs of machines that are set up */
    pthread_mutex_t mu;
    struct map *rendered; /* role -> its configuration, text; under mu */
};

struct config_server *config_server_new(const struct config_server_config *cfg)
{
    struct config_server *s = xnew(struct config_server);
    s->cfg = *cfg;
    s->rendered = map_new(free);
    mutex_init(&s->mu);
    return s;
}

void config_server_free(struct config_server *s)
{
    if (!s)
        return;
    http_server_stop(s->server, 0);
    strv_release(&s->booted);
    map_free(s->rendered);
    pthread_mutex_destroy(&s->mu);
    free(s);
}

/* ---- the server ---- */

static int handle(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    struct config_server *s = arg;
    const char *role = http_call_param(call, "role");
    (void)ctx;
    (void)err;
    pthread_mutex_lock(&s->mu);
    const char *text = map_get(s->rendered, role ? role : "");
    if (text)
        http_call_reply(call, 200, "application/json", text);
    else
        http_call_reply(call, 404, "text/plain", "no MachineConfigs are for that role\n");
    pthread_mutex_unlock(&s->mu);
    return 0;
}

static int start(struct config_server *s, struct error **err)
{
    const struct http_route routes[] = { { "GET", "/config/{role}", handle, .inline_ = true } };
    struct http_server_config cfg = { .name = "config-server",
                                      .bind_address = "127.0.0.1",
                                      .cert_pem = s->cfg.boot->mcs.cert_pem,
                                      .key_pem = s->cfg.boot->mcs.key_pem,
                                      .routes = routes,
                                      .routes_len = ARRAY_LEN(routes),
                                      .arg = s,
                                      .workers = 1,
                                      .clock = s->cfg.clock,
                                      .rng = s->cfg.rng,
                                      .log = s->cfg.log };
    s->used_ns = clock_mono_ns(s->cfg.clock);
    if (s->server)
        return 0;
    return http_server_start(&cfg, &s->server, err);
}

void config_server_rest(struct config_server *s)
{
    if (!s->server || clock_mono_ns(s->cfg.clock) - s->used_ns < REST_AFTER_NS)
        return;
    http_server_stop(s->server, 0);
    s->server = NULL;
}

/* ---- what it serves ---- */

/* The later one of two wins. */
static const struct {
    const char *path, *key;
} lists[] = { { "storage.files", "path" },
              { "systemd.units", "name" },
              { "passwd.users", "name" } };

static void add_all(json *config, const json *from)
{
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const json *items = json_path(from, lists[i].path);
        if (!json_path(config, lists[i].path))
            (void)json_path_put(config, lists[i].path, json_new_array(), NULL);
        for (size_t k = 0; k < json_len(items); k++)
            json_put_keyed(json_path(config, lists[i].path), lists[i].key,
                           json_give_copy(json_at(items, k)));
    }
}

/* Of all MachineConfigs for the role, as they are now. */
static int render(struct config_server *s, const struct view *v, const char *role,
                  struct error **err)
{
    cleanup_json json *all = NULL;
    cleanup_json json *config =
        json_make("{'ignition':{'version':%s}}", s->cfg.boot->ignition_version);
    if (kube_list(v->api.kube, v->api.ctx, KUBE_REF(&GVR_MACHINECONFIGS, NULL, NULL), NULL, &all,
                  err) < 0)
        return error_wrap(err, "machine config server");
    const json *items = json_get(all, "items");
    for (size_t i = 0; i < json_len(items); i++)
        if (str_eq(json_path_str(json_at(items, i), ROLE_LABEL), role))
            add_all(config, json_path(json_at(items, i), "spec.config"));
    pthread_mutex_lock(&s->mu);
    map_set(s->rendered, role, json_give_text(config));
    pthread_mutex_unlock(&s->mu);
    return 0;
}

/* ---- names and ways ---- */

static json *ask(const struct view *v, const char *path)
{
    json *found = NULL;
    if (v->cloud->ask(v->cloud, "GET", path, ZONE_VERSION, NULL, &found) == 200)
        return found;
    json_free(found);
    return NULL;
}

/* The address that a private zone of the group has for a name; NULL: none. Owned. */
static char *give_from_zones(const struct view *v, const char *name)
{
    const char *dot = strchr(name, '.');
    if (!dot)
        return NULL;
    cleanup_free char *zone =
        xasprintf("%s/providers/Microsoft.Network/privateDnsZones/%s", v->group_id, dot + 1);
    cleanup_free char *links = xasprintf("%s/virtualNetworkLinks", zone);
    cleanup_free char *record = xasprintf("%s/A/%.*s", zone, (int)(dot - name), name);
    cleanup_json json *linked = ask(v, links);
    cleanup_json json *set = json_len(json_get(linked, "value")) ? ask(v, record) : NULL;
    const char *address = json_path_str(set, "properties.aRecords[0].ipv4Address");
    return address ? xstrdup(address) : NULL;
}

static int resolve(const struct view *v, const char *name, char **ret, struct error **err)
{
    struct in_addr address;
    *ret = inet_pton(AF_INET, name, &address) == 1 ? xstrdup(name) : give_from_zones(v, name);
    return *ret ? 0 : error_set(err, ERR_UNAVAILABLE, "lookup %s: no such host", name);
}

/* A load balancer leads from there to the cluster. */
static int check_way(const struct view *v, const char *address, int64_t port, struct error **err)
{
    cleanup_json json *frontends = v->cloud->give_frontends(v->cloud, v->group_id);
    for (size_t i = 0; i < json_len(frontends); i++) {
        const json *frontend = json_at(frontends, i), *ports = json_get(frontend, "ports");
        for (size_t k = 0; k < json_len(ports); k++) {
            int64_t has = 0;
            if (json_int(json_at(ports, k), &has) && has == port &&
                str_eq(json_path_str(frontend, "address"), address))
                return 0;
        }
    }
    return error_set(err, ERR_UNAVAILABLE, "dial %s:%d: no load balancer listens there", address,
                     (int)port);
}

/* ---- the machine ---- */

static int find_server(const struct view *v, const struct ignition *pointer, struct error **err)
{
    cleanup_url struct url url = { 0 };
    cleanup_free char *address = NULL;
    if (pointer->sources.len != 1)
        return error_set(err, ERR_INVALID, "customData points to %zu sources instead of one",
                         pointer->sources.len);
    if (url_parse(pointer->sources.v[0], &url, err) < 0)
        return error_wrap(err, "what customData points to");
    return resolve(v, url.host, &address, err) < 0 ? -1 : check_way(v, address, url.port, err);
}

static int fetch(struct config_server *s, const struct view *v, const char *data,
                 struct ignition **ret, struct error **err)
{
    cleanup_ignition struct ignition *pointer = NULL;
    cleanup_http_peer struct http_peer *peer = NULL;
    cleanup_free char *dial = NULL;
    if (ignition_parse(data, strlen(data), &pointer, err) < 0)
        return error_wrap(err, "customData");
    if (find_server(v, pointer, err) < 0 || start(s, err) < 0)
        return -1;
    dial = xasprintf("127.0.0.1:%u", http_server_port(s->server));
    const struct http_peer_config cfg = { .ca_pem = pointer->authorities_pem,
                                          .proxy_url = "",
                                          .dial_address = dial };
    if (http_peer_new(s->cfg.http, &cfg, &peer, err) < 0)
        return error_wrap(err, "who vouches for the machine config server");
    return ignition_fetch(http_peer_transport(peer), v->api.ctx, data, strlen(data), ret, err);
}

/* What dnsmasq.conf has for a name: "address=/NAME/ADDRESS". NULL: nothing. Owned. */
static char *give_from_dnsmasq(const struct ignition *i, const char *name)
{
    const char *conf = ignition_text(i, "/etc/dnsmasq.conf");
    cleanup_free char *prefix = xasprintf("address=/%s/", name);
    cleanup_strv struct strv lines = STRV_INIT;
    strv_split(&lines, conf ? conf : "", "\n", false);
    for (size_t k = 0; k < lines.len; k++)
        if (str_starts(lines.v[k], prefix))
            return xstrdup(lines.v[k] + strlen(prefix));
    return NULL;
}

static int find_api(const struct view *v, const struct ignition *i, struct error **err)
{
    cleanup_free char *name = xasprintf("api-int.%s", v->boot->domain);
    cleanup_free char *address = give_from_dnsmasq(i, name);
    if (!address && resolve(v, name, &address, err) < 0)
        return -1;
    return check_way(v, address, API_PORT, err);
}

int config_server_boot(struct config_server *s, const struct view *v, const char *machine_id,
                       const char *role, struct error **err)
{
    cleanup_ignition struct ignition *config = NULL;
    if (strv_has(&s->booted, machine_id))
        return 0;
    cleanup_secret_text char *data = v->cloud->give_custom_data(v->cloud, machine_id);
    if (!data)
        return error_set(err, ERR_UNAVAILABLE, "%s: ignition: no customData", machine_id);
    if (render(s, v, role, err) < 0 || fetch(s, v, data, &config, err) < 0)
        return error_wrap(err, "%s: ignition", machine_id);
    if (find_api(v, config, err) < 0)
        return error_wrap(err, "%s: kubelet", machine_id);
    strv_add(&s->booted, machine_id);
    return 0;
}
