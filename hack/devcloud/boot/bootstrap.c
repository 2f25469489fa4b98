#include "hack/devcloud/boot/bootstrap.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "pkg/crypt/crypt.h"

#define ROOT "/opt/openshift/"
#define TLS ROOT "tls/"
#define VERSION_UNKNOWN "4.16.30"

/* Whose signatures on client certificates the API server takes; only the first has to be there. */
static const char *const client_authorities[] = {
    TLS "admin-kubeconfig-signer.crt",
    TLS "kube-control-plane-signer.crt",
    TLS "kubelet-signer.crt",
    TLS "kubelet-bootstrap-kubeconfig-signer.crt",
};
static const char *const manifest_dirs[] = { ROOT "manifests/", ROOT "openshift/" };

static void pair_release(struct bootstrap_pair *p)
{
    free(p->cert_pem);
    secret_unref(p->key_pem);
}

void bootstrap_free(struct bootstrap *b)
{
    if (!b)
        return;
    pair_release(&b->serving);
    pair_release(&b->mcs);
    char *const texts[] = { b->infra,   b->domain,         b->resource_group, b->region,
                            b->version, b->serving_ca_pem, b->client_ca_pem,  b->ignition_version };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    strv_release(&b->core_keys);
    json_free(b->manifests);
    free(b);
}

/* ---- manifests ---- */

static bool is_manifest(const char *path)
{
    bool is_inside = false;
    for (size_t i = 0; i < ARRAY_LEN(manifest_dirs); i++)
        is_inside |= str_starts(path, manifest_dirs[i]);
    return is_inside &&
           (str_ends(path, ".yaml") || str_ends(path, ".yml") || str_ends(path, ".json"));
}

static int check_manifest(const json *m, struct error **err)
{
    const char *text;
    return json_need_str(m, "apiVersion", &text, err) < 0 ||
                   json_need_str(m, "kind", &text, err) < 0 ||
                   json_need_str(m, "metadata.name", &text, err) < 0
               ? -1
               : 0;
}

