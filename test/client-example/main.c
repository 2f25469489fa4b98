/* client-example ENDPOINT SUBSCRIPTION - creates a cluster, waits for it, shows all clusters, and deletes it. */
#include <stdio.h>
#include <string.h>

#include "pkg/client/client.h"
#include "pkg/net/http_client.h"

#define GROUP "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/"
#define SUBNETS GROUP "net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/"

static int create(const struct aro_client *client, const struct opctx *ctx, struct error **err)
{
    cleanup_secret struct secret *password = secret_new("secret", strlen("secret"));
    const struct aro_openshift_cluster_properties properties = {
        .cluster_profile = &(struct aro_cluster_profile){ .domain = "example",
                                                          .resource_group_id = GROUP "managed",
                                                          .fips_validated_modules =
                                                              ARO_FIPS_VALIDATED_MODULES_DISABLED },
        .service_principal_profile =
            &(struct aro_service_principal_profile){
                .client_id = "11111111-1111-1111-1111-111111111111", .client_secret = password },
        .network_profile = &(struct aro_network_profile){ .pod_cidr = "10.128.0.0/14",
                                                          .service_cidr = "172.30.0.0/16" },
        .master_profile =
            &(struct aro_master_profile){ .vm_size = "Standard_D8s_v3",
                                          .subnet_id = SUBNETS "master",
                                          .encryption_at_host = ARO_ENCRYPTION_AT_HOST_DISABLED },
        .worker_profiles =
            &(struct aro_worker_profile){ .name = "worker",
                                          .vm_size = "Standard_D2s_v3",
                                          .disk_size_gb = ARO_INT(128),
                                          .count = ARO_INT(3),
                                          .subnet_id = SUBNETS "worker",
                                          .encryption_at_host = ARO_ENCRYPTION_AT_HOST_DISABLED },
        .worker_profiles_len = 1,
        .apiserver_profile =
            &(struct aro_api_server_profile){ .visibility = ARO_VISIBILITY_PUBLIC },
        .ingress_profiles =
            &(struct aro_ingress_profile){ .name = "default", .visibility = ARO_VISIBILITY_PUBLIC },
        .ingress_profiles_len = 1,
    };
    const struct aro_openshift_cluster cluster = { .location = "eastus",
                                                   .properties = &properties };
    cleanup_aro_poller struct aro_poller *poller = NULL;
    if (aro_openshift_clusters_create_or_update(client, ctx, "group", "example", &cluster, &poller,
                                                err) < 0)
        return -1;
    if (aro_poller_wait(poller, ctx, err) < 0)
        return -1;
    printf("console: %s\n", aro_poller_cluster(poller)->properties->console_profile->url);
    return 0;
}

static int show_all(const struct aro_client *client, const struct opctx *ctx, struct error **err)
{
    cleanup_aro_openshift_cluster_list struct aro_openshift_cluster_list *list = NULL;
    const struct aro_openshift_cluster *item = NULL;
    if (aro_openshift_clusters_list(client, &list, err) < 0)
        return -1;
    for (;;) {
        if (aro_openshift_cluster_list_next(list, ctx, &item, err) < 0)
            return -1;
        if (!item)
            return 0;
        printf("%s: %s\n", item->name,
               aro_provisioning_state_text(item->properties->provisioning_state));
    }
}

static int run(const char *endpoint, const char *subscription, struct error **err)
{
    /* At most 90 minutes for all of it; a struct stop instead of NULL would end it earlier. */
    const struct opctx root = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const struct opctx ctx = opctx_with_timeout_ms(&root, 90 * 60 * 1000);
    const struct http_client_config http_config = { .clock = clock_system(), .env = env_process() };
    const struct http_peer_config peer_config = { 0 };
    cleanup_http_client struct http_client *http = NULL;
    cleanup_http_peer struct http_peer *peer = NULL;
    if (http_client_new(&http_config, &http, err) < 0 ||
        http_peer_new(http, &peer_config, &peer, err) < 0)
        return -1;

    /* In Azure: azure_cloud_find("AzurePublicCloud"), and .tokens = azure_tokens_new(...). */
    const struct azure_cloud cloud = { .arm = endpoint };
    const struct arm_config arm_config = { .transport = http_peer_transport(peer),
                                           .cloud = &cloud,
                                           .user_agent = "client-example",
                                           .clock = clock_system(),
                                           .rng = rng_system() };
    cleanup_arm struct arm *arm = arm_new(&arm_config);
    const struct aro_client_config config = { .arm = arm, .subscription_id = subscription };
    cleanup_aro_client struct aro_client *client = NULL;
    cleanup_aro_poller struct aro_poller *poller = NULL;
    if (aro_client_new(&config, &client, err) < 0 || create(client, &ctx, err) < 0 ||
        show_all(client, &ctx, err) < 0 ||
        aro_openshift_clusters_delete(client, &ctx, "group", "example", &poller, err) < 0)
        return -1;
    return aro_poller_wait(poller, &ctx, err);
}

int main(int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: client-example ENDPOINT SUBSCRIPTION\n");
        return 2;
    }
    if (run(argv[1], argv[2], &err) < 0) {
        fprintf(stderr, "client-example: %s\n", error_text(err));
        return 1;
    }
    printf("deleted\n");
    return 0;
}
