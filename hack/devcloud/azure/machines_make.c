/* What a cluster asks of Azure: machines as machine-api makes them. */
#include <string.h>

#include "hack/devcloud/azure/compute.h"
#include "hack/devcloud/azure/machines.h"
#include "pkg/base/mem.h"

#define NETWORK_VERSION "2020-08-01"
#define COMPUTE_VERSION "2020-06-01"

int machines_ask(struct azure_sim *a, const char *method, const char *path, const char *api_version,
                 const json *body, json **ret_body)
{
    cleanup_answer struct sim_answer answer = { 0 };
    cleanup_json json *copy = body ? json_give_copy(body) : NULL;
    pthread_mutex_lock(&a->mu);
    operations_advance(a);
    arm_ask(a, NULL, method, path, api_version, copy, &answer);
    pthread_mutex_unlock(&a->mu);
    int status = answer.status;
    *ret_body = take(answer.body);
    return status;
}

/* ---- making ---- */

static int put(struct azure_sim *a, const char *id, const char *version, json *body,
               struct error **err)
{
    cleanup_json json *sent = body, *reply = NULL;
    int status = machines_ask(a, "PUT", id, version, sent, &reply);
    if (status / 100 == 2)
        return 0;
    const char *code = json_path_str(reply, "error.code");
    const char *message = json_path_str(reply, "error.message");
    (void)error_set(err, err_kind_from_http_status(status), "PUT %s: %s", id,
                    message ? message : "refused");
    error_code(err, code ? code : "InternalServerError");
    error_status(err, status);
    return -1;
}

static const char *find_location(struct azure_sim *a)
{
    return json_path_str(a->state, "location");
}

static json *give_nic(const char *location, const struct machine_wish *wish)
{
    json *nic = json_make("{'location':%s,'properties':{'ipConfigurations':[{'name':'pipConfig',"
                          "'properties':{'subnet':{'id':%s},'privateIPAllocationMethod':"
                          "'Dynamic'}}]}}",
                          location, wish->subnet_id);
    if (wish->pool_id)
        (void)json_path_put(
            nic, "properties.ipConfigurations[0].properties.loadBalancerBackendAddressPools",
            json_make("[{'id':%s}]", wish->pool_id), NULL);
    return nic;
}

/* Its disk and interface go with it. */
static json *give_machine(const char *location, const struct machine_wish *wish, const char *nic)
{
    cleanup_free char *disk = xasprintf("%s_OSDisk", wish->name);
    json *machine = json_make(
        "{'location':%s,'properties':{'hardwareProfile':{'vmSize':%s},'storageProfile':{"
        "'imageReference':{'publisher':'azureopenshift','offer':'aro4','sku':'aro_4',"
        "'version':'latest'},'osDisk':{'name':%s,'osType':'Linux','createOption':'FromImage',"
        "'deleteOption':'Delete','diskSizeGB':%d,'managedDisk':{'storageAccountType':"
        "'Premium_LRS'}}},'osProfile':{'computerName':%s,'adminUsername':'core'},"
        "'networkProfile':{'networkInterfaces':[{'id':%s,'properties':{'primary':true,"
        "'deleteOption':'Delete'}}]}}}",
        location, wish->size, disk, wish->disk_gb, wish->name, nic);
    if (wish->custom_data)
        (void)json_set_str(machine, "properties.osProfile.customData", wish->custom_data, NULL);
    if (wish->zone && *wish->zone)
        json_put(machine, "zones", json_make("[%s]", wish->zone));
    return machine;
}

int machines_make(struct azure_sim *a, const struct machine_wish *wish, struct error **err)
{
    cleanup_free char *nic = xasprintf("%s/providers/Microsoft.Network/networkInterfaces/%s-nic",
                                       wish->group_id, wish->name);
    cleanup_free char *id =
        xasprintf("%s/providers/" MACHINE_TYPE "/%s", wish->group_id, wish->name);
    pthread_mutex_lock(&a->mu);
    cleanup_free char *location = xstrdup(find_location(a));
    pthread_mutex_unlock(&a->mu);
    if (put(a, nic, NETWORK_VERSION, give_nic(location, wish), err) < 0)
        return -1;
    return put(a, id, COMPUTE_VERSION, give_machine(location, wish, nic), err);
}

void machines_unmake(struct azure_sim *a, const char *id)
{
    json *reply = NULL;
    (void)machines_ask(a, "DELETE", id, COMPUTE_VERSION, NULL, &reply);
    json_free(reply);
}
