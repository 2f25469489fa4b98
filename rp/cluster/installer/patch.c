#include "rp/cluster/installer/patch.h"

#include <ctype.h>
#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "rp/cluster/installer/config_server.h"
#include "rp/cluster/installer/inputs.h"
#include "rp/cluster/installer/machines.h"

/* Where the kinds of machines have what the cloud makes of them. */
struct machine_kind {
    const char *kind, *spec_path;
    bool is_worker;
};
static const struct machine_kind machine_kinds[] = {
    { "Machine", "spec.providerSpec.value", false },
    { "MachineSet", "spec.template.spec.providerSpec.value", true },
    { "ControlPlaneMachineSet",
      "spec.template.machines_v1beta1_machine_openshift_io.spec.providerSpec.value", false },
};

static bool patch_machine(const struct installer_inputs *in, json *object)
{
    const char *kind = json_path_str(object, "kind");
    for (size_t i = 0; i < ARRAY_LEN(machine_kinds); i++) {
        json *spec = str_eq(kind, machine_kinds[i].kind)
                         ? json_path(object, machine_kinds[i].spec_path)
                         : NULL;
        if (!spec)
            continue;
        json_put(spec, "image", machines_give_image(in));
        json_put(spec, "managedIdentity", json_new_str(""));
        if (!inputs_has_public_lb(in))
            (void)json_del(spec, "publicLoadBalancer");
        else if (machine_kinds[i].is_worker)
            json_put(spec, "publicLoadBalancer", json_new_str(in->infra_id));
        return true;
    }
    return false;
}

static int patch_cloud_provider(const struct installer_inputs *in, json *object, bool *ret_changed,
                                struct error **err)
{
    if (!str_eq(json_path_str(object, "kind"), "ConfigMap") ||
        !str_eq(json_path_str(object, "metadata.name"), "cloud-provider-config"))
        return 0;
    const char *text;
    cleanup_json json *config = NULL;
    if (json_need_str(object, "data.config", &text, err) < 0 ||
        json_parse_object(text, strlen(text), &config, err) < 0)
        return error_wrap(err, "cloud-provider-config");
    cleanup_free char *nsg = inputs_give_nsg(in), *routes = inputs_give_route_table(in);
    json_put(config, "useManagedIdentityExtension", json_new_bool(false));
    json_put(config, "securityGroupName", json_new_str(nsg));
    json_put(config, "routeTableName", json_new_str(routes));
    json_put(config, "loadBalancerSku", json_new_str("standard"));
    struct buf out = BUF_INIT(BUF_UNBOUNDED);
    json_write_indented(&out, config, 4);
    buf_addc(&out, '\n');
    cleanup_free char *made = buf_give(&out);
    *ret_changed = true;
    return json_set_str(object, "data.config", made, err);
}

static char *give_all(const json *objects)
{
    struct buf out = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < json_len(objects); i++) {
        cleanup_secret_text char *text = yaml_give_text(json_at(objects, i));
        buf_addf(&out, "%s%s", i > 0 ? "---\n" : "", text);
    }
    return buf_give(&out);
}

static int patch_object(const struct installer_inputs *in, const json *graph, json *object,
                        bool *ret_changed, struct error **err)
{
    *ret_changed = patch_machine(in, object);
    if (*ret_changed)
        return 0;
    if (patch_cloud_provider(in, object, ret_changed, err) < 0)
        return -1;
    return *ret_changed ? 0 : config_server_patch(in, graph, object, ret_changed, err);
}

int patch_manifest(const struct installer_inputs *in, const json *graph, const char *text,
                   size_t len, char **ret, struct error **err)
{
    cleanup_json_wiped json *objects = NULL;
    bool changed = false;
    *ret = NULL;
    if (yaml_parse_all(text, len, &objects, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(objects); i++) {
        bool one;
        if (patch_object(in, graph, json_at(objects, i), &one, err) < 0)
            return -1;
        changed |= one;
    }
    if (changed)
        *ret = give_all(objects);
    return 0;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) != 0;
}

char *patch_give_renamed(const char *text, const char *from, const char *to, size_t *ret_count)
{
    struct buf out = BUF_INIT(BUF_UNBOUNDED);
    size_t len = strlen(from);
    const char *begin = text;
    *ret_count = 0;
    for (const char *at; len > 0 && (at = strstr(text, from));) {
        bool alone = (at == begin || !is_word(at[-1])) && !is_word(at[len]);
        buf_add(&out, text, (size_t)(at - text));
        buf_adds(&out, alone ? to : from);
        *ret_count += alone;
        text = at + len;
    }
    buf_adds(&out, text);
    return buf_give(&out);
}
