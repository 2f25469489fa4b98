/* deploy_rig.h - deployments into the rig's group net-rg, of templates in template_rig.h's quotes. */
#ifndef TEST_UNIT_HACK_DEVCLOUD_AZURE_DEPLOY_RIG_H
#define TEST_UNIT_HACK_DEVCLOUD_AZURE_DEPLOY_RIG_H

#include "test/unit/hack/devcloud/azure/template_rig.h"

#define DEPLOYMENTS \
    RIG_SUBSCRIPTION "/resourcegroups/net-rg/providers/Microsoft.Resources/deployments"
#define D DEPLOYMENTS "/d"
#define D_ID RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.Resources/deployments/d"
#define HEAD "'$schema':'s','contentVersion':'1.0.0.0'"
/* Network security groups as resources: they are made by an operation. */
#define NSG_OF(name, more) \
    "{'type':'Microsoft.Network/networkSecurityGroups','apiVersion':'2020-08-01','name':'" name \
    "','location':'eastus','properties':{}" more "}"

/* template: its members without braces; parameters: NULL, or an object; mode NULL: Incremental. */
static inline int deploy(struct rig *r, const char *path, const char *mode, const char *template,
                         const char *parameters, struct rig_reply *ret)
{
    cleanup_free char *text = xasprintf("{%s}", template);
    json *tree = template_rig_json(text);
    cleanup_json json *body =
        json_make("{'properties':{'mode':%s,'template':%j}}", mode ? mode : "Incremental", tree);
    if (parameters)
        json_put(json_get(body, "properties"), "parameters", template_rig_json(parameters));
    cleanup_free char *wire = json_give_text(body);
    cleanup_free char *full = xasprintf("%s" RIG_VERSION, path);
    bool post = str_ends(path, "/validate");
    return rig_send(r, post ? "POST" : "PUT", full, "application/json", wire, ret);
}

/* What the deployment D says at the path of its object. */
static inline void assert_deployed(struct rig *r, const char *at, const char *want)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(r, "GET", D RIG_VERSION, NULL, &reply), 200);
    const char *found = json_path_str(reply.body, at);
    cleanup_free char *text = json_give_text(reply.body);
    if (!str_eq(found, want))
        fail_msg("%s is %s: %s", at, found ? found : "absent", text);
}

static inline void assert_nsg(struct rig *r, const char *name, int status)
{
    cleanup_free char *path = xasprintf(RIG_NSGS "/%s" RIG_VERSION, name);
    assert_int_equal(rig_call(r, "GET", path, NULL, NULL), status);
}

#endif
