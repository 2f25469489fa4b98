#include "pkg/kube/client.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/version.h"
#include "pkg/kube/client_impl.h"
#include "pkg/kube/conn.h"

#define QPS_DEFAULT 50
#define BURST_DEFAULT 100

#if defined(__x86_64__)
#define ARCHITECTURE "amd64" /* as Go spells them, since server logs are read with that in mind */
#elif defined(__aarch64__)
#define ARCHITECTURE "arm64"
#elif defined(__s390x__)
#define ARCHITECTURE "s390x"
#elif defined(__powerpc64__)
#define ARCHITECTURE "ppc64le"
#else
#define ARCHITECTURE "unknown"
#endif

static char *give_user_agent(const struct kube_client_options *opt)
{
    const char *commit = version_commit();
    const char *suffix = opt->user_agent_suffix;
    return xasprintf("%s/%s (linux/" ARCHITECTURE ") kubernetes/%.7s%s%s",
                     opt->user_agent ? opt->user_agent : "aro", commit, commit, suffix ? "/" : "",
                     suffix ? suffix : "");
}

static char *give_base(const char *server)
{
    size_t len = strlen(server);
    while (len > 0 && server[len - 1] == '/')
        len--;
    return xstrndup(server, len);
}

int kube_client_make(const struct kube_config *cfg, const struct kube_client_options *opt,
                     struct kube_cred *cred, struct kube_conn *conn, struct kube_client **ret,
                     struct error **err)
{
    if (!cfg->server ||
        (!str_starts(cfg->server, "https://") && !str_starts(cfg->server, "http://"))) {
        kube_conn_free(conn);
        kube_cred_free(cred);
        return error_set(err, ERR_INVALID, "the server '%s' is not an http or https URL",
                         cfg->server ? cfg->server : "");
    }
    struct kube_client *k = xnew(struct kube_client);
    k->cfg = cfg;
    k->opt = *opt;
    k->opt.user_agent = k->opt.user_agent_suffix = k->opt.dial_address = NULL;
    k->base = give_base(cfg->server);
    k->user_agent = give_user_agent(opt);
    k->cred = cred;
    k->conn = conn;
    k->bucket = bucket_new(opt->clock, opt->qps == 0 ? QPS_DEFAULT : opt->qps,
                           opt->burst == 0 ? BURST_DEFAULT : opt->burst);
    request_metrics_init(&k->metrics, opt->metrics, k->base);
    warnings_init(&k->warnings);
    outage_init(&k->outage, k->base, opt->clock, opt->quiet_outages ? NULL : opt->log,
                opt->on_outage_over, opt->on_outage_over_arg);
    *ret = k;
    return 0;
}

/* ---- over a given transport ---- */

struct fixed {
    struct kube_conn base;
    struct http_transport *transport;
};

static int fixed_acquire(struct kube_conn *c, const struct opctx *ctx, struct kube_conn_use *ret,
                         struct error **err)
{
    (void)ctx;
    (void)err;
    *ret = (struct kube_conn_use){ .transport = container_of(c, struct fixed, base)->transport };
    return 0;
}

static void fixed_done(struct kube_conn *c, struct kube_conn_use *use)
{
    (void)c;
    (void)use;
}

static void fixed_free(struct kube_conn *c)
{
    free(container_of(c, struct fixed, base));
}

struct kube_conn *kube_conn_fixed(struct http_transport *t)
{
    struct fixed *f = xnew(struct fixed);
    f->base =
        (struct kube_conn){ .acquire = fixed_acquire, .done = fixed_done, .free = fixed_free };
    f->transport = t;
    return &f->base;
}

int kube_client_new_over(struct http_transport *t, const struct kube_config *cfg,
                         const struct kube_client_options *opt, struct kube_client **ret,
                         struct error **err)
{
    struct kube_cred *cred = kube_cred_new(
        &(struct kube_cred_config){ .cfg = cfg, .clock = opt->clock, .log = opt->log });
    return kube_client_make(cfg, opt, cred, kube_conn_fixed(t), ret, err);
}

/* ---- over the curl client ---- */

/* A limit in seconds from the environment, as client-go reads it: 0 turns the probe off (-1 here),
 * what is no number is ignored. */
static int64_t limit_ms(const struct env *env, const char *name, int64_t dflt_ms)
{
    const char *text = env ? env_get(env, name) : NULL;
    long long seconds;
    if (!text || !str_to_int(text, 0, 86400, &seconds))
        return dflt_ms;
    return seconds > 0 ? seconds * 1000 : -1;
}

int kube_client_new(struct http_client *http, const struct kube_config *cfg,
                    const struct kube_client_options *opt, struct kube_client **ret,
                    struct error **err)
{
    const char *no_http2 = opt->env ? env_get(opt->env, "DISABLE_HTTP2") : NULL;
    struct kube_cred *cred = kube_cred_new(
        &(struct kube_cred_config){ .cfg = cfg, .clock = opt->clock, .log = opt->log });
    struct kube_conn_config c = {
        .http = http,
        .cfg = cfg,
        .cred = cred,
        .dial_address = opt->dial_address,
        .dial_rules = opt->dial_rules,
        .idle_ms = limit_ms(opt->env, "HTTP2_READ_IDLE_TIMEOUT_SECONDS", opt->idle_ms),
        .ping_ms = limit_ms(opt->env, "HTTP2_PING_TIMEOUT_SECONDS", opt->ping_ms),
        .disable_http2 = no_http2 && *no_http2,
        .clock = opt->clock,
        .log = opt->log,
        .metrics = opt->metrics,
    };
    struct kube_conn *conn;
    if (kube_conn_new(&c, &conn, err) < 0) {
        kube_cred_free(cred);
        return -1;
    }
    return kube_client_make(cfg, opt, cred, conn, ret, err);
}

void kube_client_free(struct kube_client *k)
{
    if (!k)
        return;
    kube_conn_free(k->conn);
    kube_cred_free(k->cred);
    bucket_free(k->bucket);
    request_metrics_release(&k->metrics);
    warnings_release(&k->warnings);
    outage_release(&k->outage);
    free(k->user_agent);
    free(k->base);
    free(k);
}

const char *kube_client_namespace(const struct kube_client *k)
{
    return k->cfg->nspace;
}

bool kube_client_told_outage(const struct kube_client *k, const struct error *e)
{
    return !k->opt.quiet_outages && outage_explains(&k->outage, e);
}
