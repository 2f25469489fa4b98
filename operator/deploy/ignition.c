#include "operator/deploy/ignition.h"

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "staticresources/embedded.h"

#define VERSION_TEXT "3.2.0"

static int find(const char *embedded, const struct embedded_file **ret, struct error **err)
{
    *ret = embedded_find(embedded);
    return *ret ? 0 : error_set(err, ERR_INTERNAL, "%s is not part of this build", embedded);
}

json *ignition_give_file(const char *path, int mode, const char *text, size_t len)
{
    cleanup_free char *data = base64_give(text, len);
    cleanup_free char *url = xasprintf("data:text/plain;charset=utf-8;base64,%s", data);
    return json_make("{'path':%s,'mode':%d,'overwrite':true,'user':{'name':'root'},"
                     "'contents':{'source':%s}}",
                     path, mode, url);
}

int ignition_give_script(const char *path, const char *embedded, json **ret, struct error **err)
{
    const struct embedded_file *script;
    if (find(embedded, &script, err) < 0)
        return -1;
    *ret = ignition_give_file(path, 0744, script->data, script->len);
    return 0;
}

int ignition_give_config(const json *files, const char *unit, const char *embedded, json **ret,
                         struct error **err)
{
    const struct embedded_file *text;
    if (find(embedded, &text, err) < 0)
        return -1;
    *ret = json_make("{'ignition':{'version':'" VERSION_TEXT "'},'storage':{'files':%j},"
                     "'systemd':{'units':[{'name':%s,'enabled':true,'contents':%s}]}}",
                     json_give_copy(files), unit, text->data);
    return 0;
}

json *ignition_take_machineconfig(const char *name, const char *role, json *config)
{
    return json_make("{'apiVersion':'machineconfiguration.openshift.io/v1','kind':'MachineConfig',"
                     "'metadata':{'name':%s,'labels':{"
                     "'machineconfiguration.openshift.io/role':%s}},'spec':{'config':%j}}",
                     name, role, config);
}
