#include <string.h>

#include "pkg/base/mem.h"
#include "rp/cluster/console_log.h"
#include "rp/cluster/failure_log.h"
#include "rp/cluster/log_tail.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define CLUSTER \
    "{'infraId':'a-12345','clusterProfile':{'resourceGroupId':'/subscriptions/s/resourceGroups/" \
    "g'}}"
#define LINK(url) \
    { \
        .reply = "{\"serialConsoleLogBlobUri\":\"" url "\"}" \
    }
#define ABSENT ARM_ERROR(404, "ResourceNotFound", "it is not there")

static bool logged(struct cluster_rig *r, const char *text)
{
    return log_capture_has(&r->capture, text);
}

static void every_machine_that_is_there_is_asked(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        LINK("https://logs.example/bootstrap?sig=b"),
        { .reply = "bootkube: waiting\r\n\nIgnition: GET https://x.blob.core.windows.net/ignition/"
                   "bootstrap.ign?sv=1&sig=SECRET: attempt #1\nwhat now?\n" },
        ABSENT,
        LINK("https://logs.example/master1?sig=m"),
        { .status = 403, .reply = "no" },
        LINK("https://logs.example/master2?sig=n"),
        { .reply = "last line" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, CLUSTER, script, ARRAY_LEN(script));

    console_log_write(r.c, &r.ctx);

    assert_non_null(strstr(r.transport.requests.v[1],
                           "POST https://management.azure.com/subscriptions/s/resourceGroups/g/"
                           "providers/Microsoft.Compute/virtualMachines/a-12345-bootstrap/"
                           "retrieveBootDiagnosticsData?api-version="));
    assert_null(strstr(r.transport.requests.v[2], "Authorization")); /* the link is enough */
    assert_true(logged(&r, "console of a-12345-bootstrap: bootkube: waiting"));
    assert_true(logged(&r, "ignition/bootstrap.ign? attempt #1"));
    assert_true(logged(&r, "what now?"));
    assert_false(logged(&r, "SECRET"));
    assert_false(logged(&r, "a-12345-master-0"));
    assert_true(logged(&r, "no console of a-12345-master-1: the link of the serial console "
                           "answers 403"));
    assert_true(logged(&r, "console of a-12345-master-2: last line"));
    cluster_rig_close(&r);
}

static void only_the_last_lines_are_kept(void **state)
{
    (void)state;
    cleanup_buf struct buf text = BUF_INIT(4096);
    for (int i = 1; i <= LOG_TAIL_LINES + 2; i++)
        buf_addf(&text, "line <%d>\n", i);
    const struct script_step script[] = {
        RIG_TOKEN_STEP, LINK("https://logs.example/b"), { .reply = buf_str(&text) }, ABSENT, ABSENT,
        ABSENT,
    };
    struct cluster_rig r;
    cluster_rig_open(&r, CLUSTER, script, ARRAY_LEN(script));

    console_log_write(r.c, &r.ctx);

    assert_false(logged(&r, "line <2>"));
    assert_true(logged(&r, "line <3>"));
    assert_true(logged(&r, "line <52>"));
    cluster_rig_close(&r);
}

static void what_never_had_a_machine_costs_no_call(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);

    console_log_write(r.c, &r.ctx);

    cluster_rig_close(&r);
}

/* Before the API answers: there is no client of it yet. */
static void a_failed_installation_tells_of_its_machines(void **state)
{
    (void)state;
    static const struct {
        enum cluster_operation operation;
        bool want;
    } cases[] = { { CLUSTER_INSTALL, true }, { CLUSTER_UPDATE, false }, { CLUSTER_DELETE, false } };
    static const struct script_step script[] = {
        RIG_TOKEN_STEP, ABSENT, /* load balancers */
        ABSENT,         ABSENT, ABSENT, LINK("https://logs.example/m"), { .reply = "kernel panic" },
        ABSENT,
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct cluster_rig r;
        cluster_rig_open(&r, CLUSTER, script, cases[i].want ? ARRAY_LEN(script) : 0);
        r.c->job.operation = cases[i].operation;

        failure_log_write(r.c, &r.ctx);

        assert_int_equal(logged(&r, "console of a-12345-master-1: kernel panic"), cases[i].want);
        cluster_rig_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every machine that is there is asked", every_machine_that_is_there_is_asked),
        CASE("only the last lines are kept", only_the_last_lines_are_kept),
        CASE("what never had a machine costs no call", what_never_had_a_machine_costs_no_call),
        CASE("a failed installation tells of its machines",
             a_failed_installation_tells_of_its_machines),
    };
    return RUN_CASES("console_log", tests);
}
