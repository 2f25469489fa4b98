#include "test/unit/support/operator/event_rig.h"

#include <string.h>

#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static const struct script_step accept[EVENT_RIG_MAX] = {
    { .status = 201, .reply = "{}" }, { .status = 201, .reply = "{}" },
    { .status = 201, .reply = "{}" }, { .status = 201, .reply = "{}" },
    { .status = 201, .reply = "{}" }, { .status = 201, .reply = "{}" },
    { .status = 201, .reply = "{}" }, { .status = 201, .reply = "{}" },
};

void event_rig_init(struct event_rig *r, size_t expected)
{
    *r = (struct event_rig){ 0 };
    assert_true(expected <= EVENT_RIG_MAX);
    kube_fixture_init(&r->kube, accept, expected);
    kube_fixture_start(&r->kube);
    const struct event_recorder_config cfg = {
        .api = EVENT_API_CORE,
        .client = r->kube.client,
        .component = "test",
        .clock = &r->kube.clock.base,
        .rng = &r->kube.rng.base,
        .log = &r->kube.log,
    };
    assert_int_equal(event_recorder_new(&cfg, &r->recorder, NULL), 0);
}

void event_rig_flush(struct event_rig *r)
{
    /* The clock moves by itself: only a flush without end waits for the writer. */
    event_recorder_stop(r->recorder, INT64_MAX);
    r->recorder = NULL;
    scripted_transport_check(&r->kube.transport);
}

bool event_rig_has(struct event_rig *r, size_t i, const char *type, const char *reason,
                   const char *message)
{
    if (i >= r->kube.transport.requests.len)
        return false;
    const char *body = strstr(r->kube.transport.requests.v[i], "\n\n");
    cleanup_json json *event = give_tree(body + 2);
    return str_eq(json_path_str(event, "type"), type) &&
           str_eq(json_path_str(event, "reason"), reason) &&
           str_eq(json_path_str(event, "message"), message) &&
           str_eq(json_path_str(event, "involvedObject.kind"), "Cluster") &&
           str_eq(json_path_str(event, "involvedObject.name"), "cluster");
}

void event_rig_release(struct event_rig *r)
{
    if (r->recorder)
        event_recorder_stop(r->recorder, INT64_MAX);
    kube_fixture_finish(&r->kube);
}
