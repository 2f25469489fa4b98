#include "test/unit/support/rp/cluster/installer_payload.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/graph.h"

static int put_file(const struct workdir *dir, const char *name, const struct secret *text,
                    struct error **err)
{
    cleanup_free char *path = xasprintf("payload/%s", name);
    size_t len;
    const char *data = secret_reveal(text, &len);
    return workdir_write(dir, path, data, len, err);
}

static int put_text(const struct workdir *dir, const char *name, const json *value,
                    struct error **err)
{
    cleanup_secret_text char *text = json_give_text(value);
    cleanup_free char *path = xasprintf("payload/%s", name);
    return workdir_write(dir, path, text, strlen(text), err);
}

static int put_list(const struct workdir *dir, const json *asset, struct error **err)
{
    const json *files = json_get(asset, "FileList");
    for (size_t i = 0; i < json_len(files); i++) {
        cleanup_secret struct secret *text = NULL;
        const char *name;
        if (asset_read_file(json_at(files, i), &name, &text, err) < 0 ||
            put_file(dir, name, text, err) < 0)
            return -1;
    }
    return 0;
}

static int put_single(const struct workdir *dir, const json *graph, const char *asset,
                      const char *name, struct error **err)
{
    cleanup_secret struct secret *text = NULL;
    if (asset_need_file(graph, asset, &text, err) < 0)
        return -1;
    return put_file(dir, name, text, err);
}

/* Without the manifests, which the stand-in adds as it finds them. */
static int put_bootstrap(const struct workdir *dir, const json *graph, struct error **err)
{
    cleanup_secret struct secret *text = NULL;
    cleanup_json_wiped json *bootstrap = NULL;
    size_t len;
    if (graph_give_bootstrap_ignition(graph, &text, err) < 0)
        return -1;
    const char *data = secret_reveal(text, &len);
    if (json_parse_object(data, len, &bootstrap, err) < 0)
        return -1;
    json *files = json_path(bootstrap, "storage.files");
    for (size_t i = json_len(files); i-- > 0;) {
        const char *path = json_path_str(json_at(files, i), "path");
        if (str_starts(path, "/opt/openshift/manifests/") ||
            str_starts(path, "/opt/openshift/openshift/"))
            json_remove_at(files, i);
    }
    return put_text(dir, "bootstrap.ign", bootstrap, err);
}

static int make_folders(const struct workdir *dir, struct error **err)
{
    static const char *const names[] = { "payload", "payload/manifests", "payload/openshift" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (workdir_make_folder(dir, names[i], err) < 0)
            return -1;
    return 0;
}

int installer_payload_write(const struct workdir *dir, const json *graph, struct error **err)
{
    static const char *const lists[] = { "*manifests.Manifests", "*manifests.Openshift",
                                         "*machines.Master", "*machines.Worker" };
    static const struct {
        const char *asset, *name;
    } singles[] = {
        { ASSET_MASTER, "master.ign" },
        { ASSET_WORKER, "worker.ign" },
        { ASSET_ADMIN_CLIENT, "kubeconfig" },
        { ASSET_KUBEADMIN_PASSWORD, "kubeadmin-password" },
    };
    if (make_folders(dir, err) < 0 || put_text(dir, "state.json", graph, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (put_list(dir, json_get(graph, lists[i]), err) < 0)
            return -1;
    for (size_t i = 0; i < ARRAY_LEN(singles); i++)
        if (put_single(dir, graph, singles[i].asset, singles[i].name, err) < 0)
            return -1;
    return put_bootstrap(dir, graph, err);
}
