#include <string.h>

#include "rp/cluster/balancer_health.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define FIRST "{'infraId':'a-12345','architectureVersion':0}"
#define SECOND "{'infraId':'a-12345'}"
#define ABSENT ARM_ERROR(404, "ResourceNotFound", "it is not there")
#define MINUTE(at, value) "{\"timeStamp\":\"" at "\"" value "}"
#define SERIES(address, port, minutes) \
    "{\"metadatavalues\":[{\"name\":{\"value\":\"backendport\"},\"value\":\"" port \
    "\"},{\"name\":{\"value\":\"backendipaddress\"},\"value\":\"" address \
    "\"}],\"data\":[" minutes "]}"
#define METRICS(series) \
    "{\"value\":[{\"name\":{\"value\":\"DipAvailability\"},\"timeseries\":[" series "]}]}"

static bool logged(struct cluster_rig *r, const char *text)
{
    return log_capture_has(&r->capture, text);
}

static void each_machine_is_told_with_its_newest_minute(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = METRICS(SERIES(
              "10.0.0.7", "6443",
              MINUTE("2024-01-01T10:00:00Z", ",\"average\":50.0") "," MINUTE(
                  "2024-01-01T10:01:00Z",
                  ",\"average\":0.0") "," MINUTE("2024-01-01T10:02:"
                                                 "00Z",
                                                 "")) "," SERIES("10.0.0.8", "22623",
                                                                 MINUTE("2024-01-01T10:01:00Z",
                                                                        ",\"average\":100.0"))) },
        { .reply = METRICS("") },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, SECOND, script, ARRAY_LEN(script));

    balancer_health_write(r.c, &r.ctx);

    assert_non_null(
        strstr(r.transport.requests.v[1],
               "/loadBalancers/a-12345-internal/providers/Microsoft.Insights/metrics?"));
    assert_non_null(strstr(r.transport.requests.v[2], "/loadBalancers/a-12345/providers/"));
    assert_true(logged(&r, "a-12345-internal: 10.0.0.7:6443 answered 0% of the probes at "
                           "2024-01-01T10:01:00Z"));
    assert_true(logged(&r, "10.0.0.8:22623 answered 100% of the probes"));
    assert_true(logged(&r, "a-12345: it probed no machine"));
    cluster_rig_close(&r);
}

static void what_cannot_be_read_is_passed_over(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        ARM_ERROR(403, "AuthorizationFailed", "no"),
        ABSENT,
    };
    struct cluster_rig r;
    cluster_rig_open(&r, FIRST, script, ARRAY_LEN(script));

    balancer_health_write(r.c, &r.ctx);

    assert_true(logged(&r, "no health of a-12345-internal-lb"));
    assert_non_null(strstr(r.transport.requests.v[2], "/loadBalancers/a-12345-public-lb/"));
    assert_false(logged(&r, "a-12345-public-lb:"));
    cluster_rig_close(&r);
}

static void before_there_are_names_nobody_is_asked(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", NULL, 0);

    balancer_health_write(r.c, &r.ctx);

    assert_false(logged(&r, "after the failure"));
    cluster_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("each machine is told with its newest minute",
             each_machine_is_told_with_its_newest_minute),
        CASE("what cannot be read is passed over", what_cannot_be_read_is_passed_over),
        CASE("before there are names nobody is asked", before_there_are_names_nobody_is_asked),
    };
    return RUN_CASES("balancer_health", tests);
}
