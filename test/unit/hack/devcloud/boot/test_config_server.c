#include <string.h>

#include "hack/devcloud/boot/config_server.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/hack/devcloud/view_rig.h"

#define MACHINE BOOT_MACHINES BOOT_INFRA "-master-0"
#define API_INT "api-int." BOOT_DOMAIN
#define ZONE BOOT_GROUP "/providers/Microsoft.Network/privateDnsZones/" BOOT_DOMAIN
#define KNOWS(address) "address=/api." BOOT_DOMAIN "/x\naddress=/" API_INT "/" address "\n"
#define FRONTENDS \
    "[{'address':'10.0.0.9','ports':[80]},{'address':'10.0.0.4','ports':[6443,22623]}]"

struct rig {
    struct view_rig r;
    struct http_client *http;
    char *root_pem, *other_pem;
    struct config_server *s;
};

static void make_authority(char **cert, struct secret **key)
{
    int64_t now = clock_wall_ns(clock_system());
    struct x509_request ca = { .common_name = "root-ca",
                               .is_ca = true,
                               .not_before_wall_ns = now - NS_PER_S * 60,
                               .not_after_wall_ns = now + NS_PER_S * 3600 };
    assert_int_equal(x509_make(&ca, cert, key, NULL), 0);
}

/* A server that is known by a name and an address. */
static void give_pair(struct rig *rig)
{
    static const char *const names[] = { API_INT, NULL }, *const ips[] = { "10.0.0.4", NULL };
    cleanup_secret struct secret *root_key = NULL, *other_key = NULL;
    int64_t now = clock_wall_ns(clock_system());
    make_authority(&rig->root_pem, &root_key);
    make_authority(&rig->other_pem, &other_key);
    struct x509_request leaf = { .common_name = "system:machine-config-server",
                                 .dns_names = names,
                                 .ip_addresses = ips,
                                 .is_server = true,
                                 .not_before_wall_ns = now - NS_PER_S * 60,
                                 .not_after_wall_ns = now + NS_PER_S * 3600,
                                 .issuer_cert_pem = rig->root_pem,
                                 .issuer_key_pem = root_key };
    struct bootstrap_pair *pair = &rig->r.boot->mcs;
    assert_int_equal(x509_make(&leaf, &pair->cert_pem, &pair->key_pem, NULL), 0);
}

static void open_rig(struct rig *rig)
{
    *rig = (struct rig){ 0 };
    view_rig_open(&rig->r);
    struct http_client_config http = { .clock = clock_system(), .env = &rig->r.env.base };
    assert_int_equal(http_client_new(&http, &rig->http, NULL), 0);
    give_pair(rig);
    fake_cloud_set(&rig->r.cloud, &rig->r.cloud.frontends, FRONTENDS);
    struct config_server_config cfg = {
        .boot = rig->r.boot, .http = rig->http, .clock = clock_system(), .rng = rng_system()
    };
    rig->s = config_server_new(&cfg);
}

static void close_rig(struct rig *rig)
{
    config_server_free(rig->s);
    http_client_free(rig->http);
    free(rig->root_pem);
    free(rig->other_pem);
    view_rig_close(&rig->r);
}

static char *give_url(const char *text)
{
    cleanup_free char *data = base64_give(text, strlen(text));
    return xasprintf("data:text/plain;charset=utf-8;base64,%s", data);
}

static void give_pointer(struct rig *rig, const char *source, const char *authority)
{
    cleanup_free char *ca = give_url(authority);
    cleanup_json json *pointer =
        json_make("{'ignition':{'version':'3.2.0','config':{'merge':[{'source':%s}]},'security':{"
                  "'tls':{'certificateAuthorities':[{'source':%s}]}}}}",
                  source, ca);
    cleanup_free char *text = json_give_text(pointer);
    json_put(rig->r.cloud.machines, MACHINE, json_make("{'runs':true,'custom':%s}", text));
}

/* conf NULL: none. */
static void give_machineconfig(struct rig *rig, const char *role, const char *conf)
{
    cleanup_free char *url = give_url(conf ? conf : "");
    cleanup_free char *object = xasprintf(
        "{'metadata':{'name':'99-%s-aro-dns','labels':{'machineconfiguration.openshift.io/role':"
        "'%s'}},'spec':{'config':{'ignition':{'version':'3.2.0'},'storage':{'files':[{'path':'%s',"
        "'contents':{'source':'%s'}}]}}}}",
        role, role, conf ? "/etc/dnsmasq.conf" : "/etc/other", url);
    view_rig_make(&rig->r, &GVR_MACHINECONFIGS, object);
}

