#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "rp/cluster/extra_manifests.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define SERVICE "aro-ingress-service.yaml"
#define INTERNAL "metadata.annotations[\"service.beta.kubernetes.io/azure-load-balancer-internal\"]"
#define PUBLIC "{'ingressProfiles':[{'ip':'203.0.113.8','visibility':'Public'}]}"
#define PRIVATE "{'ingressProfiles':[{'ip':'10.0.1.30','visibility':'Private'}]}"

static json *give_all(struct cluster_rig *r)
{
    json *all = NULL;
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
    cleanup_json json *all = give_all(&r);
    cleanup_json json *service = give_object(all, SERVICE);
    cleanup_json json *nspace = give_object(all, "aro-ingress-namespace.yaml");

    assert_string_equal(json_path_str(service, "kind"), "Service");
    assert_string_equal(json_path_str(service, "metadata.name"), "router-default");
    assert_string_equal(json_path_str(service, "metadata.namespace"),
                        json_path_str(nspace, "metadata.name"));
    assert_string_equal(json_path_str(service, "spec.type"), "LoadBalancer");
    assert_string_equal(json_path_str(service, "spec.loadBalancerIP"), address);
    assert_true(str_eq(json_path_str(service, INTERNAL), is_internal ? "true" : NULL));
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
    check_router(PRIVATE, "10.0.1.30", true);
}

static void first_layout(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open(&r, "{'architectureVersion':0}", NULL, 0);

    assert_null(give_all(&r));

    cluster_rig_close(&r);
}

static void unknown(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    json *all = NULL;
    cluster_rig_open(&r, "{'ingressProfiles':[{'ip':'','visibility':'Public'}]}", NULL, 0);

    assert_int_equal(extra_manifests_give(r.c, &all, &err), -1);

    assert_null(all);
    assert_non_null(strstr(error_text(err), "properties.ingressProfiles[0].ip"));
    cluster_rig_close(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("a public router asks for the address that its name leads to", public_router),
        CASE("a private router asks for its address inside", private_router),
        CASE("the first layout needs nothing more", first_layout),
        CASE("an address that is not known yet is told", unknown),
    };
    return RUN_CASES("extra_manifests", tests);
}
