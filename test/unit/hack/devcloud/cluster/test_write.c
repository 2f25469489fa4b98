#include "hack/devcloud/cluster/write.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define NS "/api/v1/namespaces/default/"
#define MAPS NS "configmaps"
#define APPS "/apis/apps/v1/namespaces/default/deployments"
#define DEPLOYMENT \
    "{'metadata':{'name':'d'},'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata'" \
    ":" \
    "{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}}}}"

static struct rig_case cases[] = {
    { "a new object gets its version, uid and time from the server",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'},'data':{'k':'v'}}", 201,
                  "{'kind':'ConfigMap','apiVersion':'v1','data':{'k':'v'},'metadata':{'namespace':'"
                  "default',"
                  "'uid':'~-','creationTimestamp':'2024-02-03T04:05:06Z','managedFields':[{'"
                  "manager':'unit',"
                  "'operation':'Update','fieldsV1':{'f:data':{'.':{},'f:k':{}}}}]}}" },
                { "GET " MAPS "/a", NULL, 200,
                  "{'metadata':{'resourceVersion':'$rv','uid':'$uid'},'data':{'k':'v'}}" } } },
    { "a name that exists is refused, and the first object stays",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'},'data':{'k':'v'}}", 201, NULL },
                { "POST " MAPS, "{'metadata':{'name':'a'}}", 409,
                  "{'reason':'AlreadyExists','message':'configmaps \\'a\\' already exists',"
                  "'details':{'name':'a','kind':'configmaps'}}" },
                { "GET " MAPS "/a", NULL, 200, "{'data':{'k':'v'}}" } } },
    { "a dry run answers what would be and stores nothing",
      .asks = { { "POST " MAPS "?dryRun=All", "{'metadata':{'name':'a'}}", 201,
                  "{'metadata':{'name':'a','resourceVersion':null,'uid':'~-'}}" },
                { "GET " MAPS "/a", NULL, 404, NULL },
                { "POST " MAPS, "{'metadata':{'name':'a'},'data':{'k':'v'}}", 201, NULL },
                { "POST " MAPS "?dryRun=All", "{'metadata':{'name':'a'}}", 409, NULL },
                { "PUT " MAPS "/a?dryRun=All", "{'metadata':{'name':'a'},'data':{'k':'w'}}", 200,
                  "{'data':{'k':'w'}}" },
                { "GET " MAPS "/a", NULL, 200, "{'data':{'k':'v'}}" } } },
    { "an update that changes nothing keeps the version",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'},'data':{'k':'v'}}", 201, NULL },
                { "PUT " MAPS "/a", "{'metadata':{'name':'a'},'data':{'k':'v'}}", 200,
                  "{'metadata':{'resourceVersion':'$rv'}}" } } },
    { "an update with an old version conflicts",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'},'data':{'k':'v'}}", 201, NULL },
                { "PUT " MAPS "/a", "{'metadata':{'name':'a','resourceVersion':'1'}}", 409,
                  "{'reason':'Conflict','message':'Operation cannot be fulfilled on configmaps "
                  "\\'a\\': the "
                  "object has been modified; please apply your changes to the latest version and "
                  "try "
                  "again'}" },
                { "PUT " MAPS "/a",
                  "{'metadata':{'name':'a','resourceVersion':'$rv'},'data':{'k':'w'}}", 200,
                  "{'data':{'k':'w'}}" },
                { "GET " MAPS "/a", NULL, 200, "{'data':{'k':'w'}}" } } },
    { "an update of what is not there is NotFound",
      .asks = { { "PUT " MAPS "/a", "{'metadata':{'name':'a'}}", 404,
                  "{'reason':'NotFound','message':'configmaps \\'a\\' not found'}" } } },
    { "the generation counts changes of the specification alone",
      .asks = { { "POST " APPS, DEPLOYMENT, 201, "{'metadata':{'generation':1}}" },
                { "PATCH " APPS "/d", "{'metadata':{'labels':{'x':'y'}}}", 200,
                  "{'metadata':{'generation':1,'labels':{'x':'y'}}}",
                  "application/merge-patch+json" },
                { "PATCH " APPS "/d", "{'spec':{'replicas':2}}", 200,
                  "{'metadata':{'generation':2},'spec':{'replicas':2}}",
                  "application/merge-patch+json" },
                { "PATCH " APPS "/d/status", "{'status':{'replicas':2}}", 200,
                  "{'metadata':{'generation':2},'status':{'replicas':2}}",
                  "application/merge-patch+json" },
                { "PATCH " APPS "/d", "{'metadata':{'annotations':{'x':'y'}}}", 200,
                  "{'metadata':{'generation':3}}", "application/merge-patch+json" },
                { "PATCH " APPS "/d", "{'metadata':{'generation':77}}", 200,
                  "{'metadata':{'generation':3}}", "application/merge-patch+json" } } },
    { "the status belongs to its subresource, the rest to the object",
      .asks = { { "POST " APPS,
                  "{'metadata':{'name':'d'},'status':{'replicas':7},'spec':{'selector':{'"
                  "matchLabels':"
                  "{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'"
                  "name':"
                  "'c','image':'i'}]}}}}",
                  201, "{'status':{'replicas':null}}" },
                { "PATCH " APPS "/d", "{'status':{'replicas':7}}", 200,
                  "{'status':{'replicas':null}}", "application/merge-patch+json" },
                { "PATCH " APPS "/d/status",
                  "{'metadata':{'labels':{'x':'y'}},'spec':{'replicas':9},'status':{'replicas':7}}",
                  200, "{'metadata':{'labels':null},'spec':{'replicas':1},'status':{'replicas':7}}",
                  "application/merge-patch+json" } } },
    { "an object without its last finalizer goes away once it was deleted",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a','finalizers':['x.y/z']}}", 201, NULL },
                { "DELETE " MAPS "/a", NULL, 200,
                  "{'metadata':{'deletionTimestamp':'2024-02-03T04:05:06Z'}}" },
                { "PATCH " MAPS "/a", "{'metadata':{'finalizers':['q.y/z']}}", 422,
                  "{'message':'~no new finalizers can be added if the object is being deleted'}",
                  "application/merge-patch+json" },
                { "PATCH " MAPS "/a?dryRun=All", "{'metadata':{'finalizers':null}}", 200, NULL,
                  "application/merge-patch+json" },
                { "GET " MAPS "/a", NULL, 200, NULL },
                { "PATCH " MAPS "/a", "{'metadata':{'finalizers':null}}", 200,
                  "{'metadata':{'name':'a','finalizers':null}}", "application/merge-patch+json" },
                { "GET " MAPS "/a", NULL, 404, NULL } } },
    { "a write is refused whole when a part is invalid",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'},'data':{'k':'v'}}", 201, NULL },
                { "PUT " MAPS "/a",
                  "{'metadata':{'name':'a','labels':{'-':'x'}},'data':{'k':'w','bad key':'x'}}",
                  422,
                  "{'reason':'Invalid','details':{'causes':[{'field':'metadata.labels'},{'field':"
                  "'data[bad key]'}]}}" },
                { "GET " MAPS "/a", NULL, 200, "{'data':{'k':'v'}}" } } },
    { "a custom kind is known as soon as its definition is made",
      .asks = { { "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                  "{'metadata':{'name':'ts.x.y'},'spec':{'group':'x.y','scope':'Namespaced','names'"
                  ":{"
                  "'plural':'ts','singular':'t','kind':'T','listKind':'TList'},'versions':[{'name':"
                  "'v1',"
                  "'served':true,'storage':true,'subresources':{'status':{}},'schema':{"
                  "'openAPIV3Schema':{'type':'object','properties':{'spec':{'type':'object',"
                  "'properties':{'n':{'type':'integer','minimum':1,'default':3}}},'status':{'type':"
                  "'object','properties':{'s':{'type':'string'}}}}}}}]}}",
                  201, NULL },
                { "POST /apis/x.y/v1/namespaces/default/ts",
                  "{'apiVersion':'x.y/"
                  "v1','kind':'T','metadata':{'name':'a'},'spec':{'m':1},'status':{'s':"
                  "'x'}}",
                  201, "{'metadata':{'generation':1},'spec':{'n':3,'m':null},'status':null}" },
                { "PATCH /apis/x.y/v1/namespaces/default/ts/a", "{'spec':{'n':0}}", 422,
                  "{'message':'~spec.n: Invalid value: 0: spec.n in body should be greater than or "
                  "equal "
                  "to 1'}",
                  "application/merge-patch+json" },
                { "PATCH /apis/x.y/v1/namespaces/default/ts/a", "{'spec':{'n':4}}", 200,
                  "{'metadata':{'generation':2}}", "application/merge-patch+json" },
                { "PATCH /apis/x.y/v1/namespaces/default/ts/a/status",
                  "{'spec':{'n':9},'status':{'s':'x'}}", 200,
                  "{'metadata':{'generation':2},'spec':{'n':4},'status':{'s':'x'}}",
                  "application/merge-patch+json" } } },
    { "names are made up anew when one is taken",
      .asks = { { "POST " MAPS, "{'metadata':{'generateName':'a-'}}", 201,
                  "{'metadata':{'generateName':'a-','name':'~a-'}}" },
                { "POST " MAPS, "{'metadata':{'name':'$name'}}", 409, NULL } } },
    { "from 1.22 on a write does not own what it cannot change", .minor = 22,
      .asks = { { "POST " APPS,
                  "{'metadata':{'name':'d'},'status':{'replicas':7},'spec':{'selector':{'"
                  "matchLabels':"
                  "{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'"
                  "name':"
                  "'c','image':'i'}]}}}}",
                  201, "{'metadata':{'managedFields':[{'fieldsV1':{'f:status':null}}]}}" },
                { "PATCH " APPS "/d/status", "{'status':{'replicas':7}}", 200,
                  "{'metadata':{'managedFields':[{'subresource':null},{'subresource':'status',"
                  "'fieldsV1':{'f:status':{'f:replicas':{}},'f:spec':null}}]}}",
                  "application/merge-patch+json" } } },
};

/* ---- races ---- */

struct racing {
    struct cluster_rig *rig;
    int calls;
    int conflicts; /* how often somebody else writes in between */
};

static int make_slow(const struct op *op, const json *live, void *arg, json **ret,
                     struct error **err)
{
    struct racing *race = arg;
    (void)op;
    (void)err;
    if (race->calls++ < race->conflicts) {
        cleanup_free char *patch = xasprintf("{'data':{'other':'%d'}}", race->calls);
        assert_int_equal(cluster_rig_send(race->rig, "PATCH " MAPS "/a", patch), 200);
    }
    *ret = json_give_copy(live);
    return json_path_put(*ret, "data.mine", json_new_str("1"), err);
}

static void goes_on_after_others(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(cluster_rig_send(&rig, "POST " MAPS, "{'metadata':{'name':'a'}}"), 201);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, "PUT " MAPS "/a", NULL);
    struct racing race = { &rig, 0, 2 };
    struct write_change change = { .make = make_slow, .arg = &race };
    cleanup_json json *result = NULL;

    assert_int_equal(write_update(&o.op, &change, &result, NULL), 0);

    assert_int_equal(race.calls, 3);
    assert_contains(result, "{'data':{'mine':'1','other':'2'}}");
}

