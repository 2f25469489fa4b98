#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "rp/cluster/extra_manifests.h"
#include "test/unit/support/rp/cluster/azure_steps.h"
#include "test/unit/support/rp/cluster/installer_contract.h"

#define SERVICE "aro-ingress-service.yaml"
#define INTERNAL "metadata.annotations[\"service.beta.kubernetes.io/azure-load-balancer-internal\"]"
#define DOCUMENT(ip, visibility) \
    "{'clusterProfile':{'domain':'a.example.org'},'apiserverProfile':{'intIp':'10.0.0.4'}," \
    "'ingressProfiles':[{'ip':'" ip "','visibility':'" visibility "'}]}"
#define PUBLIC DOCUMENT("203.0.113.8", "Public")

static struct extra_manifests give_all(struct cluster_rig *r)
{
    struct extra_manifests all;
    struct error *err = NULL;
    if (extra_manifests_give(r->c, &all, &err) < 0)
        fail_msg("%s", error_text(err));
    return all;
}

static json *give_object(const json *all, const char *file)
{
    const char *text = json_str(json_get(all, file));
    json *object = NULL;
    assert_non_null(text);
    assert_int_equal(yaml_parse(text, strlen(text), &object, NULL), 0);
    return object;
}

static void check_router(const char *document, const char *address, bool is_internal)
{
    struct cluster_rig r;
    cluster_rig_open(&r, document, NULL, 0);
    struct extra_manifests all = give_all(&r);
    cleanup_json json *service = give_object(all.manifests, SERVICE);
    cleanup_json json *nspace = give_object(all.manifests, "aro-ingress-namespace.yaml");

    assert_string_equal(json_path_str(service, "kind"), "Service");
    assert_string_equal(json_path_str(service, "metadata.name"), "router-default");
    assert_string_equal(json_path_str(service, "metadata.namespace"),
                        json_path_str(nspace, "metadata.name"));
    assert_string_equal(json_path_str(service, "spec.type"), "LoadBalancer");
    assert_string_equal(json_path_str(service, "spec.loadBalancerIP"), address);
    assert_true(str_eq(json_path_str(service, INTERNAL), is_internal ? "true" : NULL));
    extra_manifests_release(&all);
    cluster_rig_close(&r);
}

static void public_router(void **state)
{
    (void)state;
    check_router(PUBLIC, "203.0.113.8", false);
}

static void private_router(void **state)
{
    (void)state;
    check_router(DOCUMENT("10.0.1.30", "Private"), "10.0.1.30", true);
}

static void first_layout(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open(&r, "{'architectureVersion':0}", NULL, 0);

    struct extra_manifests all = give_all(&r);

    assert_null(all.manifests);
    assert_null(all.bootstrap);
    cluster_rig_close(&r);
}

/* The text of /etc/dnsmasq.conf in a configuration. */
static char *give_conf(const json *config)
{
    const json *file = json_path(config, "storage.files[0]");
    cleanup_secret struct secret *text = contract_give_data(json_path_str(file, "contents.source"));
    assert_string_equal(json_path_str(file, "path"), "/etc/dnsmasq.conf");
    return xstrdup(secret_reveal(text, NULL));
}

/* Those that begin, and those that the machine API makes later. */
static void names(void **state)
{
    (void)state;
    static const char *const roles[] = { "master", "worker" };
    struct cluster_rig r;
    cluster_rig_open(&r, PUBLIC, NULL, 0);
    struct extra_manifests all = give_all(&r);
    cleanup_free char *first = give_conf(all.bootstrap);

    assert_non_null(strstr(first, "\naddress=/api-int.a.example.org/10.0.0.4\n"));
    assert_non_null(strstr(first, "\naddress=/.apps.a.example.org/203.0.113.8\n"));
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        cleanup_free char *file = xasprintf("99-%s-aro-dns.yaml", roles[i]);
        cleanup_json json *config = give_object(all.manifests, file);
        cleanup_free char *conf = give_conf(json_path(config, "spec.config"));
        assert_string_equal(
            json_path_str(config, "metadata.labels[\"machineconfiguration.openshift.io/role\"]"),
            roles[i]);
        assert_string_equal(conf, first);
    }
    extra_manifests_release(&all);
    cluster_rig_close(&r);
}

static void gateway(void **state)
{
    (void)state;
    static const char *const env[] = { "GATEWAY_DOMAINS=one.example,two.example", NULL };
    struct cluster_rig r;
    cluster_rig_open_env(&r,
                         "{'clusterProfile':{'domain':'a.example.org'},'apiserverProfile':{"
                         "'intIp':'10.0.0.4'},'imageRegistryStorageAccountName':'registryx',"
                         "'featureProfile':{'gatewayEnabled':true},'networkProfile':{"
                         "'gatewayPrivateEndpointIp':'10.0.0.9'},'ingressProfiles':[{'ip':"
                         "'203.0.113.8','visibility':'Public'}]}",
                         env, NULL, 0);
    struct extra_manifests all = give_all(&r);

    cleanup_free char *conf = give_conf(all.bootstrap);

    assert_non_null(strstr(conf, "\naddress=/two.example/10.0.0.9\n"));
    extra_manifests_release(&all);
    cluster_rig_close(&r);
}

/* Otherwise the operator would have every machine restart for it. */
static void restarts(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        size_t files;
    } rows[] = { { "false", 2 }, { "True", 3 } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct cluster_rig r;
        json *made = NULL;
        cleanup_free char *document = xasprintf(
            "{'clusterProfile':{'domain':'a.example.org'},'apiserverProfile':{'intIp':'10.0.0.4'},"
            "'operatorFlags':{'aro.restartdnsmasq.enabled':'%s'},"
            "'ingressProfiles':[{'ip':'203.0.113.8','visibility':'Public'}]}",
            rows[i].value);
        cluster_rig_open(&r, document, NULL, 0);

        assert_int_equal(extra_manifests_give_names(r.c, "worker", &made, NULL), 0);

        cleanup_json json *config = made;
        assert_int_equal(json_len(json_path(config, "spec.config.storage.files")), rows[i].files);
        cluster_rig_close(&r);
    }
}

static void unknown(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { DOCUMENT("", "Public"), "properties.ingressProfiles[0].ip: not known yet" },
        { DOCUMENT("x", "Public"), "invalid ingressIP: 'x' is no IP address" },
        { "{'clusterProfile':{'domain':'a.example.org'},'ingressProfiles':[{'ip':'203.0.113.8',"
          "'visibility':'Public'}]}",
          "properties.apiserverProfile.intIp: not known yet" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct cluster_rig r;
        cleanup_error struct error *err = NULL;
        struct extra_manifests all;
        cluster_rig_open(&r, rows[i][0], NULL, 0);

        assert_int_equal(extra_manifests_give(r.c, &all, &err), -1);

        assert_null(all.manifests);
        assert_non_null(strstr(error_text(err), rows[i][1]));
        cluster_rig_close(&r);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("a public router asks for the address that its name leads to", public_router),
        CASE("a private router asks for its address inside", private_router),
        CASE("the first layout needs nothing more", first_layout),
        CASE("every machine knows the names of the cluster", names),
        CASE("and those of a gateway", gateway),
        CASE("the flag of restarts counts from the begin", restarts),
        CASE("an address that is not known or is none is told", unknown),
    };
    return RUN_CASES("extra_manifests", tests);
}
