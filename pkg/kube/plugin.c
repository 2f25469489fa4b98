#include "pkg/kube/plugin.h"

#include <pthread.h>
#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/encoding.h"
#include "pkg/base/flight.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/kube/plugin_reply.h"

#define REFRESH_EARLY_NS (10 * NS_PER_S)
#define HINTS_MAX 10
#define HINTS_PER_NS (3600 * NS_PER_S)

struct plugin {
    struct plugin_config cfg;
    char *info; /* KUBERNETES_EXEC_INFO */
    pthread_mutex_t mu;
    /* All below with the lock. */
    struct plugin_reply reply; /* valid while generation is not 0 */
    uint64_t generation, last_generation;
    struct flight flight;
    struct error *run_error; /* of the last run; NULL: it succeeded */
    bool gave_up;            /* the last run ended with its caller's context */
    int64_t hints_since_ns;
    int hints;
};

static json *give_cluster(const struct kube_config *cfg)
{
    json *cluster = json_make("{'server':%s}", cfg->server);
    if (cfg->server_name)
        json_put(cluster, "tls-server-name", json_new_str(cfg->server_name));
    if (cfg->insecure)
        json_put(cluster, "insecure-skip-tls-verify", json_new_bool(true));
    if (cfg->ca_pem) {
        cleanup_free char *data = base64_give(cfg->ca_pem, strlen(cfg->ca_pem));
        json_put(cluster, "certificate-authority-data", json_new_str(data));
    }
    if (cfg->proxy_url)
        json_put(cluster, "proxy-url", json_new_str(cfg->proxy_url));
    if (cfg->disable_compression)
        json_put(cluster, "disable-compression", json_new_bool(true));
    if (cfg->exec->cluster_config)
        json_put(cluster, "config", json_give_copy(cfg->exec->cluster_config));
    return cluster;
}

static char *give_info(const struct kube_config *cfg)
{
    cleanup_json json *info = json_make("{'kind':'ExecCredential','apiVersion':%s,"
                                        "'spec':{'interactive':%b}}",
                                        cfg->exec->api_version, 0);
    if (cfg->exec->provide_cluster_info)
        json_put(json_get(info, "spec"), "cluster", give_cluster(cfg));
    return json_give_text(info);
}

struct plugin *plugin_new(const struct plugin_config *cfg)
{
    struct plugin *p = xnew(struct plugin);
    p->cfg = *cfg;
    if (!p->cfg.run)
        p->cfg.run = plugin_spawn;
    p->info = give_info(cfg->cfg);
    mutex_init(&p->mu);
    return p;
}

void plugin_free(struct plugin *p)
{
    if (!p)
        return;
    plugin_reply_release(&p->reply);
    error_free(p->run_error);
    pthread_mutex_destroy(&p->mu);
    free(p->info);
    free(p);
}

/* The hint comes from a file: a control character could repaint a terminal. */
static char *give_escaped(const char *text)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (const char *p = text; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            buf_addf(&b, "\\x%02x", (unsigned char)*p);
        else
            buf_addc(&b, *p);
    }
    return buf_give(&b);
}

/* Adds the install hint to the failure of a missing command, at most 10 times an hour. */
static void add_hint(struct plugin *p, struct error **err)
{
    const char *hint = p->cfg.cfg->exec->install_hint;
    if (!hint || !*hint || !error_is(*err, ERR_NOT_FOUND))
        return;
    int64_t now = clock_mono_ns(p->cfg.clock);
    pthread_mutex_lock(&p->mu);
    if (p->hints == 0 || now - p->hints_since_ns >= HINTS_PER_NS) {
        p->hints_since_ns = now;
        p->hints = 0;
    }
    bool show = p->hints < HINTS_MAX;
    p->hints += show;
    pthread_mutex_unlock(&p->mu);
    if (!show)
        return;
    cleanup_free char *escaped = give_escaped(hint);
    error_set(err, ERR_NOT_FOUND, "%s; %s", error_text(*err), escaped);
}

/* Without the lock. */
static int run(struct plugin *p, const struct opctx *ctx, struct plugin_reply *ret,
               struct error **err)
{
    const struct kube_exec_config *exec = p->cfg.cfg->exec;
    if (exec->interactive == KUBE_EXEC_ALWAYS)
        return error_set(err, ERR_INVALID,
                         "%s wants to be interactive, but there is no standard input",
                         exec->command);
    cleanup_free char *output = NULL;
    size_t len = 0;
    if (p->cfg.run(p->cfg.run_arg, ctx, exec, p->info, &output, &len, err) < 0) {
        add_hint(p, err);
        return -1;
    }
    int rc = plugin_reply_parse(output, len, exec->api_version, ret, err);
    secret_wipe(output, len);
    return rc < 0 ? error_wrap(err, "the answer of %s", exec->command) : 0;
}

static bool is_current(const struct plugin *p)
{
    return p->generation != 0 &&
           clock_wall_ns(p->cfg.clock) + REFRESH_EARLY_NS < p->reply.expires_wall_ns;
}

/* In flight, with the lock held on entry and return: runs the command for all who wait. */
static void lead(struct plugin *p, const struct opctx *ctx)
{
    pthread_mutex_unlock(&p->mu);
    struct plugin_reply reply = { 0 };
    struct error *e = NULL;
    int rc = run(p, ctx, &reply, &e);
    pthread_mutex_lock(&p->mu);

    error_free(p->run_error);
    p->run_error = e;
    p->gave_up = rc < 0 && opctx_check(ctx, NULL) < 0;
    if (rc == 0) {
        plugin_reply_release(&p->reply);
        p->reply = reply;
        p->generation = ++p->last_generation;
    }
    flight_end(&p->flight);
}

/* Returns with the lock held when 0: the reply is usable. */
static int lock_current(struct plugin *p, const struct opctx *ctx, struct error **err)
{
    pthread_mutex_lock(&p->mu);
    while (!is_current(p)) {
        int rc = 0;
        bool led = flight_begin(&p->flight);
        if (led)
            lead(p, ctx);
        else
            rc = flight_wait(&p->flight, &p->mu, ctx, err);
        /* A leader whose own time was up speaks for itself only: the next one takes over. */
        bool shared = led || !p->gave_up;
        if (rc == 0 && p->run_error && shared) {
            struct error *copy = error_give_copy(p->run_error);
            rc = error_move(err, &copy);
        } else if (rc == 0 && !p->run_error) {
            return 0; /* even when it expires at once */
        }
        if (rc < 0) {
            pthread_mutex_unlock(&p->mu);
            return -1;
        }
    }
    return 0;
}

int plugin_give_token(struct plugin *p, const struct opctx *ctx, struct secret **ret_token,
                      uint64_t *ret_generation, struct error **err)
{
    if (lock_current(p, ctx, err) < 0)
        return -1;
    *ret_token = p->reply.token ? secret_ref(p->reply.token) : NULL;
    *ret_generation = p->generation;
    pthread_mutex_unlock(&p->mu);
    return 0;
}

int plugin_give_cert(struct plugin *p, const struct opctx *ctx, char **ret_cert,
                     struct secret **ret_key, struct error **err)
{
    if (lock_current(p, ctx, err) < 0)
        return -1;
    *ret_cert = xstrdup(p->reply.cert_pem);
    *ret_key = p->reply.key_pem ? secret_ref(p->reply.key_pem) : NULL;
    pthread_mutex_unlock(&p->mu);
    return 0;
}

void plugin_reject(struct plugin *p, uint64_t generation)
{
    pthread_mutex_lock(&p->mu);
    if (p->generation == generation)
        p->generation = 0;
    pthread_mutex_unlock(&p->mu);
}
