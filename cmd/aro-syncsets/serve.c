/* `aro syncsets api` */
#include <stdlib.h>
#include <string.h>

#include "cmd/aro-syncsets/commands.h"
#include "cmd/aro-syncsets/crew.h"
#include "cmd/aro-syncsets/listen.h"
#include "cmd/aro-syncsets/modes.h"
#include "pkg/base/file.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/http_client.h"
#include "rp/syncsets/api/access.h"
#include "rp/syncsets/api/api.h"
#include "rp/syncsets/queue/queue.h"
#include "rp/syncsets/queue/relay.h"
#include "rp/syncsets/store/migrate.h"

#define PEM_MAX ((size_t)1 << 20)
#define RELOAD_MS 10000

/* What stands in them; NULL: none is named. */
struct tls_files {
    char *cert_pem, *client_ca;
    struct secret *key_pem;
};
static void tls_files_release(struct tls_files *f)
{
    free(f->cert_pem);
    free(f->client_ca);
    secret_unref(f->key_pem);
    *f = (struct tls_files){ 0 };
}
#define cleanup_tls_files CLEANUP_WITH(tls_files_release)

static struct tls_files tls_files_take(struct tls_files *f)
{
    struct tls_files taken = *f;
    *f = (struct tls_files){ 0 };
    return taken;
}

struct server {
    const struct command_options *opt;
    struct opctx ctx;
    struct mode mode;
    struct sql_db *db;
    struct metrics *metrics;
    struct http_client *http; /* to the issuer of callers' tokens */
    struct http_peer *peer;
    struct sets_access *access;
    char *host;
    uint16_t port;
    struct tls_files tls;
    struct sets_api *api;
    struct sets_queue *queue; /* embedded: the controllers are here, too */
    struct crew *crew;
    struct sets_relay *relay; /* NULL: there is no broker */
};

static void server_release(struct server *s)
{
    const struct opctx root = opctx_root(s->opt->clock, s->opt->rng, NULL, NULL);
    const struct opctx whole = opctx_with_timeout_ms(&root, PROCESS_STOP_MS);
    crew_stop(s->crew);
    sets_relay_stop(s->relay);
    sets_api_stop(s->api, opctx_remaining_ms(&whole)); /* what the others left */
    sets_queue_close(s->queue);
    sets_access_free(s->access);
    http_peer_unref(s->peer);
    http_client_free(s->http);
    metrics_free(s->metrics);
    sql_close(s->db);
    mode_release(&s->mode);
    free(s->host);
    tls_files_release(&s->tls);
}
#define cleanup_server CLEANUP_WITH(server_release)

/* ---- settings ---- */

static int read_listen(struct server *s, struct error **err)
{
    const char *text =
        env_get_or(s->opt->env, "SYNCSETS_LISTEN", s->mode.embedded ? "127.0.0.1:7070" : ":7070");
    return listen_parse("SYNCSETS_LISTEN", text, &s->host, &s->port, err);
}

static int read_pem(const struct server *s, const char *name, char **ret, struct error **err)
{
    const char *path = env_get_or(s->opt->env, name, NULL);
    size_t len;
    if (path && file_read(path, PEM_MAX, ret, &len, err) < 0)
        return error_wrap(err, "%s", name);
    return 0;
}

static int read_tls(const struct server *s, struct tls_files *ret, struct error **err)
{
    cleanup_tls_files struct tls_files f = { 0 };
    cleanup_secret_text char *key = NULL;
    if (read_pem(s, "SYNCSETS_TLS_CERT", &f.cert_pem, err) < 0 ||
        read_pem(s, "SYNCSETS_TLS_KEY", &key, err) < 0 ||
        read_pem(s, "SYNCSETS_TLS_CLIENT_CA", &f.client_ca, err) < 0)
        return -1;
    if (!f.cert_pem != !key)
        return error_set(err, ERR_INVALID,
                         "SYNCSETS_TLS_CERT and SYNCSETS_TLS_KEY belong together: one is missing");
    if (key)
        f.key_pem = secret_new(key, strlen(key));
    *ret = tls_files_take(&f);
    return 0;
}