static int make_refused(const struct op *op, const json *live, void *arg, json **ret,
                        struct error **err)
{
    struct fail_object o = op_object(op, NULL);
    (void)live;
    (void)ret;
    ++*(int *)arg;
    return fail_conflict(err, &o, FAIL_MODIFIED);
}

static void tells_conflicts_of_the_request(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(cluster_rig_send(&rig, "POST " MAPS, "{'metadata':{'name':'a'}}"), 201);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, "PUT " MAPS "/a", NULL);
    int calls = 0;
    struct write_change change = { .make = make_refused, .arg = &calls };
    cleanup_json json *result = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(write_update(&o.op, &change, &result, &err), -1);

    assert_int_equal(calls, 1);
    assert_int_equal(error_get_status(err), 409);
    assert_null(result);
}

/* The first suffix is drawn twice: the second object has to draw again. */
static void draws_another_name(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    static const uint64_t same[] = { UINT64_C(0x123456789abcdef0) };
    fake_rng_init_values(&rig.rng, same, ARRAY_LEN(same));

    assert_int_equal(cluster_rig_send(&rig, "POST " MAPS, "{'metadata':{'generateName':'a-'}}"),
                     201);
    assert_int_equal(cluster_rig_send(&rig, "POST " MAPS, "{'metadata':{'generateName':'a-'}}"),
                     409);

    assert_contains(rig.last, "{'reason':'AlreadyExists'}");
}

int main(void)
{
    const struct CMUnitTest more[] = {
        CASE("an update is made again when others were faster", goes_on_after_others),
        CASE("a conflict that the request causes is told at once", tells_conflicts_of_the_request),
        CASE("names are not drawn for ever", draws_another_name),
    };
    return cluster_rig_run("write", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
