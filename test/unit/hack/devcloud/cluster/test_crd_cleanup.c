#include "hack/devcloud/cluster/crd.h"
#include "hack/devcloud/cluster/crd_cleanup.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"
#include "test/unit/support/hack/devcloud/trees.h"

#define CRDS "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
#define TS "/apis/x.y/v1/namespaces/default/ts"
#define MERGE "application/merge-patch+json"
#define DEFINE(more) \
    { \
        "POST " CRDS, \
            "{'metadata':{'name':'ts.x.y'" more \
            "},'spec':{'group':'x.y','scope':'Namespaced','names':{'plural':'ts','kind':'T'}," \
            "'versions':[{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':{'" \
            "type':'object'}}}]}}", \
            201, NULL \
    }
#define MAKE_T(name, more) \
    { \
        "POST " TS, "{'apiVersion':'x.y/v1','kind':'T','metadata':{'name':'" name "'" more "}}", \
            201, NULL \
    }

static struct rig_case cases[] = {
    { "a definition takes its objects with it",
      .asks = { DEFINE(""),
                MAKE_T("a", ""),
                MAKE_T("b", ""),
                { "DELETE " CRDS "/ts.x.y", NULL, 200, NULL },
                { "GET " CRDS "/ts.x.y", NULL, 404, NULL },
                { "GET " TS, NULL, 404, NULL },
                DEFINE(""),
                { "GET " TS, NULL, 200, "{'items':[]}" } } },
    { "it waits for objects that finalizers hold",
      .asks = { DEFINE(""),
                MAKE_T("a", ",'finalizers':['x.y/z']"),
                MAKE_T("b", ""),
                { "DELETE " CRDS "/ts.x.y", NULL, 200, NULL },
                { "GET " CRDS "/ts.x.y", NULL, 200,
                  "{'metadata':{'deletionTimestamp':'~2024','finalizers':['customresourcecleanup."
                  "apiextensions.k8s.io']},'status':{"
                  "'conditions':[{},{},{'type':'Terminating','status':'True','reason':'"
                  "InstanceDeletionPending'}]}}" },
                { "GET " TS, NULL, 200,
                  "{'items':[{'metadata':{'name':'a','deletionTimestamp':'~2024','"
                  "deletionGracePeriodSeconds':0}}]}" },
                { "PATCH " TS "/a", "{'metadata':{'finalizers':null}}", 200, NULL, MERGE },
                { "GET " CRDS "/ts.x.y", NULL, 404, NULL },
                { "GET " TS, NULL, 404, NULL } } },
    { "its own finalizers hold it, too",
      .asks = { DEFINE(",'finalizers':['x.y/z']"),
                MAKE_T("a", ""),
                { "DELETE " CRDS "/ts.x.y", NULL, 200, NULL },
                { "GET " CRDS "/ts.x.y", NULL, 200, "{'metadata':{'finalizers':['x.y/z']}}" },
                { "PATCH " CRDS "/ts.x.y", "{'metadata':{'finalizers':null}}", 200, NULL, MERGE },
                { "GET " CRDS "/ts.x.y", NULL, 404, NULL } } },
    { "a dry run takes nothing away",
      .asks = { DEFINE(""),
                MAKE_T("a", ""),
                { "DELETE " CRDS "/ts.x.y?dryRun=All", NULL, 200, NULL },
                { "GET " TS "/a", NULL, 200, "{'metadata':{'deletionTimestamp':null}}" },
                { "GET " CRDS "/ts.x.y", NULL, 200, "{'metadata':{'deletionTimestamp':null}}" } } },
};

static void marks_once(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_json json *crd = loose_tree("{'metadata':{},'status':{'conditions':[]}}");

    crd_cleanup_begin(rig.c, crd);
    crd_cleanup_begin(rig.c, crd);

    assert_contains(crd, "{'metadata':{'finalizers':['" CRD_FINALIZER
                         "']},'status':{'conditions':[{'type':'Terminating','status':'True'}]}}");
}

/* Kinds that no definition makes have nothing to clean up. */
static void leaves_built_in_kinds_alone(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, "GET /api/v1/namespaces/default/configmaps", NULL);
    int64_t revision = state_revision(rig.c->state);

    crd_cleanup_go_on(rig.c, o.op.r);

    assert_int_equal(state_revision(rig.c->state), revision);
}

int main(void)
{
    const struct CMUnitTest more[] = {
        CASE("a definition that goes is marked once", marks_once),
        CASE("built-in kinds are left alone", leaves_built_in_kinds_alone),
    };
    return cluster_rig_run("crd_cleanup", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
