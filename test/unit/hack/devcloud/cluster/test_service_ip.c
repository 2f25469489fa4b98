#include "hack/devcloud/cluster/service_ip.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define SERVICES "/api/v1/namespaces/default/services"
#define MERGE "application/merge-patch+json"
#define SERVICE(name, spec) "{'metadata':{'name':'" name "'},'spec':{" spec "}}"
#define PORT "'ports':[{'port':80}]"

static struct rig_case cases[] = {
    { "a service gets an address, one without a head none",
      .asks = { { "POST " SERVICES, SERVICE("s", PORT), 201,
                  "{'spec':{'clusterIP':'~10.96.','clusterIPs':['~10.96.']}}" },
                { "POST " SERVICES, SERVICE("h", PORT ",'clusterIP':'None'"), 201,
                  "{'spec':{'clusterIP':'None','clusterIPs':['None']}}" },
                { "POST " SERVICES, SERVICE("e", "'type':'ExternalName','externalName':'a.b'"), 201,
                  "{'spec':{'clusterIP':null,'clusterIPs':null}}" } } },
    { "an address may be asked for, once",
      .asks = { { "POST " SERVICES, SERVICE("s", PORT ",'clusterIP':'10.96.7.7'"), 201,
                  "{'spec':{'clusterIP':'10.96.7.7'}}" },
                { "POST " SERVICES, SERVICE("t", PORT ",'clusterIP':'10.96.7.7'"), 422,
                  "{'message':'~provided IP is already allocated'}" },
                { "POST " SERVICES, SERVICE("t", PORT ",'clusterIP':'11.0.0.1'"), 422,
                  "{'message':'~provided IP is not in the valid range. The range of valid IPs is "
                  "10.96.0.0/16'}" },
                { "POST " SERVICES, SERVICE("t", PORT ",'clusterIP':'foo'"), 422,
                  "{'message':'~must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'}" },
                { "DELETE " SERVICES "/s", NULL, 200, NULL },
                { "POST " SERVICES, SERVICE("t", PORT ",'clusterIP':'10.96.7.7'"), 201, NULL } } },
    { "an address stays through updates",
      .asks = { { "POST " SERVICES, SERVICE("s", PORT ",'clusterIP':'10.96.7.7'"), 201, NULL },
                { "PUT " SERVICES "/s",
                  "{'metadata':{'name':'s','resourceVersion':'$rv'},'spec':{'ports':[{'port':81}]}"
                  "}",
                  200, "{'spec':{'clusterIP':'10.96.7.7','ports':[{'port':81}]}}" },
                { "PATCH " SERVICES "/s", "{'spec':{'clusterIP':'10.96.8.8'}}", 422, NULL,
                  MERGE } } },
    { "ports of nodes are given where the type wants them",
      .asks = { { "POST " SERVICES, SERVICE("s", PORT ",'type':'NodePort'"), 201,
                  "{'spec':{'ports':[{'port':80}]}}" },
                { "POST " SERVICES, SERVICE("c", PORT), 201,
                  "{'spec':{'ports':[{'nodePort':null}]}}" },
                { "POST " SERVICES,
                  SERVICE("n", "'type':'NodePort','ports':[{'port':80,'nodePort':31000}]"), 201,
                  "{'spec':{'ports':[{'nodePort':31000}]}}" },
                { "POST " SERVICES,
                  SERVICE("m", "'type':'NodePort','ports':[{'port':80,'nodePort':31000}]"), 422,
                  "{'details':{'causes':[{'field':'spec.ports[0].nodePort','message':'Invalid "
                  "value: 31000: provided "
                  "port is already allocated'}]}}" },
                { "POST " SERVICES,
                  SERVICE("m", "'type':'NodePort','ports':[{'port':80,'nodePort':80}]"), 422,
                  "{'message':'~provided port is not in the valid range. The range of valid ports "
                  "is 30000-32767'}" },
                { "POST " SERVICES, SERVICE("m", "'ports':[{'port':80,'nodePort':31005}]"), 422,
                  "{'message':'~nodePort: Forbidden: may not be used when `type` is'}" },
                { "PATCH " SERVICES "/n", "{'metadata':{'labels':{'x':'y'}}}", 200,
                  "{'spec':{'ports':[{'nodePort':31000}]}}", MERGE } } },
    { "what a new type does not need is given back",
      .asks = { { "POST " SERVICES,
                  SERVICE("n", "'type':'NodePort','ports':[{'port':80,'nodePort':31000}]"), 201,
                  NULL },
                { "PATCH " SERVICES "/n", "{'spec':{'type':'ClusterIP'}}", 200,
                  "{'spec':{'clusterIP':'~10.96.','externalTrafficPolicy':null,'ports':[{'nodePort'"
                  ":null}]}}",
                  MERGE },
                { "PATCH " SERVICES "/n", "{'spec':{'type':'ExternalName','externalName':'a.b'}}",
                  200, "{'spec':{'clusterIP':null,'clusterIPs':null}}", MERGE },
                { "PATCH " SERVICES "/n", "{'spec':{'type':'NodePort','externalName':null}}", 200,
                  "{'spec':{'clusterIP':'~10.96.','externalTrafficPolicy':'Cluster'}}", MERGE } } },
    { "newer servers tell families and policies", .minor = 22,
      .asks = { { "POST " SERVICES, SERVICE("s", PORT), 201,
                  "{'spec':{'ipFamilies':['IPv4'],'ipFamilyPolicy':'SingleStack','"
                  "internalTrafficPolicy':'Cluster'}}" } } },
};

