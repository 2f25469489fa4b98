#include <string.h>

#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/pkg/metrics/gauge_sink.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

static struct gate gate;

static int work(struct request *req, struct error **err)
{
    (void)err;
    gate_pass(&gate);
    reply_status(req, 204);
    return 0;
}
static const struct route routes[] = {
    { "POST", "/admin/subscriptions/{sub}/resourcegroups/{rg}/providers/{ns}/{type}/{name}/work",
      ROUTE_MAINTENANCE, work, NULL },
};

static char *next_signal(struct gauge_sink *sink)
{
    for (;;) {
        char *line = gauge_sink_give_line(sink);
        if (strstr(line, "frontend.maintenance.unplanned"))
            return line;
        free(line);
    }
}

static void tells_at_once_and_again(void **state)
{
    (void)state;
    struct gauge_sink sink;
    gauge_sink_init(&sink);
    gate_init(&gate);
    struct front r;
    front_init(&r);
    fake_env_set(&r.env, "ARO_RP_HEARTBEAT_MS", "100");
    r.cfg.statsd = sink.statsd;
    front_serve(&r, routes, ARRAY_LEN(routes));
    cleanup_wire struct wire w = wire_connect("127.0.0.1", http_server_port(r.server));

    wire_send(&w, "POST /admin" FRONT_CLUSTER "/work HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&gate, 1);
    cleanup_free char *first = next_signal(&sink);
    cleanup_free char *second = next_signal(&sink);
    gate_open(&gate);
    cleanup_free char *reply = wire_give_reply(&w);

    assert_non_null(strstr(first, "\"resourceId\":\"/subscriptions/" FRONT_SUB
                                  "/resourcegroups/group/providers/microsoft.redhatopenshift/"
                                  "openshiftclusters/cluster1\""));
    assert_non_null(strstr(second, ":1|g"));
    assert_non_null(strstr(reply, "204"));
    front_release(&r);
    gate_release(&gate);
    gauge_sink_release(&sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("tells at once that somebody is at work, and again", tells_at_once_and_again),
    };
    return RUN_CASES("unplanned maintenance", tests);
}
