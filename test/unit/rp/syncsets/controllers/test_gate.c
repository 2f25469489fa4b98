#include "rp/syncsets/controllers/gate.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static void only_a_known_good_cluster_is_open(void **state)
{
    (void)state;
#define GOOD \
    "'status':{'conditions':[{'type':'KubeconfigValid','status':'True'},{'type':'Unreachable'," \
    "'status':'False'}]}"
    static const struct {
        const char *cluster;
        enum gate want;
    } cases[] = {
        { "{" GOOD "}", GATE_OPEN },
        { "{}", GATE_CLOSED },
        { "{'spec':{'installed':false}," GOOD "}", GATE_CLOSED },
        { "{'status':{'conditions':[{'type':'KubeconfigValid','status':'True'}]}}", GATE_CLOSED },
        { "{'status':{'conditions':[{'type':'KubeconfigValid','status':'False'},{'type':"
          "'Unreachable','status':'False'}]}}",
          GATE_CLOSED },
        { "{'metadata':{'annotations':{'hive.openshift.io/fake-cluster':'true'}}}", GATE_OPEN },
        { "{'metadata':{'annotations':{'hive.openshift.io/syncset-pause':'true'}}," GOOD "}",
          GATE_PAUSED },
        { "{'metadata':{'annotations':{'hive.openshift.io/syncset-pause':'false'}}," GOOD "}",
          GATE_OPEN },
        { "{'metadata':{'annotations':{'hive.openshift.io/reconcile-pause':'true'}}," GOOD "}",
          GATE_PAUSED },
        { "{'metadata':{'annotations':{'hive.openshift.io/relocate':''}}," GOOD "}", GATE_PAUSED },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cleanup_json json *cluster = sets_rig_parse(cases[i].cluster);
        assert_int_equal(gate_of(cluster), cases[i].want);
    }
}

static void a_deletion_has_its_time(void **state)
{
    (void)state;
    cleanup_json json *going =
        sets_rig_parse("{'metadata':{'deletionTimestamp':'1970-01-01T00:01:40Z'}}");
    assert_int_equal(gate_deletion_s(going), 100);
    assert_int_equal(gate_deletion_s(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("only a known good cluster is open", only_a_known_good_cluster_is_open),
        CASE("a deletion has its time", a_deletion_has_its_time),
    };
    return RUN_CASES("gate", tests);
}
