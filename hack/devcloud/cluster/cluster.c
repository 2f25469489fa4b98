#include "hack/devcloud/cluster/cluster.h"

#include <string.h>

#include "hack/devcloud/cluster/auth.h"
#include "hack/devcloud/cluster/bootstrap.h"
#include "hack/devcloud/cluster/cluster_impl.h"
#include "hack/devcloud/cluster/watch.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/base/yaml.h"
#include "pkg/crypt/crypt.h"

#define HISTORY_MAX 20000
#define BOOKMARK_MS 60000
#define YEAR_NS (365 * 24 * 3600 * NS_PER_S)
#define DAY_NS (24 * 3600 * NS_PER_S)

static int make_ca(struct cluster *c, struct error **err)
{
    int64_t now = clock_wall_ns(c->cfg.clock);
    if (c->cfg.ca_cert_pem) {
        c->ca_cert_pem = xstrdup(c->cfg.ca_cert_pem);
        c->ca_key_pem = c->cfg.ca_key_pem
                            ? secret_new(secret_reveal(c->cfg.ca_key_pem, NULL),
                                         strlen(secret_reveal(c->cfg.ca_key_pem, NULL)))
                            : NULL;
        return 0;
    }
    struct x509_request ca = { .common_name = "cluster-ca",
                               .is_ca = true,
                               .not_before_wall_ns = now - DAY_NS,
                               .not_after_wall_ns = now + 10 * YEAR_NS };
    return x509_make(&ca, &c->ca_cert_pem, &c->ca_key_pem, err);
}

int cluster_new(const struct cluster_config *cfg, struct cluster **ret, struct error **err)
{
    cleanup_cluster struct cluster *c = xnew(struct cluster);
    c->cfg = *cfg;
    c->cfg.minor = cfg->minor ? cfg->minor : CLUSTER_MINOR_NEWEST;
    c->cfg.bookmark_ms = cfg->bookmark_ms ? cfg->bookmark_ms : BOOKMARK_MS;
    mutex_init(&c->mu);
    c->catalog = catalog_new();
    c->state = state_new(1, cfg->history_max ? cfg->history_max : HISTORY_MAX);
    c->kinds = kinds_new(c->catalog, c->cfg.minor, NULL, 0);
    c->hub = hub_new(c);
    c->auth = auth_new(c);
    int rc = make_ca(c, err);
    c->client_ca_pem = xstrdup(cfg->client_ca_pem);
    c->cfg.ca_cert_pem = c->cfg.client_ca_pem = NULL;
    c->cfg.ca_key_pem = NULL;
    if (rc < 0 || bootstrap(c, err) < 0)
        return error_wrap(err, "making a cluster");
    *ret = take(c);
    return 0;
}

void cluster_free(struct cluster *c)
{
    if (!c)
        return;
    hub_free(c->hub);
    auth_free(c->auth);
    cluster_free_kinds(c);
    state_free(c->state);
    catalog_free(c->catalog);
    free(c->ca_cert_pem);
    free(c->client_ca_pem);
    secret_unref(c->ca_key_pem);
    (void)pthread_mutex_destroy(&c->mu);
    free(c);
}

const char *cluster_ca_cert(const struct cluster *c)
{
    return c->ca_cert_pem;
}

void cluster_compact(struct cluster *c)
{
    state_compact(c->state);
}

void cluster_add_token(struct cluster *c, const char *token, const char *user,
                       const char *const *groups, int64_t life_s)
{
    auth_add_token(c, token, user, groups, life_s);
}

int cluster_give_client_cert(struct cluster *c, const char *user, const char *const *groups,
                             char **ret_cert_pem, struct secret **ret_key_pem, struct error **err)
{
    int64_t now = clock_wall_ns(c->cfg.clock);
    struct x509_request rq = { .common_name = user,
                               .organizations = groups,
                               .is_client = true,
                               .not_before_wall_ns = now - DAY_NS,
                               .not_after_wall_ns = now + YEAR_NS,
                               .issuer_cert_pem = c->ca_cert_pem,
                               .issuer_key_pem = c->ca_key_pem };
    return x509_make(&rq, ret_cert_pem, ret_key_pem, err);
}

int cluster_give_kubeconfig(struct cluster *c, const char *server, const char *user,
                            const char *const *groups, char **ret, struct error **err)
{
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;
    size_t len;
    if (cluster_give_client_cert(c, user, groups, &cert, &key, err) < 0)
        return -1;
    cleanup_free char *ca64 = base64_give(c->ca_cert_pem, strlen(c->ca_cert_pem));
    cleanup_free char *cert64 = base64_give(cert, strlen(cert));
    const char *plain = secret_reveal(key, &len);
    cleanup_free char *key64 = base64_give(plain, len);
    cleanup_json json *config = json_make(
        "{'apiVersion':'v1','kind':'Config','current-context':'devcloud',"
        "'clusters':[{'name':'devcloud','cluster':{'server':%s,'certificate-authority-data':%s}}],"
        "'users':[{'name':'devcloud','user':{'client-certificate-data':%s,'client-key-data':%s}}],"
        "'contexts':[{'name':'devcloud','context':{'cluster':'devcloud','user':'devcloud'}}]}",
        server, ca64, cert64, key64);
    *ret = yaml_give_text(config);
    return 0;
}
