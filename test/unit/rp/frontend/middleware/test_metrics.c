#include <string.h>

#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/pkg/metrics/gauge_sink.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static int tell(struct request *req, struct error **err)
{
    (void)err;
    reply_status(req, 204);
    return 0;
}
static const struct route routes[] = { { "GET", "/t/{type}", ROUTE_API_VERSION, tell, NULL } };

static void check_gauges(const char *target, const char *want)
{
    struct gauge_sink sink;
    gauge_sink_init(&sink);
    struct front r;
    front_init(&r);
    r.cfg.statsd = sink.statsd;
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *reply = front_give_reply(&r, "GET", target, NULL, NULL);
    cleanup_free char *count = gauge_sink_give_line(&sink);
    cleanup_free char *duration = gauge_sink_give_line(&sink);

    assert_non_null(strstr(count, "\"Metric\":\"frontend.count\""));
    assert_non_null(strstr(count, ":1|g"));
    assert_non_null(strstr(count, want));
    assert_non_null(strstr(duration, "\"Metric\":\"frontend.duration\""));
    assert_non_null(strstr(duration, want));
    front_release(&r);
    gauge_sink_release(&sink);
}

static void counts_by_route(void **state)
{
    (void)state;
    check_gauges("/t/openshiftclusters?api-version=2020-04-30",
                 "\"verb\":\"GET\",\"api-version\":\"2020-04-30\",\"code\":\"204\","
                 "\"route\":\"/t/{type}\"");
}

/* Nobody may fill the metrics with names of their own. */
static void counts_misses_without_their_path(void **state)
{
    (void)state;
    check_gauges("/moon?api-version=sun",
                 "\"verb\":\"GET\",\"api-version\":\"\",\"code\":\"404\",\"route\":\"\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("counts by route, version and status", counts_by_route),
        CASE("counts misses without their path", counts_misses_without_their_path),
    };
    return RUN_CASES("request metrics", tests);
}
