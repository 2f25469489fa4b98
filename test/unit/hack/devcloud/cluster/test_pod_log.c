#include "hack/devcloud/cluster/pod_log.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define PODS "/api/v1/namespaces/default/pods"
#define LOG PODS "/p/log"

static struct rig_case cases[] = {
    { "the log of no pod is not found",
      .asks = { { "GET " LOG, NULL, 404, "{'message':'pods \\'p\\' not found'}" },
                { "GET /api/v1/namespaces/default/configmaps/p/log", NULL, 404, NULL } } },
    { "a pod that no node has has an empty log",
      .asks = { { "POST " PODS,
                  "{'metadata':{'name':'p'},'spec':{'containers':[{'name':'c','image':'x'}]}}", 201,
                  NULL },
                { "GET " LOG, NULL, 200, NULL },
                { "GET " LOG "?container=zzz", NULL, 400,
                  "{'message':'container zzz is not valid for pod p'}" } } },
    { "one container of several is asked for by name",
      .asks = { { "POST " PODS,
                  "{'metadata':{'name':'p'},'spec':{'containers':[{'name':'c','image':'x'},{'name':"
                  "'d','image':'x'}]}}",
                  201, NULL },
                { "GET " LOG, NULL, 400,
                  "{'message':'a container name must be specified for pod p, choose one of: [c "
                  "d]'}" },
                { "GET " LOG "?container=d", NULL, 200, NULL } } },
    { "a node that is not there has no log",
      .asks = { { "POST " PODS,
                  "{'metadata':{'name':'p'},'spec':{'nodeName':'none','containers':[{'name':'c','"
                  "image':'x'}]}}",
                  201, NULL },
                { "GET " LOG, NULL, 500,
                  "{'reason':'InternalError','message':'~no preferred addresses found'}" } } },
};

struct url_case {
    const char *name, *node_status, *query, *want;
};

static struct url_case urls[] = {
    { "the kubelet is where its node says",
      "{'status':{'addresses':[{'type':'Hostname','address':'h'},{'type':'InternalIP','address':"
      "'127.0.0.9'}],'daemonEndpoints':{'kubeletEndpoint':{'Port':4711}}}}",
      "", "https://127.0.0.9:4711/containerLogs/default/p/c" },
    { "its port is 10250 unless told",
      "{'status':{'addresses':[{'type':'InternalIP','address':'127.0.0.9'}]}}", "?container=c",
      "https://127.0.0.9:10250/containerLogs/default/p/c" },
    { "options are passed on, others are not",
      "{'status':{'addresses':[{'type':'InternalIP','address':'127.0.0.9'}]}}",
      "?follow=true&tailLines=5&sinceTime=2024-01-01T00%3A00%3A00Z&evil=%2F..%2F",
      "https://127.0.0.9:10250/containerLogs/default/p/"
      "c?follow=true&sinceTime=2024-01-01T00%3A00%3A00Z&tailLines=5" },
};

static void check_url(void **state)
{
    const struct url_case *c = *state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(cluster_rig_send(&rig, "POST /api/v1/nodes", "{'metadata':{'name':'n'}}"),
                     201);
    assert_int_equal(cluster_rig_send(&rig, "PATCH /api/v1/nodes/n/status", c->node_status), 200);
    assert_int_equal(
        cluster_rig_send(
            &rig, "POST " PODS,
            "{'metadata':{'name':'p'},'spec':{'nodeName':'n','containers':[{'name':'c',"
            "'image':'x'}]}}"),
        201);
    cleanup_buf struct buf line = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&line, "GET " LOG "%s", c->query);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, buf_str(&line), NULL);

    assert_int_equal(pod_log_serve(&o.op, NULL), 0);

    assert_string_equal(o.reply.log_url, c->want);
}

int main(void)
{
    struct CMUnitTest more[ARRAY_LEN(urls)];
    for (size_t i = 0; i < ARRAY_LEN(urls); i++)
        more[i] = (struct CMUnitTest)CASE_OF(urls[i].name, check_url, &urls[i]);
    return cluster_rig_run("pod_log", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
