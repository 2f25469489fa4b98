/* Load balancers of the first layout, with the cluster's API beside them. */
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "rp/cluster/balancer_probes.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/rp/cluster/azure_steps.h"
#include "test/unit/support/rp/cluster/fake_arm.h"
#include "test/unit/support/rp/cluster/inside_rig.h"

#define BALANCER(name) RIG_GROUP "/providers/Microsoft.Network/loadBalancers/a-12345-" name
#define TCP(name, port) \
    "{'name':'" name "','properties':{'protocol':'Tcp','port':" port ",'intervalInSeconds':10}}"

struct rig {
    struct inside_rig r;
    struct fake_arm a;
};

static void open_rig(struct rig *rig, const char *properties)
{
    inside_rig_open(&rig->r, properties);
    fake_arm_use(&rig->a, &rig->r.outer);
    fake_arm_add(&rig->a, BALANCER("public-lb"),
                 "{'properties':{'probes':[" TCP("api-internal-probe", "6443") "]}}");
    fake_arm_add(&rig->a, BALANCER("internal-lb"),
                 "{'properties':{'probes':[" TCP("api-internal-probe", "6443") "," TCP(
                     "sint-probe", "22623") "," TCP("ssh", "22") "]}}");
}

static void close_rig(struct rig *rig)
{
    fake_arm_release(&rig->a);
    inside_rig_close(&rig->r);
}

/* path NULL: the port alone. */
static void assert_probe(const struct rig *rig, const char *balancer, const char *name,
                         const char *path)
{
    const json *probes = json_path(fake_arm_get(&rig->a, balancer), "properties.probes");
    const json *probe = arm_find_named(probes, name);
    assert_string_equal(json_path_str(probe, "properties.protocol"), path ? "Https" : "Tcp");
    assert_int_equal(json_path_int(probe, "properties.intervalInSeconds", 0), 10);
    if (path)
        assert_string_equal(json_path_str(probe, "properties.requestPath"), path);
    else
        assert_false(json_path_has(probe, "properties.requestPath"));
}

#define FIRST "{'infraId':'a-12345','architectureVersion':0}"

static void servers_are_asked_whether_they_are_ready(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, FIRST);

    inside_rig_must(&rig.r, cluster_ensure_balancer_probes);

    assert_probe(&rig, BALANCER("public-lb"), "api-internal-probe", "/readyz");
    assert_probe(&rig, BALANCER("internal-lb"), "api-internal-probe", "/readyz");
    assert_probe(&rig, BALANCER("internal-lb"), "sint-probe", "/healthz");
    assert_probe(&rig, BALANCER("internal-lb"), "ssh", NULL);
    assert_int_equal(rig.a.writes.len, 2);
    inside_rig_must(&rig.r, cluster_ensure_balancer_probes);
    assert_int_equal(rig.a.writes.len, 2);
    close_rig(&rig);
}

static void add_refused_certificate(struct rig *rig)
{
    cleanup_free char *cert = cert_give_own_issuer();
    cleanup_free char *encoded = base64_give(cert, strlen(cert));
    fake_cluster_put(&rig->r.inside,
                     json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':"
                               "'machine-config-server-tls','namespace':"
                               "'openshift-machine-config-operator'},'data':{'tls.crt':%s}}",
                               encoded));
}

static void a_certificate_that_probes_refuse_is_not_asked_for(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, FIRST);
    inside_rig_must(&rig.r, cluster_ensure_balancer_probes);
    add_refused_certificate(&rig);

    inside_rig_must(&rig.r, cluster_ensure_balancer_probes);

    assert_probe(&rig, BALANCER("internal-lb"), "api-internal-probe", "/readyz");
    assert_probe(&rig, BALANCER("internal-lb"), "sint-probe", NULL);
    close_rig(&rig);
}

static void the_second_layout_was_made_so(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, "{'infraId':'a-12345'}");

    inside_rig_must(&rig.r, cluster_ensure_balancer_probes);

    assert_int_equal(rig.a.writes.len, 0);
    close_rig(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("servers are asked whether they are ready", servers_are_asked_whether_they_are_ready),
        CASE("a certificate that probes refuse is not asked for",
             a_certificate_that_probes_refuse_is_not_asked_for),
        CASE("the second layout was made so", the_second_layout_was_made_so),
    };
    return RUN_CASES("balancer_probes", tests);
}
