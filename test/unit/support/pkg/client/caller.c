#include "test/unit/support/pkg/client/caller.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

#define MUST(call) \
    do { \
        cleanup_error struct error *err = NULL; \
        if ((call) < 0) \
            fail_msg("%s", error_text(err)); \
    } while (0)

static int send_and_see(struct http_transport *t, const struct opctx *ctx,
                        const struct http_request *req, struct http_response *ret,
                        struct error **err)
{
    struct caller *c = container_of(t, struct caller, base);
    if (http_send(http_peer_transport(c->peer), ctx, req, ret, err) < 0)
        return -1;
    if (c->see)
        c->see(c->see_arg, req->method, ret);
    return 0;
}

void caller_init(struct caller *c, int port,
                 void (*see)(void *arg, const char *method, const struct http_response *response),
                 void *see_arg)
{
    const struct http_client_config client = { .clock = clock_system(), .env = env_process() };
    const struct http_peer_config peer = { .proxy_url = "" };
    *c = (struct caller){ .base = { send_and_see }, .see = see, .see_arg = see_arg };
    c->ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    MUST(http_client_new(&client, &c->http, &err));
    MUST(http_peer_new(c->http, &peer, &c->peer, &err));
    c->endpoint = xasprintf("http://127.0.0.1:%d/", port);
    c->cloud.arm = c->endpoint;
    const struct arm_config arm = { .transport = &c->base,
                                    .cloud = &c->cloud,
                                    .user_agent = "test",
                                    .clock = clock_system(),
                                    .rng = rng_system() };
    c->arm = arm_new(&arm);
}

void caller_release(struct caller *c)
{
    arm_free(c->arm);
    http_peer_unref(c->peer);
    http_client_free(c->http);
    free(c->endpoint);
}

struct aro_client *caller_give_client(struct caller *c, const char *subscription,
                                      const char *version)
{
    const struct aro_client_config cfg = { c->arm, subscription, version };
    struct aro_client *client = NULL;
    MUST(aro_client_new(&cfg, &client, &err));
    return client;
}

/* ---- a cluster ---- */

void sample_init(struct sample *s, const char *subscription, const char *managed,
                 const char *client_id)
{
    static const char subnet[] =
        "/subscriptions/%s/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/vnet/"
        "subnets/%s";
    *s = (struct sample){
        .texts = { xasprintf("/subscriptions/%s/resourceGroups/%s", subscription, managed),
                   xasprintf(subnet, subscription, "master"),
                   xasprintf(subnet, subscription, "worker") },
        .network = { .pod_cidr = "10.128.0.0/14", .service_cidr = "172.30.0.0/16" },
        .apiserver = { .visibility = ARO_VISIBILITY_PUBLIC },
        .ingress = { .name = "default", .visibility = ARO_VISIBILITY_PUBLIC },
    };
    s->profile = (struct aro_cluster_profile){ .pull_secret = secret_new("{\"auths\":{}}", 12),
                                               .domain = "example",
                                               .resource_group_id = s->texts[0] };
    s->principal = (struct aro_service_principal_profile){
        .client_id = client_id, .client_secret = secret_new(SAMPLE_SECRET, strlen(SAMPLE_SECRET))
    };
    s->master =
        (struct aro_master_profile){ .vm_size = "Standard_D8s_v3", .subnet_id = s->texts[1] };
    s->worker = (struct aro_worker_profile){ .name = "worker",
                                             .vm_size = "Standard_D2s_v3",
                                             .disk_size_gb = ARO_INT(128),
                                             .subnet_id = s->texts[2],
                                             .count = ARO_INT(3) };
    s->properties = (struct aro_openshift_cluster_properties){
        .cluster_profile = &s->profile,
        .service_principal_profile = &s->principal,
        .network_profile = &s->network,
        .master_profile = &s->master,
        .worker_profiles = &s->worker,
        .worker_profiles_len = 1,
        .apiserver_profile = &s->apiserver,
        .ingress_profiles = &s->ingress,
        .ingress_profiles_len = 1,
    };
    s->cluster =
        (struct aro_openshift_cluster){ .location = "eastus", .properties = &s->properties };
}

void sample_release(struct sample *s)
{
    secret_unref(s->profile.pull_secret);
    secret_unref(s->principal.client_secret);
    for (size_t i = 0; i < ARRAY_LEN(s->texts); i++)
        free(s->texts[i]);
}