/* The files may be seen half written, certificate and key of different pairs: then what was stays until the next look. */
static void reload_tls(struct server *s)
{
    cleanup_tls_files struct tls_files now = { 0 };
    cleanup_error struct error *err = NULL;
    if (!s->tls.cert_pem)
        return;
    if (read_tls(s, &now, &err) < 0) {
        log_warning(s->opt->log, "%s", error_text(err));
        return;
    }
    bool same_pair =
        str_eq(now.cert_pem, s->tls.cert_pem) && secret_equal(now.key_pem, s->tls.key_pem);
    if (!same_pair && sets_api_set_cert(s->api, now.cert_pem, now.key_pem, &err) < 0) {
        log_warning(s->opt->log, "the new certificate is not taken: %s", error_text(err));
        return;
    }
    if (s->access && !str_eq(now.client_ca, s->tls.client_ca))
        sets_access_set_client_ca(s->access, now.client_ca);
    if (!same_pair)
        log_info(s->opt->log, "there is a new certificate");
    struct tls_files old = s->tls;
    s->tls = now;
    now = old;
}

static bool is_loopback(const char *host)
{
    return host && (str_starts(host, "127.") || str_eq(host, "::1") || str_eq(host, "localhost"));
}

static int open_client(struct server *s, struct error **err)
{
    const struct http_client_config cfg = { .clock = s->opt->clock,
                                            .env = s->opt->env,
                                            .log = s->opt->log };
    const struct http_peer_config peer = { 0 };
    if (http_client_new(&cfg, &s->http, err) < 0)
        return -1;
    return http_peer_new(s->http, &peer, &s->peer, err);
}

/* An issuer that is away must not keep the server from those who have other credentials. */
static void refresh_keys(struct server *s)
{
    cleanup_error struct error *err = NULL;
    if (s->access && sets_access_refresh_keys(s->access, &s->ctx, &err) < 0)
        log_warning(s->opt->log, "%s", error_text(err));
}

static int open_access(struct server *s, const char *path, struct error **err)
{
    if (open_client(s, err) < 0)
        return -1;
    const struct sets_access_config cfg = { .path = path,
                                            .client_ca = s->tls.client_ca,
                                            .transport = http_peer_transport(s->peer),
                                            .clock = s->opt->clock };
    if (sets_access_open(&cfg, &s->access, err) < 0)
        return error_wrap(err, "SYNCSETS_AUTH_CONFIG");
    refresh_keys(s);
    return 0;
}

static int read_access(struct server *s, struct error **err)
{
    const char *path = env_get_or(s->opt->env, "SYNCSETS_AUTH_CONFIG", NULL);
    if (path && !str_eq(path, "none"))
        return open_access(s, path, err);
    if (is_loopback(s->host))
        return 0;
    return error_set(err, ERR_INVALID,
                     "everybody could call: set SYNCSETS_AUTH_CONFIG, or listen on loopback only "
                     "(SYNCSETS_LISTEN=127.0.0.1:7070)");
}

static int read_rest(const struct server *s, struct sets_api_config *cfg, struct error **err)
{
    enum {
        EVENT_RETENTION,
        AUDIT_RETENTION,
        AUDIT_ROWS,
        SELECTOR_BYTES,
        WATCHES_EACH,
        WATCH_BYTES,
        SETTINGS
    };
    static const struct setting table[SETTINGS] = {
        [EVENT_RETENTION] = { "event_retention_s", "SYNCSETS_EVENT_RETENTION_S", 3600, 60,
                              30 * 86400, "How long changes stay in the log." },
        [AUDIT_RETENTION] = { "audit_retention_s", "SYNCSETS_AUDIT_RETENTION_S", 90 * 86400, 3600,
                              3650 * 86400LL, "How long it is known who wrote what." },
        [AUDIT_ROWS] = { "audit_rows", "SYNCSETS_AUDIT_ROWS", 10000000, 1000, 1000000000,
                         "Of how many writes at most." },
        [SELECTOR_BYTES] = { "selector_set_bytes", "SYNCSETS_SELECTOR_SET_BYTES", 32 << 20, 1024,
                             1 << 30, "What all SelectorSyncSets together may come to." },
        [WATCHES_EACH] = { "watches_each", "SYNCSETS_WATCHES_PER_IDENTITY", 500, 1, 2000,
                           "How many watches an identity may have." },
        [WATCH_BYTES] = { "watch_bytes", "SYNCSETS_WATCH_BYTES", 256 << 20, 16 << 20,
                          (int64_t)16 << 30, "What may wait for the readers of all watches." },
    };
    int64_t values[SETTINGS];
    const char *judge = env_get_or(s->opt->env, "SYNCSETS_KUBECONFIG_VALIDATION", "store");
    if (settings_load(table, ARRAY_LEN(table), s->opt->env, values, err) < 0)
        return -1;
    if (!str_eq(judge, "store") && !str_eq(judge, "reject"))
        return error_set(err, ERR_INVALID,
                         "SYNCSETS_KUBECONFIG_VALIDATION: 'store' or 'reject', not '%s'", judge);
    cfg->event_keep_s = values[EVENT_RETENTION];
    cfg->audit_keep_s = values[AUDIT_RETENTION];
    cfg->audit_rows = values[AUDIT_ROWS];
    cfg->selector_set_bytes = values[SELECTOR_BYTES];
    cfg->watches_each = values[WATCHES_EACH];
    cfg->watch_bytes = values[WATCH_BYTES];
    cfg->reject_kubeconfigs = str_eq(judge, "reject");
    return 0;
}

