/*
 * Request bodies of every API version: the first byte chooses the version, the rest is the body, as an update of a full
 * cluster and as a create. Whatever the body says: errors have a code, no error repeats a secret, unknown members of
 * the document stay, and the same update again changes nothing more.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/api/api.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define GROUPS "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/"
#define CLUSTER GROUPS "rg/providers/Microsoft.RedHatOpenShift/openShiftClusters/cluster"
#define SUBNET GROUPS "net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/"
#define SECRET "hunter2-hunter2"

static void must(bool truth)
{
    if (!truth)
        abort();
}

static json *give_internal(bool identities)
{
    json *internal = json_make(
        "{'id':%s,'name':'cluster','type':'Microsoft.RedHatOpenShift/openShiftClusters',"
        "'location':'eastus','unknown':{'a':[1]},'tags':{'a':'b'},'properties':{"
        "'provisioningState':'Succeeded','architectureVersion':%d,'operatorFlags':{'a':'b'},"
        "'clusterProfile':{'pullSecret':'','domain':'mycluster','version':'4.14.16',"
        "'resourceGroupId':%s,'fipsValidatedModules':'Disabled','unknown':%b},"
        "'networkProfile':{'podCidr':'10.128.0.0/14','serviceCidr':'172.30.0.0/16',"
        "'softwareDefinedNetwork':'OVNKubernetes','loadBalancerProfile':{"
        "'managedOutboundIps':{'count':%d},'effectiveOutboundIps':[{'id':'/ip'}]}},"
        "'masterProfile':{'vmSize':'Standard_D8s_v3','subnetId':%s,'encryptionAtHost':'Disabled'},"
        "'workerProfiles':[{'name':'worker','vmSize':'Standard_D4s_v3','diskSizeGB':%d,"
        "'subnetId':%s,'count':%d,'encryptionAtHost':'Disabled','unknown':'x'}],"
        "'apiserverProfile':{'visibility':'Public','url':'https://api:6443/'},"
        "'ingressProfiles':[{'name':'default','visibility':'Public','ip':'1.2.3.4'}]}}",
        CLUSTER, 1, GROUPS "managed", true, 1, SUBNET "master", 128, SUBNET "worker", 3);
    json *properties = json_get(internal, "properties");
    if (!identities) {
        json_put(properties, "servicePrincipalProfile",
                 json_make("{'clientId':'22222222-2222-3333-4444-555555555555',"
                           "'clientSecret':'sealed:" SECRET "','unknown':%d}",
                           1));
        return internal;
    }
    json_put(internal, "managedServiceIdentity",
             json_make("{'type':'UserAssigned','userAssignedIdentities':{'/c':{'clientId':'x'}}}"));
    json_put(
        properties, "platformWorkloadIdentityProfile",
        json_make("{'platformWorkloadIdentities':{'ingress':{'resourceId':%s,'clientId':'x'}}}",
                  GROUPS "rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"));
    return internal;
}

static int open_secret(void *arg, const char *sealed, struct secret **ret, struct error **err)
{
    (void)arg;
    (void)err;
    must(str_starts(sealed, "sealed:"));
    *ret = secret_new(sealed + 7, strlen(sealed) - 7);
    return 0;
}

static int seal_secret(void *arg, const struct secret *plain, char **ret, struct error **err)
{
    (void)arg;
    (void)err;
    *ret = xasprintf("sealed:%s", secret_reveal(plain, NULL));
    return 0;
}

static const struct api_sealer sealer = { .open = open_secret, .seal = seal_secret };

static void check_error(const struct error *err)
{
    must(err && error_is(err, ERR_INVALID) && error_get_code(err));
    must(!strstr(error_text(err), SECRET));
}

static json *give_external(const struct api_version *v, const json *internal,
                           const struct api_sealer *s)
{
    json *ext = NULL;
    must(api_cluster_to_external(v, internal, s, &ext, NULL) == 0);
    return ext;
}

static void check_reply(const struct api_version *v, const json *internal)
{
    cleanup_json json *reply = give_external(v, internal, NULL);
    cleanup_free char *text = json_give_text(reply);
    must(!strstr(text, SECRET) && !strstr(text, "unknown"));
}

static void check_unknown(const json *internal)
{
    must(json_path_has(internal, "unknown.a[0]"));
    must(json_path_bool(internal, "properties.clusterProfile.unknown", false));
    must(str_eq(json_path_str(internal, "properties.workerProfiles[0].unknown"), "x"));
}

/* Whether the document was written. */
static bool update(const struct api_version *v, const char *body, size_t len, bool is_put,
                   json *internal)
{
    const struct api_rules rules = { .location = "eastus",
                                     .domain = "eastus.aroapp.io",
                                     .resource_id = CLUSTER,
                                     .architecture_version = 1 };
    cleanup_error struct error *err = NULL;
    cleanup_json json *base = give_external(v, internal, &sealer);
    cleanup_json json *ext = is_put ? api_cluster_give_skeleton(v, base) : json_give_copy(base);
    api_cluster_drop_read_only(v, ext);
    if (api_cluster_decode(v, body, len, ext, &err) < 0 ||
        api_cluster_validate(v, ext, base, &rules, &err) < 0) {
        check_error(err);
        return false;
    }
    must(api_cluster_to_internal(v, ext, base, internal, &sealer, NULL) == 0);
    check_unknown(internal);
    api_cluster_set_defaults(internal);
    check_reply(v, internal);
    return true;
}

static void check_update(const struct api_version *v, const char *body, size_t len, bool is_put,
                         bool identities)
{
    cleanup_json json *internal = give_internal(identities);
    if (!update(v, body, len, is_put, internal))
        return;
    cleanup_json json *once = json_give_copy(internal);
    must(update(v, body, len, is_put, internal));
    must(json_equal(internal, once));
}

static void check_create(const struct api_version *v, const char *body, size_t len)
{
    const struct api_rules rules = { .location = "eastus",
                                     .domain = "eastus.aroapp.io",
                                     .resource_id = CLUSTER };
    const struct api_flat flat = { .resource_id = CLUSTER };
    cleanup_error struct error *err = NULL;
    cleanup_json json *ext =
        json_make("{'id':%s,'properties':{'provisioningState':'Succeeded'}}", CLUSTER);
    cleanup_json json *internal = json_new_object();
    if (api_version_is_admin(v))
        return;
    if (api_cluster_decode(v, body, len, ext, &err) < 0 ||
        api_cluster_expand_flat(&flat, body, len, NULL, ext, &err) < 0 ||
        api_cluster_validate(v, ext, NULL, &rules, &err) < 0) {
        check_error(err);
        return;
    }
    must(api_cluster_to_internal(v, ext, NULL, internal, &sealer, NULL) == 0);
    api_cluster_set_defaults(internal);
    check_reply(v, internal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* The fuzzer sees what is compared, and says the secret itself. */
    if (!size || memmem(data, size, SECRET, strlen(SECRET)))
        return 0;
    const struct api_version *v = api_version_at(data[0] % 12);
    const char *body = (const char *)data + 1;
    check_update(v, body, size - 1, false, false);
    check_update(v, body, size - 1, true, false);
    check_update(v, body, size - 1, false, true);
    check_create(v, body, size - 1);
    return 0;
}
