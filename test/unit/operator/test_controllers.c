#include <string.h>

#include "operator/controllers.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

static void check_table(void **state)
{
    (void)state;
    size_t on_workers = 0;
    for (size_t i = 0; i < operator_controllers_len; i++) {
        const struct controller_desc *d = operator_controllers[i];
        size_t doc_len = strlen(d->doc);

        assert_non_null(d->reconcile);
        assert_true(d->watches_len > 0);
        assert_true(d->roles & ROLE_MASTER);
        assert_int_equal(d->doc[doc_len - 1], '.');
        on_workers += (d->roles & ROLE_WORKER) != 0;
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(d->name, operator_controllers[j]->name);
    }
    assert_int_equal(on_workers, 1); /* the internet check alone */
}

/* ---- garbage ---- */

#define GARBAGE_MAX 40 /* controllers */

/* Whatever is asked, the answer is nonsense. */
static int answer_nonsense(struct http_transport *t, const struct opctx *ctx,
                           const struct http_request *req, struct http_response *ret,
                           struct error **err)
{
    (void)t;
    (void)ctx;
    (void)req;
    (void)err;
    *ret = (struct http_response){ .status = 400, .version = 11, .body = BUF_INIT(BUF_UNBOUNDED) };
    buf_adds(&ret->body, "{\"error\":[");
    return 0;
}

/* What objects may hold that nobody validates. */
static const char *const bodies[] = {
    "{}",
    "{'spec':null,'status':null,'data':null,'rules':null,'type':null}",
    "{'spec':'text','status':7,'data':'x','rules':{},'type':1,'users':3}",
    "{'spec':[1],'status':[{}],'data':[1],'rules':7,'type':[]}",
    "{'spec':{'servers':7,'defaultCertificate':[],'replicas':'many','clusterID':[],'selector':1,"
    "'providerSpec':{'value':7},'template':{'spec':[]}},"
    "'status':{'conditions':[7,null,{'type':9,'status':[]}],'history':[7,{'state':[],'version':1}]}"
    ","
    "'data':{'.dockerconfigjson':7,'alertmanager.yaml':'!!!','gcscert.pem':null,"
    "'azure_client_id':'!!','azure_client_secret':{},'azure_tenant_id':''}}",
    "{'spec':{'servers':[7,{'zones':'.','forwardPlugin':[]}],'providerSpec':{'value':{'osDisk':7,"
    "'image':[],'vnet':7,'subnet':{},'networkResourceGroup':[]}}},"
    "'status':{'history':[{'state':'Completed','version':'x.y'}]},"
    "'data':{'.dockerconfigjson':'','alertmanager.yaml':'AAAA'}}",
};
static const char *const clusters[] = {
    "{}",
    "{'spec':null,'status':null}",
    "{'spec':'text','status':'text'}",
    "{'spec':[1],'status':[1]}",
    "{'spec':{'operatorflags':[1]}}",
    "{'spec':{'operatorflags':'x','features':7},'status':{'conditions':{}}}",
    "{'spec':{'resourceId':7,'clusterResourceGroupId':[],'domain':{},'azEnvironment':[],"
    "'infraId':{},'architectureVersion':'one','internetChecker':{'urls':{'a':1}},'banner':'x',"
    "'gatewayDomains':'x','genevaLogging':'x','vnetId':3,'acrDomain':1,'operatorflags':%j},"
    "'status':{'conditions':[1,{'type':7},{'type':'MachineValid','status':[]}],"
    "'redHatKeysPresent':7}}",
    "{'spec':{'resourceId':'/a/b','clusterResourceGroupId':'','domain':'','azEnvironment':"
    "'AzurePublicCloud','infraId':'','architectureVersion':99,'internetChecker':{'urls':[7,null,"
    "'','no url','http://']},'banner':{'content':'Boo'},'gatewayDomains':[],'genevaLogging':"
    "{'configVersion':'1.0'},'vnetId':'v','acrDomain':'a','operatorflags':%j}}",
    NULL, /* a good one */
};

static json *give_all_flags(const char *value)
{
    json *flags = json_new_object();
    for (int i = 0; i < FLAG_COUNT; i++)
        json_put(flags, flag_info((enum operator_flag)i)->key, json_new_str(value));
    return flags;
}

static json *give_garbage_cluster(const char *body)
{
    if (!body)
        return fake_cluster_give_cluster();
    json *cluster = strstr(body, "%j") ? json_make(body, give_all_flags("true")) : json_make(body);
    json_put(cluster, "apiVersion", json_new_str("aro.openshift.io/v1alpha1"));
    json_put(cluster, "kind", json_new_str("Cluster"));
    json_put(cluster, "metadata", json_make("{'name':'cluster'}"));
    return cluster;
}

static void put_garbage(struct fake_cluster *f, const struct gvr *gvr, const char *ns,
                        const char *name, const char *body)
{
    cleanup_free char *version = gvr_give_api_version(gvr);
    json *object = json_make(body);
    json_put(object, "apiVersion", json_new_str(version));
    json_put(object, "kind", json_new_str(gvr->kind));
    json_put(object, "metadata", json_make("{'name':%s,'ownerReferences':'x'}", name));
    if (gvr->namespaced)
        json_put(json_get(object, "metadata"), "namespace", json_new_str(ns ? ns : "default"));
    fake_cluster_put(f, object);
}

static void run_among_garbage(const struct controller_desc *d, const char *cluster,
                              const char *body)
{
    struct fake_cluster f;
    struct http_transport nonsense = { .send = answer_nonsense };
    fake_cluster_init(&f);
    f.sv.azure = f.sv.internet = &nonsense;
    for (size_t w = 0; w < d->watches_len; w++)
        if (d->watches[w].gvr != &GVR_CLUSTERS)
            put_garbage(&f, d->watches[w].gvr, d->watches[w].nspace,
                        d->watches[w].name ? d->watches[w].name : "x", body);
    put_garbage(&f, &GVR_SECRETS, "kube-system", "azure-credentials", body);
    put_garbage(&f, &GVR_CLUSTERVERSIONS, NULL, "version", body);
    put_garbage(&f, &GVR_SECURITYCONTEXTCONSTRAINTS, NULL, "privileged", body);
    fake_cluster_put(&f, give_garbage_cluster(cluster));

    cleanup_error struct error *err = NULL;
    int rcode = fake_cluster_reconcile(&f, d, NULL, NULL, &err);

    assert_true(rcode == 0 || (err && *error_text(err)));
    fake_cluster_release(&f);
}

/* One clear message or success, never a crash. */
static void check_garbage(void **state)
{
    const struct controller_desc *d = operator_controllers[*(const size_t *)*state];
    for (size_t c = 0; c < ARRAY_LEN(clusters); c++)
        for (size_t b = 0; b < ARRAY_LEN(bodies); b++)
            run_among_garbage(d, clusters[c], bodies[b]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every controller is whole, named once and described; workers run one", check_table),
    };
    static size_t numbers[GARBAGE_MAX];
    struct CMUnitTest garbage[GARBAGE_MAX] = { 0 };
    assert_true(operator_controllers_len <= GARBAGE_MAX);
    for (size_t i = 0; i < operator_controllers_len; i++) {
        numbers[i] = i;
        garbage[i] =
            (struct CMUnitTest)CASE_OF(operator_controllers[i]->name, check_garbage, &numbers[i]);
    }
    return RUN_CASES("controllers", tests) +
           _cmocka_run_group_tests("controllers_among_garbage", garbage, operator_controllers_len,
                                   NULL, NULL);
}
