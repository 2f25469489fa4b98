/*
 * A connection over a peer of the curl client. Its certificates may change while it lives: then a
 * new peer takes over. With other authorities, the former peer's transfers run to their end; with
 * another client certificate, all its connections are closed, since they speak for somebody that we
 * are no longer. Clients of equal configuration share one peer, and so its connections.
 */
#include <pthread.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/kube/conn.h"
#include "pkg/kube/tls_files.h"

#define RELOAD_EVERY_NS (300 * NS_PER_S)

struct peer_conn {
    struct kube_conn base;
    struct kube_conn_config cfg; /* dial_address is owned */
    char *dial_address;
    struct metric *reloads;
    pthread_mutex_t mu;
    /* All below with the lock. */
    struct http_peer *peer;
    struct tls_files files; /* what the peer was made of */
    int64_t read_ns;        /* when the files were last read */
};

static int make_peer(const struct peer_conn *c, const struct tls_files *files,
                     struct http_peer **ret, struct error **err)
{
    const struct kube_config *k = c->cfg.cfg;
    struct http_peer_config cfg = {
        .ca_pem = files->ca_pem,
        .client_cert_pem = files->cert_pem,
        .client_key_pem = files->key_pem,
        .server_name = k->server_name,
        .insecure = k->insecure,
        .proxy_url = k->proxy_url,
        .dial_address = c->dial_address,
        .dial_rules = c->cfg.dial_rules,
        .idle_ms = c->cfg.idle_ms,
        .ping_ms = c->cfg.ping_ms,
        /* Limits below 0 stand for "never look". */
        .probe_path = c->cfg.idle_ms < 0 || c->cfg.ping_ms < 0 ? NULL : "/version",
        .disable_http2 = c->cfg.disable_http2,
    };
    return http_peer_share(c->cfg.http, &cfg, ret, err);
}

/* With the lock: goes over to files (consumed) when they differ; on failure all stays as it is. */
static int adopt(struct peer_conn *c, struct tls_files *files, struct error **err)
{
    bool same_cert = tls_files_same_cert(files, &c->files);
    struct http_peer *fresh = NULL;
    if (same_cert && tls_files_same_ca(files, &c->files)) {
        tls_files_release(files);
        return 0;
    }
    if (make_peer(c, files, &fresh, err) < 0) {
        tls_files_release(files);
        return -1;
    }
    if (!same_cert)
        http_peer_close_connections(c->peer);
    http_peer_unref(c->peer);
    c->peer = fresh;
    tls_files_release(&c->files);
    c->files = *files;
    return 0;
}

static void poll_files(struct peer_conn *c)
{
    int64_t now = clock_mono_ns(c->cfg.clock);
    if (now - c->read_ns < RELOAD_EVERY_NS)
        return;
    c->read_ns = now;
    struct tls_files files;
    tls_files_copy(&files, &c->files);
    tls_files_reload(&files, c->cfg.cfg, c->reloads, c->cfg.log);
    cleanup_error struct error *e = NULL;
    if (adopt(c, &files, &e) < 0)
        log_warning(c->cfg.log, "changed certificates cannot be used: %s", error_text(e));
}

/* The plugin's certificate, where there is one, instead of the one in use. */
static int use_plugin_cert(struct peer_conn *c, const struct opctx *ctx, struct error **err)
{
    char *cert = NULL;
    struct secret *key = NULL;
    if (kube_cred_give_cert(c->cfg.cred, ctx, &cert, &key, err) < 0)
        return -1;
    if (c->cfg.cfg->cert_pem || c->cfg.cfg->cert_file) { /* plugins do not run then */
        free(cert);
        secret_unref(key);
        return 0;
    }
    pthread_mutex_lock(&c->mu);
    struct tls_files files = { .ca_pem = xstrdup(c->files.ca_pem),
                               .cert_pem = cert,
                               .key_pem = key };
    int rc = adopt(c, &files, err);
    pthread_mutex_unlock(&c->mu);
    return rc;
}

static int peer_acquire(struct kube_conn *base, const struct opctx *ctx, struct kube_conn_use *ret,
                        struct error **err)
{
    struct peer_conn *c = container_of(base, struct peer_conn, base);
    if (use_plugin_cert(c, ctx, err) < 0)
        return error_wrap(err, "getting a client certificate");
    pthread_mutex_lock(&c->mu);
    poll_files(c);
    *ret = (struct kube_conn_use){ .peer = http_peer_ref(c->peer) };
    pthread_mutex_unlock(&c->mu);
    ret->transport = http_peer_transport(ret->peer);
    return 0;
}

static void peer_done(struct kube_conn *base, struct kube_conn_use *use)
{
    (void)base;
    http_peer_unref(take(use->peer));
}

static void peer_free(struct kube_conn *base)
{
    struct peer_conn *c = container_of(base, struct peer_conn, base);
    http_peer_unref(c->peer);
    tls_files_release(&c->files);
    pthread_mutex_destroy(&c->mu);
    free(c->dial_address);
    free(c);
}

int kube_conn_new(const struct kube_conn_config *cfg, struct kube_conn **ret, struct error **err)
{
    struct peer_conn *c = xnew(struct peer_conn);
    c->base = (struct kube_conn){ .acquire = peer_acquire, .done = peer_done, .free = peer_free };
    c->cfg = *cfg;
    c->dial_address = xstrdup(cfg->dial_address);
    c->reloads = tls_files_metric(cfg->metrics);
    c->read_ns = clock_mono_ns(cfg->clock);
    mutex_init(&c->mu);
    if (tls_files_load(&c->files, cfg->cfg, err) < 0 ||
        make_peer(c, &c->files, &c->peer, err) < 0) {
        peer_free(&c->base);
        return error_wrap(err, "connecting to %s", cfg->cfg->server ? cfg->cfg->server : "");
    }
    *ret = &c->base;
    return 0;
}
