#include "rp/cluster/installer/bootstrap.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/ignition.h"
#include "rp/cluster/installer/inputs.h"
#include "rp/cluster/installer/kubeconfig.h"
#include "rp/cluster/installer/tls.h"
#include "staticresources/embedded.h"

#define STATIC_FILES "installer/bootstrap/files"
#define STATIC_UNITS "installer/bootstrap/units/"
#define HOME_OF_ROOT "/root"
#define TEXT_MAX ((size_t)1 << 20)

static void add_text(json *config, const char *path, int mode, const char *text)
{
    ignition_add_file(config, path, mode, text, strlen(text));
}

/* Units that say who wants them begin with the machine, others when one of those asks for them. */
static void add_static(json *config)
{
    for (size_t i = 0; i < embedded_files_len; i++) {
        const struct embedded_file *f = &embedded_files[i];
        if (str_starts(f->path, STATIC_FILES "/"))
            ignition_add_file(config, f->path + strlen(STATIC_FILES),
                              str_ends(f->path, ".sh") ? 0555 : 0644, f->data, f->len);
        else if (str_starts(f->path, STATIC_UNITS))
            ignition_add_unit(config, f->path + strlen(STATIC_UNITS),
                              strstr(f->data, "[Install]") != NULL, f->data);
    }
}

static int mode_of(const char *file)
{
    return str_starts(file, "tls/") && !str_eq(file, "tls/root-ca.crt") ? 0600 : 0644;
}

/* Everything that is certificates or manifests goes below /opt/openshift, where bootkube.sh expects it. */
static int add_assets(const json *graph, json *config, struct error **err)
{
    static const char *const kinds[] = { "*tls.", "*manifests.", "*machines." };
    for (struct json_iter it = json_each(graph); json_next(&it);) {
        bool wanted = false;
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
            wanted = wanted || str_starts(it.key, kinds[i]);
        const json *files = wanted ? json_get(it.value, "FileList") : NULL;
        for (size_t i = 0; i < json_len(files); i++) {
            cleanup_secret struct secret *data = NULL;
            const char *name;
            size_t len;
            if (asset_read_file(json_at(files, i), &name, &data, err) < 0)
                return error_wrap(err, "%s", it.key);
            const char *text = secret_reveal(data, &len);
            cleanup_free char *path = xasprintf("/opt/openshift/%s", name);
            ignition_add_file(config, path, mode_of(name), text, len);
        }
    }
    return 0;
}

/* ---- kubeconfigs ---- */

struct login {
    const char *path, *user, *server, *cert_asset, *ca_asset;
};

static int add_kubeconfig(const struct installer_inputs *in, const struct login *l,
                          const json *graph, json *config, struct error **err)
{
    cleanup_secret struct secret *cert = NULL, *key = NULL, *ca = NULL;
    if (asset_need_bytes(graph, l->cert_asset, "CertRaw", &cert, err) < 0 ||
        asset_need_bytes(graph, l->cert_asset, "KeyRaw", &key, err) < 0 ||
        asset_need_bytes(graph, l->ca_asset, "BundleRaw", &ca, err) < 0)
        return -1;
    struct kubeconfig_parts parts = { .cluster = json_path_str(in->install_config, "metadata.name"),
                                      .server = l->server,
                                      .ca_pem = secret_reveal(ca, NULL),
                                      .user = l->user,
                                      .cert_pem = secret_reveal(cert, NULL),
                                      .key = key };
    cleanup_json_wiped json *tree = kubeconfig_give_tree(&parts);
    cleanup_secret struct secret *text = kubeconfig_give_text(tree);
    add_text(config, l->path, 0600, secret_reveal(text, NULL));
    return 0;
}

