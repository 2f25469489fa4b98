/* Making the clients of a cluster of its kubeconfig and overrides. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/crypt/crypt.h"
#include "rp/syncsets/remote/remote_impl.h"
#include "rp/syncsets/types/kubeconfig.h"

#define BASE_BYTES ((size_t)64 << 10) /* of a remote with its TLS context, measured roughly */

void remote_fingerprint(const struct sets_target *t, unsigned char out[FINGERPRINT_LEN])
{
    unsigned char parts[4 * SHA256_LEN + 1];
    const char *const texts[] = { t->api_url_override, t->api_server_ip_override, t->ca_bundle };
    sha256(t->kubeconfig ? t->kubeconfig : "", t->kubeconfig_len, parts);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const char *text = texts[i] ? texts[i] : "";
        sha256(text, strlen(text), parts + (i + 1) * SHA256_LEN);
    }
    parts[sizeof(parts) - 1] = t->fake;
    sha256(parts, sizeof(parts), out);
}

/* ---- configurations ---- */

/* The store keeps only what was checked, but who reads files and runs programs here looks again. */
static int check_text(const struct sets_target *t, bool allow_insecure, struct error **err)
{
    cleanup_causes struct api_causes causes;
    cleanup_free char *why = NULL;
    api_causes_init(&causes);
    bool usable = kubeconfig_check(t->kubeconfig, t->kubeconfig_len, "kubeconfig", &causes, &why);
    if (api_causes_check(&causes, "the kubeconfig", NULL) < 0)
        return error_set(err, ERR_INVALID,
                         "the kubeconfig runs programs or reads files, which is not done here");
    bool overruled = allow_insecure && str_eq(why, KUBECONFIG_WHY_INSECURE);
    if (!usable && !overruled)
        return error_set(err, ERR_INVALID, "the kubeconfig cannot be used: %s", why);
    return 0;
}

static int add_bundle(struct kube_config *cfg, const char *bundle, struct error **err)
{
    if (!bundle || !*bundle || cfg->insecure)
        return 0;
    if (pem_check_certs(bundle, NULL, NULL, NULL) < 0)
        return error_set(err, ERR_INVALID, "spec.caBundle holds no certificate");
    char *both = xasprintf("%s\n%s", cfg->ca_pem ? cfg->ca_pem : "", bundle);
    free(cfg->ca_pem);
    cfg->ca_pem = both;
    return 0;
}

static int make_config(const struct sets_target *t, const char *url, struct kube_config **ret,
                       struct error **err)
{
    cleanup_kube_config struct kube_config *cfg = NULL;
    /* Its own words might repeat pieces of the text. */
    if (kube_config_parse(t->kubeconfig, t->kubeconfig_len, NULL, &cfg, NULL) < 0)
        return error_set(err, ERR_INVALID, "the kubeconfig cannot be used: a field is malformed");
    if (cfg->exec || cfg->token_file || cfg->ca_file || cfg->cert_file || cfg->key_file)
        return error_set(err, ERR_INVALID,
                         "the kubeconfig runs programs or reads files, which is not done here");
    if (url && kube_config_set_server(cfg, url, err) < 0)
        return error_wrap(err, "spec.apiURLOverride");
    if (add_bundle(cfg, t->ca_bundle, err) < 0)
        return -1;
    *ret = take(cfg);
    return 0;
}

/* ---- clients ---- */

/* Of the client: before each attempt of a request that changes something. */
static int ask_guard(void *arg, struct error **err)
{
    struct sets_remote *r = arg;
    const struct sets_guard *guard = turnstile_entered_with(&r->gate);
    if (!guard)
        return error_set(err, ERR_INTERNAL, "a change of a cluster that nobody answers for");
    return guard->may_mutate(guard->arg, err);
}

static void count_attempt(void *arg, const struct kube_attempt *a)
{
    struct sets_remote *r = arg;
    bool probes = turnstile_entered_with(&r->gate) == &remote_probing;
    remote_requests_add(&r->all->requests, probes ? "unreachable" : "clustersync", a);
}

static int make_url(struct sets_remote *r, const struct sets_target *t, const char *url,
                    struct error **err)
{
    const struct sets_remotes_config *c = &r->all->cfg;
    struct remote_url *u = &r->urls[r->urls_len];
    bool dials = t->api_server_ip_override && *t->api_server_ip_override;
    struct kube_client_options opt = {
        .user_agent = c->user_agent ? c->user_agent : "aro-syncsets",
        .qps = c->qps,
        .burst = c->qps < 1 ? 1 : (int)c->qps,
        .request_timeout_ms = c->request_timeout_ms,
        .dial_address = dials ? t->api_server_ip_override : NULL,
        .dial_rules = r->all->rules,
        .clock = c->clock,
        .rng = c->rng,
        .env = c->env,
        .metrics = c->metrics,
        .before_write = ask_guard,
        .before_write_arg = r,
        .on_attempt = count_attempt,
        .on_attempt_arg = r,
        .quiet_outages = true, /* the probe tells of them, once and by name */
    };
    if (make_config(t, url, &u->cfg, err) < 0)
        return -1;
    r->urls_len++; /* from here on it is released with the others */
    if (kube_client_new(c->http, u->cfg, &opt, &u->client, err) < 0)
        return -1;
    u->discovery = discovery_new(u->client, c->clock);
    return 0;
}

static int make_urls(struct sets_remote *r, const struct sets_target *t, struct error **err)
{
    bool has_override = t->api_url_override && *t->api_url_override;
    if (check_text(t, r->all->cfg.allow_insecure, err) < 0)
        return -1;
    if (has_override && make_url(r, t, t->api_url_override, err) < 0)
        return -1;
    if (make_url(r, t, NULL, err) < 0)
        return -1;
    const char *cert = r->urls[0].cfg->cert_pem;
    if (cert)
        (void)pem_check_certs(cert, NULL, &r->expiry_wall_ns, NULL);
    return 0;
}

void remote_free(struct sets_remote *r)
{
    if (!r)
        return;
    for (int i = 0; i < r->urls_len; i++) {
        discovery_free(r->urls[i].discovery);
        kube_client_free(r->urls[i].client);
        kube_config_free(r->urls[i].cfg);
    }
    json_free(r->documents);
    map_free(r->merge_docs);
    map_free(r->old_docs);
    turnstile_release(&r->gate);
    pthread_mutex_destroy(&r->mu);
    free(r->uid);
    free(r);
}

int remote_make(struct sets_remotes *all, const struct sets_target *target,
                struct sets_remote **ret, struct error **err)
{
    struct sets_remote *r = xnew(struct sets_remote);
    r->all = all;
    r->uid = xstrdup(target->uid);
    r->fake = target->fake;
    r->merge_docs = map_new(merge_doc_free);
    r->old_docs = map_new(merge_doc_free);
    remote_fingerprint(target, r->fingerprint);
    mutex_init(&r->mu);
    turnstile_init(&r->gate, all->cfg.parallel);
    if (!r->fake && make_urls(r, target, err) < 0) {
        remote_free(r);
        return -1;
    }
    r->fixed_bytes =
        sizeof(*r) + (r->fake ? 0 : BASE_BYTES * (size_t)r->urls_len) + 2 * target->kubeconfig_len;
    r->bytes = r->fixed_bytes;
    *ret = r;
    return 0;
}
