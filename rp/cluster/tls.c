#include "rp/cluster/tls.h"

#include <string.h>

#include "operator/deploy/ensure.h"
#include "pkg/base/encoding.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "rp/cluster/certificates.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/names.h"

#define OPERATOR_NAMESPACE "openshift-azure-operator"

struct pair {
    char *name; /* of the certificate in the vault, and of the Secrets */
    char *certs_pem;
    struct secret *key_pem;
};

static void pair_release(struct pair *p)
{
    free(p->name);
    free(p->certs_pem);
    secret_unref(p->key_pem);
}
#define cleanup_pair CLEANUP_WITH(pair_release)

/* ---- the vault ---- */

/* p->name is set. */
static int fetch_pair(struct cluster *c, const struct opctx *ctx, struct pair *p,
                      struct error **err)
{
    cleanup_key_vault struct key_vault *vault = NULL;
    cleanup_vault_secret struct vault_secret bundle = { 0 };
    if (certificates_open_vault(c, ctx, &vault, err) < 0 ||
        key_vault_get_secret(vault, ctx, p->name, NULL, &bundle, err) < 0 ||
        pem_split_bundle(secret_reveal(bundle.value, NULL), &p->certs_pem, &p->key_pem, err) < 0)
        return error_wrap(err, "the certificate %s", p->name);
    return 0;
}

/* ---- Secrets ---- */

static json *give_tls_secret(const struct pair *p, const char *nspace)
{
    size_t key_len;
    const char *key = secret_reveal(p->key_pem, &key_len);
    cleanup_free char *cert_text = base64_give(p->certs_pem, strlen(p->certs_pem));
    cleanup_secret_text char *key_text = base64_give(key, key_len);
    return json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':%s,'namespace':%s},"
                     "'type':'kubernetes.io/tls','data':{'tls.crt':%s,'tls.key':%s}}",
                     p->name, nspace, cert_text, key_text);
}

static int put_secret(const struct cluster *c, const struct opctx *ctx, const struct pair *p,
                      const char *nspace, struct error **err)
{
    cleanup_json_wiped json *secret = give_tls_secret(p, nspace);
    if (ensure_object(c->kube, ctx, secret, NULL, err) < 0)
        return error_wrap(err, "writing Secret %s/%s", nspace, p->name);
    return 0;
}

/* The operator keeps a copy, where there is one. */
static int put_secrets(const struct cluster *c, const struct opctx *ctx, const struct pair *p,
                       const char *nspace, struct error **err)
{
    cleanup_json json *operator= NULL;
    if (put_secret(c, ctx, p, nspace, err) < 0 ||
        cluster_get_if_present(c->kube, ctx, KUBE_REF(&GVR_NAMESPACES, NULL, OPERATOR_NAMESPACE),
                               &operator, err) < 0)
        return -1;
    return operator? put_secret(c, ctx, p, OPERATOR_NAMESPACE, err) : 0;
}

/* ---- configuration ---- */

struct naming {
    const char *secret, *host;
};

static bool names_host(const json *entry, const char *host)
{
    json *names = json_get(entry, "names");
    for (size_t i = 0; i < json_len(names); i++)
        if (str_eq_nocase(json_str(json_at(names, i)), host))
            return true;
    return false;
}

/* Those for other names are the customer's. */
static int set_named_certificate(json *apiserver, void *arg, struct error **err)
{
    const struct naming *n = arg;
    json *all = json_make("[{'names':[%s],'servingCertificate':{'name':%s}}]", n->host, n->secret);
    json *before = json_path(apiserver, "spec.servingCerts.namedCertificates");
    for (size_t i = 0; i < json_len(before); i++)
        if (!names_host(json_at(before, i), n->host))
            json_append(all, json_give_copy(json_at(before, i)));
    return json_path_put(apiserver, "spec.servingCerts.namedCertificates", all, err);
}

static int set_default_certificate(json *ingress, void *arg, struct error **err)
{
    const struct naming *n = arg;
    return json_set_str(ingress, "spec.defaultCertificate.name", n->secret, err);
}

/* ---- steps ---- */

static int managed_domain(const struct cluster *c, char **ret, struct error **err)
{
    *ret = NULL;
    if (rp_env_has(c->cfg->env, FEATURE_DISABLE_SIGNED_CERTIFICATES))
        return 0;
    return name_give_managed_domain(c, ret, err);
}

/* name is consumed. */
static int bring(struct cluster *c, const struct opctx *ctx, char *name, const char *nspace,
                 struct pair *p, struct error **err)
{
    p->name = name;
    if (fetch_pair(c, ctx, p, err) < 0)
        return -1;
    return put_secrets(c, ctx, p, nspace, err);
}

int cluster_configure_api_server_certificate(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_free char *domain = NULL;
    cleanup_pair struct pair p = { 0 };
    if (managed_domain(c, &domain, err) < 0)
        return -1;
    if (!domain)
        return 0;
    if (bring(c, ctx, certificate_give_apiserver(c), "openshift-config", &p, err) < 0)
        return -1;
    cleanup_free char *host = xasprintf("api.%s", domain);
    struct naming n = { p.name, host };
    return cluster_edit(c->kube, ctx, KUBE_REF(&GVR_APISERVERS, NULL, "cluster"),
                        set_named_certificate, &n, err);
}

int cluster_configure_ingress_certificate(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_free char *domain = NULL;
    cleanup_pair struct pair p = { 0 };
    if (managed_domain(c, &domain, err) < 0)
        return -1;
    if (!domain)
        return 0;
    if (bring(c, ctx, certificate_give_ingress(c), "openshift-ingress", &p, err) < 0)
        return -1;
    struct naming n = { p.name, NULL };
    return cluster_edit(c->kube, ctx,
                        KUBE_REF(&GVR_INGRESSCONTROLLERS, "openshift-ingress-operator", "default"),
                        set_default_certificate, &n, err);
}
