/* A cluster in the simulated Azure: machines are made as a deployment would, and unmade as a deletion does. */
#include "hack/devcloud/azure/machines.h"
#include "hack/devcloud/boot/boot.h"
#include "pkg/base/encoding.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"
#include "test/unit/support/hack/devcloud/boot_files.h"

#define NAME BOOT_INFRA
#define BOOTSTRAP CLUSTER_MACHINES "/" NAME "-bootstrap"
#define PE_PATCH \
    "{'resources':{'%s/networkinterfaces/n':{'id':'%s/networkinterfaces/n','name':'n','type':" \
    "'Microsoft.Network/networkInterfaces','properties':{'ipConfigurations':[{'properties':{" \
    "'privateIPAddress':'%s'}}]}},'%s/privateendpoints/pe':{'id':'%s/privateendpoints/pe','name':" \
    "'pe','type':'Microsoft.Network/privateEndpoints','properties':{'provisioningState':" \
    "'Succeeded','networkInterfaces':[{'id':'%s/networkinterfaces/n'}]," \
    "'manualPrivateLinkServiceConnections':[{'properties':{'privateLinkServiceId':" \
    "'" CLUSTER_NETWORK \
    "/privateLinkServices/s','privateLinkServiceConnectionState':{'status':'Approved'}}}]}}}}"
#define PE_KEYS \
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/net-rg/providers/" \
    "microsoft.network"

struct world {
    struct rig azure;
    struct boot *boot;
    struct boot_files files;
    struct http_peer *admin;
    char *address;
};

/* In a file, the first of a text becomes another. */
static void move(struct boot_files *f, const char *path, const char *from, const char *to)
{
    const char *text = json_str(json_get(f->files, path)), *at = strstr(text, from);
    cleanup_free char *moved = xasprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    boot_files_set(f, path, moved);
}

static void open_world(struct world *w)
{
    rig_open(&w->azure);
    boot_files_init(&w->files);
    move(&w->files, "/opt/openshift/manifests/cluster-infrastructure-02-config.yml", "demo-rg",
         "aro-cluster");
    move(&w->files, "/opt/openshift/openshift/99_openshift-cluster-api_worker-machineset-0.yaml",
         "publicLoadBalancer: " NAME, "publicLoadBalancer: ''"); /* there is none */
    w->address =
        xasprintf("127.%d.%d.%d", (int)rng_below(rng_system(), 60) + 64,
                  (int)rng_below(rng_system(), 250) + 1, (int)rng_below(rng_system(), 250) + 1);
    struct http_peer_config admin = { .ca_pem = w->files.serving_ca_pem,
                                      .server_name = "api-int." BOOT_DOMAIN,
                                      .client_cert_pem = w->files.admin_cert_pem,
                                      .client_key_pem = w->files.admin_key_pem };
    assert_int_equal(http_peer_new(w->azure.client, &admin, &w->admin, NULL), 0);
    struct boot_config cfg = { .sim = w->azure.sim,
                               .tick_ms = 50,
                               .clock = clock_system(),
                               .rng = rng_system(),
                               .env = &w->azure.env.base };
    assert_int_equal(boot_start(&cfg, &w->boot, NULL), 0);
}

static void close_world(struct world *w)
{
    boot_stop(w->boot);
    http_peer_unref(w->admin);
    boot_files_release(&w->files);
    free(w->address);
    rig_close(&w->azure);
}

static void make(struct world *w, const char *name, const char *custom_data)
{
    struct machine_wish wish = { .group_id = CLUSTER_GROUP,
                                 .name = name,
                                 .size = "Standard_D8s_v3",
                                 .subnet_id = MASTER_SUBNET,
                                 .custom_data = custom_data,
                                 .disk_gb = 128 };
    struct error *err = NULL;
    if (machines_make(w->azure.sim, &wish, &err) < 0)
        fail_msg("%s", error_text(err));
}

static void give_endpoint(struct world *w)
{
    cleanup_free char *patch =
        xasprintf(PE_PATCH, PE_KEYS, PE_KEYS, w->address, PE_KEYS, PE_KEYS, PE_KEYS);
    rig_patch(&w->azure, patch);
}

/* The status at the cluster's API; -1: nobody is there. */
static int ask(struct world *w, const char *path)
{
    cleanup_free char *url = xasprintf("https://%s:6443%s", w->address, path);
    struct http_request rq = {
        .method = "GET", .url = url, .timeout_ms = 30000, .fresh_connection = true
    };
    cleanup_response struct http_response response = { 0 };
    return http_send(http_peer_transport(w->admin), &w->azure.ctx, &rq, &response, NULL) < 0
               ? -1
               : response.status;
}

static void await(struct world *w, const char *path, int status)
{
    while (ask(w, path) != status)
        assert_int_equal(opctx_sleep_ms(&w->azure.ctx, 50, NULL), 0);
}

static size_t count(struct world *w)
{
    cleanup_strv struct strv ids = STRV_INIT;
    machines_list(w->azure.sim, CLUSTER_GROUP, &ids);
    return ids.len;
}

static void life_of_a_cluster(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    cleanup_free char *config = boot_files_give_config(&w.files, "3.2.0");
    cleanup_free char *custom_data = base64_give(config, strlen(config));

    for (int i = 0; i < 3; i++) {
        cleanup_free char *name = xasprintf(NAME "-master-%d", i);
        make(&w, name, NULL);
    }
    make(&w, NAME "-bootstrap", custom_data);
    give_endpoint(&w);
    await(&w, "/api/v1/namespaces/kube-system/configmaps/bootstrap", 200);
    machines_unmake(w.azure.sim, BOOTSTRAP); /* its work is done */
    while (count(&w) != 3 + 2)               /* workers are made by the cluster itself */
        assert_int_equal(opctx_sleep_ms(&w.azure.ctx, 50, NULL), 0);
    await(&w, "/readyz", 200);

    for (int i = 0; i < 3; i++) {
        cleanup_free char *id = xasprintf(CLUSTER_MACHINES "/" NAME "-master-%d", i);
        machines_unmake(w.azure.sim, id);
    }

    await(&w, "/readyz", -1);
    close_world(&w);
}

static void others_are_left_alone(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);

    make(&w, "some-bootstrap", "bm9uc2Vuc2U=");
    make(&w, "other", NULL);
    for (;;) {
        cleanup_reply struct rig_reply reply = { 0 };
        rig_call(&w.azure, "GET", "/_devcloud/state", NULL, &reply);
        cleanup_free char *log = json_give_text(reply.body);
        if (strstr(log, "ignition: customData: Ignition configuration"))
            break;
        assert_int_equal(opctx_sleep_ms(&w.azure.ctx, 50, NULL), 0);
    }
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a cluster lives from its bootstrap machine to its last master", life_of_a_cluster),
        CASE("what is no configuration is told in the machine's log", others_are_left_alone),
    };
    return RUN_CASES("boot", tests);
}
