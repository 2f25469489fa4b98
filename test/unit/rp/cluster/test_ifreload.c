#include "rp/cluster/ifreload.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define PRIVILEGED \
    "{'apiVersion':'security.openshift.io/v1','kind':'SecurityContextConstraints'," \
    "'metadata':{'name':'privileged','annotations':{'a':'b'}},'allowPrivilegedContainer':true," \
    "'groups':['system:masters'],'users':['system:admin']}"
#define NS "openshift-azure-ifreload"

static void the_daemon_runs_privileged_on_every_node(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'architectureVersion':0}");
    fake_cluster_add(&r.inside, PRIVILEGED);

    inside_rig_must(&r, cluster_ensure_ifreload);
    fake_cluster_forget_writes(&r.inside);
    inside_rig_must(&r, cluster_ensure_ifreload);

    json *copy =
        fake_cluster_get(&r.inside, &GVR_SECURITYCONTEXTCONSTRAINTS, NULL, "privileged-ifreload");
    assert_true(json_path_bool(copy, "allowPrivilegedContainer", false));
    assert_int_equal(json_len(json_path(copy, "groups")), 0);
    assert_string_equal(json_path_str(copy, "users[0]"), "system:serviceaccount:" NS ":default");
    json *set = fake_cluster_get(&r.inside, &GVR_DAEMONSETS, NS, "ifreload");
    json *pod = json_path(set, "spec.template.spec");
    assert_true(json_path_bool(pod, "hostNetwork", false));
    assert_string_equal(json_path_str(pod, "tolerations[0].operator"), "Exists");
    assert_true(json_path_bool(pod, "containers[0].securityContext.privileged", false));
    assert_string_equal(json_path_str(pod, "containers[0].image"),
                        "arosvc.azurecr.io/ifreload:109810fe");
    assert_non_null(fake_cluster_get(&r.inside, &GVR_NAMESPACES, NULL, NS));
    fake_cluster_must_not_write(&r.inside);
}

#define RELEASE(v) \
    "{'apiVersion':'config.openshift.io/v1','kind':'ClusterVersion','metadata':{'name':" \
    "'version'},'status':{'history':[{'state':'Completed','version':'" v "'}]}}"

static void an_admin_update_leaves_clusters_with_operator_alone(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'architectureVersion':0}");
    fake_cluster_add(&r.inside, PRIVILEGED);
    fake_cluster_add(&r.inside, RELEASE("4.7.12"));
    fake_cluster_forget_writes(&r.inside);

    inside_rig_must(&r, cluster_keep_ifreload);
    fake_cluster_must_not_write(&r.inside);
    fake_cluster_add(&r.inside, RELEASE("4.6.1"));
    inside_rig_must(&r, cluster_keep_ifreload);

    assert_non_null(fake_cluster_get(&r.inside, &GVR_DAEMONSETS, NS, "ifreload"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the daemon runs privileged on every node", the_daemon_runs_privileged_on_every_node),
        CASE("an admin update leaves clusters with operator alone",
             an_admin_update_leaves_clusters_with_operator_alone),
    };
    return RUN_CASES("ifreload", tests);
}