/* ---- start ---- */

/* Only an embedded database is made by the server itself: others are several servers' affair. */
static int open_database(struct server *s, struct error **err)
{
    const struct sql_config cfg = { .dsn = s->mode.dsn,
                                    .clock = s->opt->clock,
                                    .connections = 24 + crew_connections(s->opt->env) };
    int steps;
    if (sql_open(&s->ctx, &cfg, &s->db, err) < 0)
        return -1;
    if (s->mode.embedded && sets_migrate_up(&s->ctx, s->db, s->mode.keys, &steps, err) < 0)
        return -1;
    return sets_schema_check(&s->ctx, s->db, err);
}

static int open_queue(struct server *s, struct error **err)
{
    if (!s->mode.embedded)
        return 0;
    return crew_open_queue(s->opt, &s->mode, s->db, s->metrics, &s->queue, err);
}

static int start_crew(struct server *s, struct error **err)
{
    const struct crew_config cfg = { s->opt, sets_api_store(s->api), s->queue, s->metrics };
    return s->mode.embedded ? crew_start(&cfg, &s->crew, err) : 0;
}

static int start_relay(struct server *s, struct error **err)
{
    const struct sets_relay_config cfg = {
        .store = sets_api_store(s->api),
        .broker = s->mode.broker,
        .prefix = s->mode.bus_prefix,
        .metrics = s->metrics,
        .clock = s->opt->clock,
        .rng = s->opt->rng,
        .log = s->opt->log,
    };
    return s->mode.broker ? sets_relay_start(&cfg, &s->relay, err) : 0;
}

static int start(struct server *s, struct error **err)
{
    const struct command_options *opt = s->opt;
    if (mode_open(&s->ctx, opt->env, true, &s->mode, err) < 0 || read_listen(s, err) < 0 ||
        read_tls(s, &s->tls, err) < 0 || read_access(s, err) < 0)
        return -1;
    s->metrics = metrics_new();
    struct sets_api_config cfg = {
        .keys = s->mode.keys,
        .require_namespaces = opt->require_namespaces,
        .access = s->access,
        .bind_address = s->host,
        .port = s->port,
        .cert_pem = s->tls.cert_pem,
        .key_pem = s->tls.key_pem,
        .has_relay = s->mode.broker != NULL,
        .metrics = s->metrics,
        .clock = opt->clock,
        .rng = opt->rng,
        .log = opt->log,
    };
    if (read_rest(s, &cfg, err) < 0 || open_database(s, err) < 0 || open_queue(s, err) < 0)
        return -1;
    cfg.db = s->db;
    if (s->queue) {
        cfg.on_commit = sets_queue_committed;
        cfg.on_commit_arg = s->queue;
    }
    if (sets_api_start(&cfg, &s->api, err) < 0 || start_relay(s, err) < 0)
        return -1;
    return start_crew(s, err);
}

int command_api(const struct command_options *opt, struct error **err)
{
    cleanup_server struct server s = { .opt = opt, .mode = { .lock_fd = -1 } };
    s.ctx = opctx_root(opt->clock, opt->rng, opt->stop, opt->log);
    if (opt->args_len)
        return error_set(err, ERR_INVALID, "unexpected argument '%s'", opt->args[0]);
    if (start(&s, err) < 0)
        return -1;
    log_info(opt->log, "listening on %s port %u, %s", s.host ? s.host : "all addresses",
             sets_api_port(s.api),
             s.mode.embedded ? "data in one SQLite file"
             : s.mode.broker ? "data in PostgreSQL, changes go to a broker"
                             : "data in PostgreSQL");
    if (opt->on_listening)
        opt->on_listening(opt->arg, sets_api_port(s.api));
    while (opctx_sleep_ms(&s.ctx, opt->reload_ms ? opt->reload_ms : RELOAD_MS, NULL) == 0) {
        reload_tls(&s);
        refresh_keys(&s);
    }
    log_info(opt->log, "stopping");
    return 0;
}
