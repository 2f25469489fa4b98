#include "rp/cluster/installer/config_server.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/ignition.h"
#include "rp/cluster/installer/inputs.h"
#include "rp/cluster/installer/patch.h"
#include "rp/cluster/installer/tls.h"

#define PORT 22623
#define SECRET "machine-config-server-tls"

/* By its address. */
static bool is_direct(const struct installer_inputs *in)
{
    return in->layout != INSTALLER_V1 && in->api_int_ip;
}

char *config_server_give_url(const struct installer_inputs *in, const char *role)
{
    cleanup_free char *path = xasprintf("/config/%s", role);
    return is_direct(in) ? xasprintf("https://%s:%d%s", in->api_int_ip, PORT, path)
                         : inputs_give_internal_url(in, PORT, path);
}

/* ---- what others made ---- */

char *config_server_give_direct(const char *domain, const char *api_int_ip, const char *text)
{
    size_t count;
    cleanup_free char *from = xasprintf("api-int.%s:%d", domain, PORT);
    cleanup_free char *to = xasprintf("%s:%d", api_int_ip, PORT);
    cleanup_secret_text char *made = patch_give_renamed(text, from, to, &count);
    return count ? take(made) : NULL;
}

char *config_server_give_redirected(const struct installer_inputs *in, const char *text)
{
    return is_direct(in) ? config_server_give_direct(in->domain, in->api_int_ip, text) : NULL;
}

int config_server_certify(const struct installer_inputs *in, int64_t wall_ns, json *graph,
                          struct error **err)
{
    const struct tls_inputs inputs = { .domain = in->domain,
                                       .api_int_ip = in->api_int_ip,
                                       .wall_ns = wall_ns };
    return is_direct(in) ? tls_make_config_server(&inputs, graph, err) : 0;
}

static int patch_pointer(const struct installer_inputs *in, json *data, bool *ret_changed,
                         struct error **err)
{
    cleanup_secret struct secret *text = NULL;
    cleanup_json_wiped json *holder = json_make("{'a':%j}", json_give_copy(data));
    if (asset_need_bytes(holder, "a", "userData", &text, err) < 0)
        return -1;
    cleanup_secret_text char *made = config_server_give_redirected(in, secret_reveal(text, NULL));
    if (made)
        asset_put_bytes(data, "userData", made, strlen(made));
    *ret_changed = made != NULL;
    return 0;
}

static const struct {
    const char *member, *key, *path;
} parts[] = {
    { "CertRaw", "tls.crt", "/opt/openshift/tls/machine-config-server.crt" },
    { "KeyRaw", "tls.key", "/opt/openshift/tls/machine-config-server.key" },
};

int config_server_patch(const struct installer_inputs *in, const json *graph, json *object,
                        bool *ret_changed, struct error **err)
{
    json *data = json_get(object, "data");
    *ret_changed = false;
    if (!is_direct(in) || !str_eq(json_path_str(object, "kind"), "Secret"))
        return 0;
    if (json_path_str(data, "userData"))
        return patch_pointer(in, data, ret_changed, err);
    if (!str_eq(json_path_str(object, "metadata.name"), SECRET))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        cleanup_secret struct secret *bytes = NULL;
        size_t len;
        if (asset_need_bytes(graph, ASSET_CONFIG_SERVER, parts[i].member, &bytes, err) < 0)
            return -1;
        const char *text = secret_reveal(bytes, &len);
        asset_put_bytes(data, parts[i].key, text, len);
    }
    *ret_changed = true;
    return 0;
}

int config_server_patch_bootstrap(const struct installer_inputs *in, const json *graph,
                                  json *config, struct error **err)
{
    for (size_t i = 0; is_direct(in) && i < ARRAY_LEN(parts); i++) {
        cleanup_secret struct secret *bytes = NULL;
        size_t len;
        if (asset_need_bytes(graph, ASSET_CONFIG_SERVER, parts[i].member, &bytes, err) < 0)
            return -1;
        const char *text = secret_reveal(bytes, &len);
        ignition_add_file(config, parts[i].path, 0600, text, len);
    }
    return 0;
}