static void give_zone(struct rig *rig, const char *address)
{
    json *resources = rig->r.cloud.resources;
    json_put(resources, ZONE "/A/api-int",
             json_make("{'properties':{'aRecords':[{'ipv4Address':%s}]}}", address));
    json_put(resources, ZONE "/virtualNetworkLinks", json_make("{'value':[{'name':'l'}]}"));
}

static void must_boot(struct rig *rig)
{
    struct error *err = NULL;
    if (config_server_boot(rig->s, &rig->r.view, MACHINE, "master", &err) < 0)
        fail_msg("%s", error_text(err));
}

static void refuse(struct rig *rig, const char *want)
{
    cleanup_error struct error *err = NULL;
    assert_int_equal(config_server_boot(rig->s, &rig->r.view, MACHINE, "master", &err), -1);
    if (!strstr(error_text(err), want))
        fail_msg("%s", error_text(err));
}

static void by_address(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    give_machineconfig(&rig, "master", KNOWS("10.0.0.4"));
    refuse(&rig, "no customData");
    give_pointer(&rig, "https://10.0.0.4:22623/config/master", rig.root_pem);

    must_boot(&rig);

    give_pointer(&rig, "https://nowhere.example:1/", rig.root_pem);
    must_boot(&rig); /* once is enough */
    close_rig(&rig);
}

static void by_name(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    give_pointer(&rig, "https://" API_INT ":22623/config/master", rig.root_pem);

    refuse(&rig, "ignition: lookup " API_INT ": no such host");
    give_zone(&rig, "10.0.0.4");
    must_boot(&rig);

    close_rig(&rig);
}

static void a_zone_without_links(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    give_pointer(&rig, "https://" API_INT ":22623/config/master", rig.root_pem);
    give_zone(&rig, "10.0.0.4");
    json_put(rig.r.cloud.resources, ZONE "/virtualNetworkLinks", json_make("{'value':[]}"));

    refuse(&rig, "lookup " API_INT ": no such host");

    close_rig(&rig);
}

static void wrong_pointers(void **state)
{
    (void)state;
    static const struct {
        const char *source, *want;
        bool by_other;
    } rows[] = {
        { "https://10.0.0.9:22623/config/master", "no load balancer listens there", false },
        { "https://10.0.0.4:22624/config/master", "10.0.0.4:22624: no load balancer", false },
        { "https://10.0.0.4:22623/config/infra", "status 404", false },
        { "https://10.0.0.4:22623/config/master", "certificate", true },
        { "ftp://10.0.0.4/", "what customData points to", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig rig;
        open_rig(&rig);
        give_machineconfig(&rig, "master", KNOWS("10.0.0.4"));
        give_pointer(&rig, rows[i].source, rows[i].by_other ? rig.other_pem : rig.root_pem);
        refuse(&rig, rows[i].want);
        close_rig(&rig);
    }
}

/* The load balancer has another address than the certificate. */
static void a_certificate_for_another(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    fake_cloud_set(&rig.r.cloud, &rig.r.cloud.frontends,
                   "[{'address':'10.0.0.5','ports':[6443,22623]}]");
    give_machineconfig(&rig, "master", KNOWS("10.0.0.5"));
    give_pointer(&rig, "https://10.0.0.5:22623/config/master", rig.root_pem);

    refuse(&rig, "ertificate");

    close_rig(&rig);
}

static void without_names(void **state)
{
    (void)state;
    static const struct {
        const char *role, *conf, *want;
    } rows[] = {
        { "master", NULL, "kubelet: lookup " API_INT ": no such host" },
        { "worker", KNOWS("10.0.0.4"), "kubelet: lookup " API_INT ": no such host" },
        { "master", KNOWS("10.0.0.9"), "kubelet: dial 10.0.0.9:6443: no load balancer" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig rig;
        open_rig(&rig);
        give_machineconfig(&rig, rows[i].role, rows[i].conf);
        give_pointer(&rig, "https://10.0.0.4:22623/config/master", rig.root_pem);
        refuse(&rig, rows[i].want);
        close_rig(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a machine boots once, from the address in its pointer", by_address),
        CASE("by a name when a private zone has it", by_name),
        CASE("a zone without links is for nobody", a_zone_without_links),
        CASE("wrong pointers and authorities are told", wrong_pointers),
        CASE("so is a certificate for another address", a_certificate_for_another),
        CASE("a machine that cannot find the API does not come up", without_names),
    };
    return RUN_CASES("config_server", tests);
}
