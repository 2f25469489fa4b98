#include <string.h>

#include "operator/rebootgate.h"
#include "pkg/base/mem.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

#define PROGRESSING "conditions: [{type: Progressing, status: 'True'}]"

struct gate_case {
    const char *name, *status; /* of the ClusterVersion; NULL: there is none */
    const char *force;
    int want; /* -1: an error */
};
static struct gate_case cases[] = {
    { "is closed when the newest entry is complete", "{history: [{state: Completed}]}", "false",
      0 },
    { "is open during an upgrade", "{history: [{state: Partial}, {state: Completed}]}", "false",
      1 },
    { "looks at the newest entry alone", "{history: [{state: Completed}, {state: Partial}]}",
      "false", 0 },
    { "is open when the newest entry has no state", "{history: [{version: 4.16.1}]}", "false", 1 },
    { "is closed without a history", "{history: []}", "false", 0 },
    { "is closed without a status", "{}", "false", 0 },
    { "does not take progress for an upgrade", "{history: [{state: Completed}], " PROGRESSING "}",
      "false", 0 },
    { "is open when forced", "{history: [{state: Completed}]}", "True", 1 },
    { "is not forced by garbage", "{history: [{state: Completed}]}", "yes", 0 },
    { "does not read the version when forced", NULL, "true", 1 },
    { "is an error without a version", NULL, "false", -1 },
};

static void check_gate(void **state)
{
    const struct gate_case *c = *state;
    struct fake_cluster f;
    fake_cluster_init(&f);
    cleanup_error struct error *err = NULL;
    cleanup_json json *cluster = fake_cluster_give_cluster();
    cleanup_free char *version =
        xasprintf("{apiVersion: config.openshift.io/v1, kind: ClusterVersion, "
                  "metadata: {name: version}, status: %s}",
                  c->status ? c->status : "");
    json_put(json_path(cluster, "spec.operatorflags"), "aro.forcereconciliation",
             json_new_str(c->force));
    if (c->status)
        fake_cluster_add(&f, version);
    struct reconcile rc = { .sv = &f.sv, .kube = f.kube, .ctx = &f.ctx, .cluster = cluster };
    bool is_open = c->want == 0; /* the wrong one */

    int rcode = reboot_gate_is_open(&rc, &is_open, &err);

    if (c->want < 0) {
        assert_int_equal(rcode, -1);
        assert_non_null(strstr(error_text(err), "error getting the ClusterVersion: "));
    } else {
        assert_int_equal(rcode, 0);
        assert_int_equal(is_open, c->want);
    }
    if (!c->status && c->want > 0)
        assert_int_equal(f.reads, 0);
    fake_cluster_release(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_gate, &cases[i]);
    return RUN_CASES("rebootgate", tests);
}