/* Addresses and ports are drawn until one is free. */
static void draws_free_ones(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    for (int i = 0; i < 300; i++) {
        cleanup_free char *body = xasprintf(
            "{'metadata':{'name':'s%d'},'spec':{'type':'NodePort','ports':[{'port':80}]}}", i);
        assert_int_equal(cluster_rig_send(&rig, "POST " SERVICES, body), 201);
        int64_t port = json_path_int(rig.last, "spec.ports[0].nodePort", 0);
        assert_true(port >= 30000 && port <= 32767);
    }
    assert_int_equal(cluster_rig_send(&rig, "GET " SERVICES, NULL), 200);
    const json *items = json_get(rig.last, "items");
    cleanup_strv struct strv seen = STRV_INIT;
    for (size_t i = 0; i < json_len(items); i++) {
        const json *spec = json_get(json_at(items, i), "spec");
        cleanup_free char *port =
            xasprintf("%lld", (long long)json_path_int(spec, "ports[0].nodePort", -(int64_t)i));
        assert_false(strv_has(&seen, json_path_str(spec, "clusterIP")));
        assert_false(strv_has(&seen, port));
        strv_add(&seen, json_path_str(spec, "clusterIP"));
        strv_add(&seen, port);
    }
    assert_int_equal(seen.len, 2 * 301); /* and the cluster's own service */
}

/* One service that wants more ports than there are. */
static void runs_out_of_ports(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_buf struct buf body = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&body, "{'metadata':{'name':'s'},'spec':{'type':'NodePort','ports':[");
    for (int i = 1; i <= 2769; i++)
        buf_addf(&body, "%s{'name':'p%d','port':%d}", i > 1 ? "," : "", i, i);
    buf_adds(&body, "]}}");

    assert_int_equal(cluster_rig_send(&rig, "POST " SERVICES, buf_str(&body)), 500);

    assert_string_equal(json_path_str(rig.last, "message"),
                        "Internal error occurred: failed to allocate a nodePort: range is full");
}

int main(void)
{
    const struct CMUnitTest more[] = {
        CASE("no address and no port is given twice", draws_free_ones),
        CASE("a range without a free port is an error", runs_out_of_ports),
    };
    return cluster_rig_run("service_ip", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
