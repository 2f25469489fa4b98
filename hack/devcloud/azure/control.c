/* The simulator's own interface: state, recorded requests, faults. */
#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define REQUESTS_MAX 10000

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
    sim_reply(c, 200, c->sim->state);
}

static bool is_fault_list(const json *body)
{
    for (size_t i = 0; json_is_array(body) && i < json_len(body); i++)
        if (!json_is_object(json_at(body, i)))
            return false;
    return json_is_array(body);
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
    } else if (strcmp(c->method, "PUT") == 0 && strcmp(c->path, "/_devcloud/faults") == 0 &&
               is_fault_list(c->body)) {
        json_free(sim->faults);
        sim->faults = take(c->body);
        sim_reply(c, 200, sim->faults);
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

static bool fault_matches(const json *fault, const struct http_call *http, const char *host,
                          const char *path)
{
    const char *method = json_path_str(fault, "method"), *on_host = json_path_str(fault, "host");
    const char *on_path = json_path_str(fault, "path");
    return json_path_int(fault, "times", 1) > 0 &&
           (!method || str_eq_nocase(method, http_call_method(http))) &&
           (!on_host || str_matches_nocase(on_host, host)) &&
           (!on_path || str_matches_nocase(on_path, path));
}

static void answer_fault(const json *fault, struct http_call *http)
{
    for (struct json_iter it = json_each(json_get(fault, "headers")); json_next(&it);)
        http_call_set_header(http, it.key, json_str(it.value) ? json_str(it.value) : "");
    json *body = json_get(fault, "body");
    cleanup_free char *text = json_str(body) ? xstrdup(json_str(body)) : json_give_text(body);
    http_call_reply(http, (int)json_path_int(fault, "status", 500),
                    json_str(body) ? "text/html" : "application/json", body ? text : "");
}

/* Cuts the connection in the middle of a body that it announced. */
static void abort_connection(struct http_call *http)
{
    struct http_stream *s = http_call_begin_stream(http, 1 << 16, NULL, NULL);
    (void)http_stream_write(s, "{", 1);
    http_stream_abort(s);
    http_stream_unref(s);
}

bool control_apply_fault(struct azure_sim *sim, struct http_call *http, const char *host,
                         const char *path, int64_t *ret_delay_ms)
{
    *ret_delay_ms = 0;
    if (str_starts(path, "/_devcloud/"))
        return false;
    for (size_t i = 0; i < json_len(sim->faults); i++) {
        json *fault = json_at(sim->faults, i);
        if (!fault_matches(fault, http, host, path))
            continue;
        json_put(fault, "times", json_new_int(json_path_int(fault, "times", 1) - 1));
        *ret_delay_ms = json_path_int(fault, "delay_ms", 0);
        bool cut = json_path_bool(fault, "abort", false);
        if (cut)
            abort_connection(http);
        else if (json_path_int(fault, "status", 0) != 0)
            answer_fault(fault, http);
        return cut || json_path_int(fault, "status", 0) != 0;
    }
    return false;
}
