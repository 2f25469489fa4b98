#include "rp/cluster/config_server_cert.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "rp/cluster/cluster_version.h"
#include "rp/cluster/install_graph.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/names.h"

#define NAMESPACE "openshift-machine-config-operator"
#define SECRET KUBE_REF(&GVR_SECRETS, NAMESPACE, "machine-config-server-tls")
#define POD_LABELS "k8s-app=machine-config-server"
#define OWN_RENEWAL_MINOR 19 /* of OpenShift 4: the first that renews it by itself */
#define CERT "data[\"tls.crt\"]"
#define KEY "data[\"tls.key\"]"
#define RENEW_BEFORE_NS (INT64_C(365) * 86400 * NS_PER_S)

/* ---- the certificate that is there ---- */

#define cleanup_facts CLEANUP_WITH(x509_facts_release)

static int read_cert(const json *secret, struct x509_facts *ret, struct error **err)
{
    const char *encoded;
    cleanup_free char *pem = NULL, *der = NULL;
    size_t len;
    if (json_need_str(secret, CERT, &encoded, err) < 0 ||
        base64_parse(encoded, strlen(encoded), &pem, &len, err) < 0 ||
        pem_give_der(pem, &der, &len, err) < 0)
        return -1;
    return x509_read_der(der, len, ret, err);
}

/* One that cannot be read serves nobody. */
static bool is_due(const json *secret, const char *api_int_ip, int64_t now_ns)
{
    cleanup_facts struct x509_facts facts = { 0 };
    return read_cert(secret, &facts, NULL) < 0 || facts.names_own_key ||
           !strv_has(&facts.ip_addresses, api_int_ip) ||
           facts.not_after_wall_ns - now_ns < RENEW_BEFORE_NS;
}

int config_server_cert_is_refused(const struct cluster *c, const struct opctx *ctx, bool *ret,
                                  struct error **err)
{
    cleanup_facts struct x509_facts facts = { 0 };
    cleanup_json_wiped json *secret = NULL;
    if (cluster_get_if_present(c->kube, ctx, SECRET, &secret, err) < 0)
        return error_wrap(err, "the machine config server's certificate");
    *ret = secret && (read_cert(secret, &facts, NULL) < 0 || facts.names_own_key);
    return 0;
}

int config_server_cert_is_for(const struct cluster *c, const struct opctx *ctx, const char *address,
                              bool *ret, struct error **err)
{
    cleanup_facts struct x509_facts facts = { 0 };
    cleanup_json_wiped json *secret = NULL;
    if (cluster_get_if_present(c->kube, ctx, SECRET, &secret, err) < 0)
        return error_wrap(err, "the machine config server's certificate");
    *ret = secret && read_cert(secret, &facts, NULL) == 0 && strv_has(&facts.ip_addresses, address);
    return 0;
}

/* ---- a new one ---- */

struct pair {
    char *cert_pem;
    struct secret *key_pem;
};

static void pair_release(struct pair *p)
{
    free(p->cert_pem);
    secret_unref(p->key_pem);
}
#define cleanup_pair CLEANUP_WITH(pair_release)

static int put_pair(json *secret, void *arg, struct error **err)
{
    const struct pair *p = arg;
    size_t len;
    const char *key = secret_reveal(p->key_pem, &len);
    cleanup_free char *cert_text = base64_give(p->cert_pem, strlen(p->cert_pem));
    cleanup_secret_text char *key_text = base64_give(key, len);
    if (json_set_str(secret, CERT, cert_text, err) < 0)
        return -1;
    return json_set_str(secret, KEY, key_text, err);
}

static int renew(struct cluster *c, const struct opctx *ctx, const char *api_int_ip,
                 struct error **err)
{
    cleanup_json_wiped json *graph = NULL;
    cleanup_pair struct pair p = { 0 };
    cleanup_free char *domain = name_give_domain(c);
    if (install_graph_load(c, ctx, &graph, err) < 0 ||
        graph_make_config_server(graph, domain, api_int_ip, clock_wall_ns(c->cfg->clock),
                                 &p.cert_pem, &p.key_pem, err) < 0)
        return error_wrap(err, "the machine config server's certificate");
    log_info(ctx->log, "the machine config server gets a new certificate");
    return cluster_edit(c->kube, ctx, SECRET, put_pair, &p, err);
}

/* ---- its pods ---- */

struct restart {
    const struct cluster *c;
    const struct opctx *ctx;
    int64_t cert_begins_ns;
};

static int restart_older(void *arg, const json *pod, struct error **err)
{
    const struct restart *r = arg;
    const char *name, *created = json_path_str(pod, "metadata.creationTimestamp");
    int64_t created_ns;
    if (created && time_parse_rfc3339(created, &created_ns) && created_ns >= r->cert_begins_ns)
        return 0;
    if (json_need_str(pod, "metadata.name", &name, err) < 0)
        return -1;
    log_info(r->ctx->log, "restarting %s, which serves an older certificate", name);
    return kube_delete_if_present(r->c->kube, r->ctx, KUBE_REF(&GVR_PODS, NAMESPACE, name), err);
}

static int restart_pods(const struct cluster *c, const struct opctx *ctx, struct error **err)
{
    static const struct kube_list_options opt = { .label_selector = POD_LABELS };
    cleanup_facts struct x509_facts facts = { 0 };
    cleanup_json_wiped json *secret = NULL;
    if (kube_get(c->kube, ctx, SECRET, &secret, err) < 0 || read_cert(secret, &facts, err) < 0)
        return -1;
    struct restart r = { c, ctx, facts.not_before_wall_ns };
    return kube_list_each(c->kube, ctx, KUBE_REF(&GVR_PODS, NAMESPACE, NULL), &opt, restart_older,
                          &r, err);
}

/* ---- the step ---- */

int cluster_ensure_config_server_cert(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_json_wiped json *secret = NULL;
    const char *api_int_ip = cluster_text_or_empty(c, "apiserverProfile.intIp");
    bool renews_itself;
    if (!*api_int_ip)
        return 0;
    if (cluster_runs_minor(c, ctx, OWN_RENEWAL_MINOR, &renews_itself, err) < 0)
        return -1;
    if (renews_itself)
        return 0;
    if (cluster_get_if_present(c->kube, ctx, SECRET, &secret, err) < 0)
        return error_wrap(err, "the machine config server's certificate");
    if (!secret) {
        log_warning(ctx->log, "the machine config server has no certificate to renew");
        return 0;
    }
    if (is_due(secret, api_int_ip, clock_wall_ns(c->cfg->clock)) &&
        renew(c, ctx, api_int_ip, err) < 0)
        return -1;
    return restart_pods(c, ctx, err);
}
