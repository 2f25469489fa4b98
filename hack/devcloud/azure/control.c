/* The simulator's own interface: state, recorded requests, faults. */
#include <string.h>

#include "hack/devcloud/azure/fault.h"
#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define REQUESTS_MAX 10000

void control_adopt_state(struct azure_sim *sim)
{
    sim_clock_set_ahead_ms(&sim->clock, json_path_int(sim->state, "clock_ahead_ms", 0));
}

static void patch_state(struct sim_call *c)
{
    cleanup_json json *wanted = json_give_merged(json_give_copy(c->sim->state), c->body);
    cleanup_error struct error *err = NULL;
    if (azure_state_check(wanted, &err) < 0) {
        sim_reply_error(c, 400, "InvalidState", "%s", error_text(err));
        return;
    }
    json_free(c->sim->state);
    c->sim->state = take(wanted);
    control_adopt_state(c->sim);
    sim_reply(c, 200, c->sim->state);
}

static void set_faults(struct sim_call *c)
{
    cleanup_error struct error *err = NULL;
    if (fault_check(c->body, &err) < 0) {
        sim_reply_error(c, 400, "InvalidFaults", "%s", error_text(err));
        return;
    }
    fault_set(c->sim, take(c->body));
    sim_reply(c, 200, c->sim->faults);
}

bool control_serve(struct sim_call *c)
{
    if (!str_starts(c->path, "/_devcloud/"))
        return false;
    struct azure_sim *sim = c->sim;
    bool get = strcmp(c->method, "GET") == 0;
    if (get && strcmp(c->path, "/_devcloud/state") == 0) {
        sim_reply(c, 200, sim->state);
    } else if (strcmp(c->method, "PATCH") == 0 && strcmp(c->path, "/_devcloud/state") == 0) {
        patch_state(c);
    } else if (get && strcmp(c->path, "/_devcloud/requests") == 0) {
        sim_reply(c, 200, sim->requests);
    } else if (get && strcmp(c->path, "/_devcloud/faults") == 0) {
        sim_reply(c, 200, sim->faults);
    } else if (strcmp(c->method, "PUT") == 0 && strcmp(c->path, "/_devcloud/faults") == 0) {
        set_faults(c);
    } else {
        sim_reply_error(c, 404, "NotFound", "The control interface has no %s %s for this body.",
                        c->method, c->path);
    }
    return true;
}

void control_record(struct azure_sim *sim, struct http_call *http, const char *host,
                    const char *path)
{
    if (str_starts(path, "/_devcloud/"))
        return;
    if (json_len(sim->requests) >= REQUESTS_MAX)
        json_remove_at(sim->requests, 0);
    const char *query = http_call_query(http);
    json_append(sim->requests, json_make("{'method':%s,'host':%s,'path':%s,'query':%s,'status':%d}",
                                         http_call_method(http), host, path, query ? query : "",
                                         http_call_get_status(http)));
}