static int add_kubeconfigs(const struct installer_inputs *in, const json *graph, json *config,
                           struct error **err)
{
    cleanup_secret struct secret *admin = NULL;
    cleanup_free char *internal = inputs_give_internal_url(in, 6443, "");
    const struct login logins[] = {
        { "/opt/openshift/auth/kubeconfig-kubelet", "kubelet", internal, ASSET_KUBELET_CLIENT_CERT,
          ASSET_APISERVER_CA_BUNDLE },
        { "/etc/kubernetes/kubeconfig", "kubelet", internal, ASSET_KUBELET_CLIENT_CERT,
          ASSET_APISERVER_CA_BUNDLE },
        { "/opt/openshift/auth/kubeconfig-loopback", "loopback", "https://localhost:6443",
          ASSET_ADMIN_CLIENT_CERT, ASSET_LOCALHOST_CA_BUNDLE },
    };
    if (graph_give_admin_kubeconfig(graph, &admin, err) < 0)
        return -1;
    add_text(config, "/opt/openshift/auth/kubeconfig", 0600, secret_reveal(admin, NULL));
    for (size_t i = 0; i < ARRAY_LEN(logins); i++)
        if (add_kubeconfig(in, &logins[i], graph, config, err) < 0)
            return -1;
    return 0;
}

/* ---- images ---- */

/* What the scripts read instead of having it written into them. */
static void add_environment(const struct installer_inputs *in, json *config)
{
    const json *pool = json_get(in->install_config, "controlPlane");
    cleanup_buf struct buf text = BUF_INIT(TEXT_MAX);
    buf_addf(&text, "RELEASE_IMAGE=%s\n", in->release_image);
    buf_addf(&text, "CLUSTER_DOMAIN=%s\n", in->domain);
    buf_addf(&text, "INFRA_ID=%s\n", in->infra_id);
    buf_addf(&text, "MASTERS=%d\n", (int)json_path_int(pool, "replicas", 3));
    buf_addf(&text, "ETCD_DISCOVERY=%s\n", in->layout == INSTALLER_V1 ? "srv" : "operator");
    add_text(config, "/opt/openshift/bootstrap.env", 0644, buf_str(&text));
}

/* Only images that are named by digest come from a mirror: a tag there could be another image. */
static void add_registries(const struct installer_inputs *in, json *config)
{
    const json *sources = json_get(in->install_config, "imageContentSources");
    cleanup_buf struct buf text = BUF_INIT(TEXT_MAX);
    buf_adds(&text, "unqualified-search-registries = [\"registry.access.redhat.com\", "
                    "\"docker.io\"]\n");
    for (size_t i = 0; i < json_len(sources); i++) {
        const json *source = json_at(sources, i);
        const json *mirrors = json_get(source, "mirrors");
        buf_addf(&text,
                 "\n[[registry]]\n  prefix = \"\"\n  location = \"%s\"\n"
                 "  mirror-by-digest-only = true\n",
                 json_path_str(source, "source"));
        for (size_t k = 0; k < json_len(mirrors); k++)
            buf_addf(&text, "\n  [[registry.mirror]]\n    location = \"%s\"\n",
                     json_str(json_at(mirrors, k)));
    }
    add_text(config, "/etc/containers/registries.conf", 0644, buf_str(&text));
}

int bootstrap_make_asset(const struct installer_inputs *in, json *graph, struct error **err)
{
    cleanup_json_wiped json *config = ignition_new(in->layout);
    ignition_add_user(config, "core", json_path_str(in->install_config, "sshKey"));
    add_static(config);
    add_environment(in, config);
    add_registries(in, config);
    add_text(config, HOME_OF_ROOT "/.docker/config.json", 0600,
             json_path_str(in->install_config, "pullSecret"));
    if (add_kubeconfigs(in, graph, config, err) < 0 || add_assets(graph, config, err) < 0)
        return error_wrap(err, "the bootstrap machine's configuration");
    ignition_add_all(config, in->bootstrap);
    cleanup_secret_text char *text = json_give_text(config);
    json_put(graph, ASSET_BOOTSTRAP, asset_give_single("bootstrap.ign", text, strlen(text), NULL));
    return 0;
}
