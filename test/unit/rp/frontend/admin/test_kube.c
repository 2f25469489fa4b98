#include <string.h>

#include "rp/frontend/admin/kube.h"
#include "test/unit/support/rp/frontend/admin/kube_rig.h"
#include "test/unit/support/test.h"

#define TARGET ADMIN_CLUSTER "/kubernetesobjects?kind=Pod&namespace=openshift-etcd"

static void needs_a_cluster(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    admin_rig_refused(&c, "GET", TARGET, NULL,
                      "404 ResourceNotFound: The Resource 'openshiftclusters/cluster1' under "
                      "resource group 'group' was not found.");
    clusters_release(&c);
}

static int forget_kubeconfig(json *tree, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    (void)json_path_del(tree, "openShiftCluster.properties.aroSREKubeconfig");
    return 0;
}

static void needs_its_kubeconfig(void **state)
{
    (void)state;
    struct kube_rig r;
    kube_rig_init(&r, NULL, 0);
    clusters_patch(&r.c, forget_kubeconfig, NULL);
    admin_rig_refused(&r.c, "GET", TARGET, NULL,
                      "500 InternalServerError: the cluster's API server: the cluster has no "
                      "kubeconfig for support engineers yet");
    kube_rig_release(&r);
}

static int spoil_kubeconfig(json *tree, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(tree, "openShiftCluster.properties.aroSREKubeconfig", "AAAA", err);
}

/* Whatever it holds is not for the reply. */
static void needs_one_that_can_be_opened(void **state)
{
    (void)state;
    struct kube_rig r;
    kube_rig_init(&r, NULL, 0);
    clusters_patch(&r.c, spoil_kubeconfig, NULL);
    cleanup_free char *got = admin_rig_error(&r.c, "GET", TARGET, NULL);
    assert_memory_equal(got, "500 InternalServerError: the cluster's API server: ", 51);
    kube_rig_release(&r);
}

static void needs_a_way_there(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    clusters_create(&c);
    admin_rig_refused(&c, "GET", TARGET, NULL,
                      "500 InternalServerError: clusters cannot be reached from here");
    clusters_release(&c);
}

static void a_refusal_of_discovery_is_the_servers(void **state)
{
    static const struct script_step steps[] = { { .status = 403, .reply = "<html>" } };
    (void)state;
    struct kube_rig r;
    kube_rig_init(&r, steps, ARRAY_LEN(steps));
    cleanup_free char *got = admin_rig_error(&r.c, "GET", TARGET, NULL);
    assert_memory_equal(got, "403 Forbidden: ", 15);
    kube_rig_release(&r);
}

/* It asks for a pause that nobody waits for. */
static void a_server_holds_no_worker(void **state)
{
    static const struct script_step steps[] = { { .status = 503, .headers = "Retry-After: 3600" } };
    (void)state;
    struct kube_rig r;
    kube_rig_init(&r, steps, ARRAY_LEN(steps));
    cleanup_free char *got = admin_rig_error(&r.c, "POST", ADMIN_CLUSTER "/approvecsr", NULL);
    assert_memory_equal(got, "504 InternalServerError: ", 25);
    kube_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("needs a cluster", needs_a_cluster),
        CASE("needs its kubeconfig", needs_its_kubeconfig),
        CASE("needs one that can be opened", needs_one_that_can_be_opened),
        CASE("needs a way there", needs_a_way_there),
        CASE("a server holds no worker", a_server_holds_no_worker),
        CASE("a refusal of discovery is the server's", a_refusal_of_discovery_is_the_servers),
    };
    return RUN_CASES("API servers of clusters", tests);
}