static int add_manifests(struct bootstrap *b, const char *text, size_t len, struct error **err)
{
    cleanup_json json *all = NULL;
    if (yaml_parse_all(text, len, &all, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(all); i++) {
        if (check_manifest(json_at(all, i), err) < 0)
            return -1;
        json_append(b->manifests, json_ref(json_at(all, i)));
    }
    return 0;
}

static int read_manifests(struct bootstrap *b, const struct ignition *i, struct error **err)
{
    b->manifests = json_new_array();
    for (size_t k = 0; k < i->order.len; k++) {
        const char *path = i->order.v[k];
        const struct ignition_file *f = map_get(i->files, path);
        if (is_manifest(path) && add_manifests(b, f->data, f->len, err) < 0)
            return error_wrap(err, "%s", path);
    }
    return 0;
}

json *bootstrap_find(const struct bootstrap *b, const char *kind, const char *name)
{
    for (size_t i = 0; i < json_len(b->manifests); i++) {
        json *m = json_at(b->manifests, i);
        if (str_eq(json_path_str(m, "kind"), kind) &&
            (!name || str_eq(json_path_str(m, "metadata.name"), name)))
            return m;
    }
    return NULL;
}

/* ---- names ---- */

static int need(const struct bootstrap *b, const char *kind, const char *name, const char *path,
                char **ret, struct error **err)
{
    const json *m = bootstrap_find(b, kind, name);
    const char *text;
    if (!m)
        return error_set(err, ERR_INVALID, "no manifest of a %s%s%s", kind, name ? " " : "",
                         name ? name : "");
    if (json_need_str(m, path, &text, err) < 0)
        return error_wrap(err, "manifest of %s %s", kind, json_path_str(m, "metadata.name"));
    *ret = xstrdup(text);
    return 0;
}

static int read_names(struct bootstrap *b, struct error **err)
{
    if (need(b, "Infrastructure", "cluster", "status.infrastructureName", &b->infra, err) < 0 ||
        need(b, "Infrastructure", "cluster", "status.platformStatus.azure.resourceGroupName",
             &b->resource_group, err) < 0 ||
        need(b, "DNS", "cluster", "spec.baseDomain", &b->domain, err) < 0)
        return -1;
    return need(b, "Machine", NULL, "spec.providerSpec.value.location", &b->region, err);
}

/* The release is known by its image; a tag names its version ("ocp-release:4.16.30-x86_64"), a digest does not. */
static char *give_version(const struct ignition *i)
{
    for (size_t k = 0; k < i->order.len; k++) {
        const char *at = ignition_text(i, i->order.v[k]);
        if (!str_starts(i->order.v[k], "/usr/local/bin/") &&
            !str_eq(i->order.v[k], ROOT "bootstrap.env"))
            continue;
        while (at && (at = strstr(at, "ocp-release"))) {
            at += strcspn(at, ":@ \t\n'\"");
            size_t len = *at == ':' ? strspn(at + 1, "0123456789.") : 0;
            if (len >= strlen("4.1.1") && at[len] != '.')
                return xstrndup(at + 1, len);
        }
    }
    return xstrdup(VERSION_UNKNOWN);
}

/* ---- certificates ---- */

static int need_file(const struct ignition *i, const char *path, const char **ret,
                     struct error **err)
{
    *ret = ignition_text(i, path);
    return *ret ? 0 : error_set(err, ERR_INVALID, "%s: there is no such file", path);
}

static int check_pair(const struct bootstrap_pair *p, const char *const *names, int64_t wall_ns,
                      struct error **err)
{
    cleanup_free char *der = NULL;
    size_t len;
    struct x509_facts facts = { 0 };
    if (pem_check_key_matches(p->cert_pem, p->key_pem, err) < 0 ||
        pem_give_der(p->cert_pem, &der, &len, err) < 0 || x509_read_der(der, len, &facts, err) < 0)
        return -1;
    int rcode = 0;
    for (; *names && rcode == 0; names++)
        if (!strv_has(&facts.dns_names, *names))
            rcode = error_set(err, ERR_INVALID, "the certificate is not one of %s", *names);
    if (rcode == 0 && (wall_ns < facts.not_before_wall_ns || wall_ns >= facts.not_after_wall_ns)) {
        char until[TIME_TEXT_MAX];
        time_rfc3339(facts.not_after_wall_ns, until);
        rcode = error_set(err, ERR_INVALID, "the certificate is not valid now (it was until %s)",
                          until);
    }
    x509_facts_release(&facts);
    return rcode;
}

static int read_pair(const struct ignition *i, const char *name, const char *const *dns_names,
                     int64_t wall_ns, struct bootstrap_pair *ret, struct error **err)
{
    cleanup_free char *cert_path = xasprintf(TLS "%s.crt", name);
    cleanup_free char *key_path = xasprintf(TLS "%s.key", name);
    const char *cert, *key;
    if (need_file(i, cert_path, &cert, err) < 0 || need_file(i, key_path, &key, err) < 0)
        return -1;
    ret->cert_pem = xstrdup(cert);
    ret->key_pem = secret_new(key, strlen(key));
    return check_pair(ret, dns_names, wall_ns, err) < 0 ? error_wrap(err, "%s", cert_path) : 0;
}

static int read_authorities(struct bootstrap *b, const struct ignition *i, struct error **err)
{
    cleanup_buf struct buf all = BUF_INIT(1 << 20);
    const char *text;
    if (need_file(i, client_authorities[0], &text, err) < 0)
        return -1;
    for (size_t k = 0; k < ARRAY_LEN(client_authorities); k++) {
        text = ignition_text(i, client_authorities[k]);
        if (text && pem_check_certs(text, NULL, NULL, err) < 0)
            return error_wrap(err, "%s", client_authorities[k]);
        buf_adds(&all, text ? text : "");
        buf_addc(&all, '\n');
    }
    if (need_file(i, TLS "kube-apiserver-lb-signer.crt", &text, err) < 0)
        return -1;
    b->serving_ca_pem = xstrdup(text);
    return buf_take(&all, &b->client_ca_pem, err);
}

static int read_certificates(struct bootstrap *b, const struct ignition *i, int64_t wall_ns,
                             struct error **err)
{
    cleanup_free char *api = xasprintf("api.%s", b->domain);
    cleanup_free char *api_int = xasprintf("api-int.%s", b->domain);
    const char *const both[] = { api, api_int, NULL }, *const inner[] = { api_int, NULL };
    if (read_authorities(b, i, err) < 0 ||
        read_pair(i, "kube-apiserver-lb-server", both, wall_ns, &b->serving, err) < 0)
        return -1;
    if (!ignition_text(i, TLS "machine-config-server.crt"))
        return 0;
    return read_pair(i, "machine-config-server", inner, wall_ns, &b->mcs, err);
}

int bootstrap_read(const struct ignition *i, int64_t wall_ns, struct bootstrap **ret,
                   struct error **err)
{
    cleanup_bootstrap struct bootstrap *b = xnew(struct bootstrap);
    if (read_manifests(b, i, err) < 0 || read_names(b, err) < 0 ||
        read_certificates(b, i, wall_ns, err) < 0)
        return error_wrap(err, "bootstrap configuration");
    b->version = give_version(i);
    b->ignition_version = xstrdup(i->version);
    for (size_t k = 0; k < i->core_keys.len; k++)
        strv_add(&b->core_keys, i->core_keys.v[k]);
    *ret = take(b);
    return 0;
}
