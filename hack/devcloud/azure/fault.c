#include "hack/devcloud/azure/fault.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define SINCE "since_ns" /* when the fault was set */

void fault_release(struct fault_run *r)
{
    json_free(r->fault);
    json_free(r->present);
    free(r->key);
    *r = (struct fault_run){ 0 };
}

/* What the simulator asks itself has no connection, no headers, and nobody who could wait. */
static const char *find_senseless(const json *fault)
{
    static const char *const members[] = { "delay_ms", "hang", "abort", "headers", "truncate" };
    for (size_t i = 0; json_path_bool(fault, "inside", false) && i < ARRAY_LEN(members); i++)
        if (json_get(fault, members[i]))
            return members[i];
    return NULL;
}

int fault_check(const json *list, struct error **err)
{
    if (!json_is_array(list))
        return error_set(err, ERR_INVALID, "faults are an array of objects");
    for (size_t i = 0; i < json_len(list); i++) {
        const char *senseless = find_senseless(json_at(list, i));
        if (!json_is_object(json_at(list, i)))
            return error_set(err, ERR_INVALID, "fault %zu is no object", i);
        if (senseless)
            return error_set(err, ERR_INVALID,
                             "fault %zu has '%s', which means nothing together with 'inside'", i,
                             senseless);
    }
    return 0;
}

void fault_set(struct azure_sim *sim, json *list)
{
    int64_t now_ns = clock_mono_ns(sim->cfg.clock);
    for (size_t i = 0; i < json_len(list); i++)
        json_put(json_at(list, i), SINCE, json_new_int(now_ns));
    json_free(sim->faults);
    sim->faults = list;
    json_free(sim->before); /* what was before counts since the faults with stale were set */
    sim->before = json_new_object();
}

/* ---- which ---- */

static bool matches(const json *fault, const char *method, const char *host, const char *path,
                    bool inside)
{
    const char *on_method = json_path_str(fault, "method");
    const char *on_host = json_path_str(fault, "host"), *on_path = json_path_str(fault, "path");
    return json_path_bool(fault, "inside", false) == inside &&
           (!on_method || str_eq_nocase(on_method, method)) &&
           (!on_host || str_matches_nocase(on_host, host)) &&
           (!on_path || str_matches_nocase(on_path, path));
}

static bool is_its_time(const struct azure_sim *sim, const json *fault)
{
    int64_t age_ns = clock_mono_ns(sim->cfg.clock) - json_path_int(fault, SINCE, 0);
    int64_t from_ns = json_path_int(fault, "after_ms", 0) * NS_PER_MS;
    int64_t for_ns = json_path_int(fault, "for_ms", 0) * NS_PER_MS;
    return age_ns >= from_ns && (for_ns == 0 || age_ns < from_ns + for_ns);
}

/* One that has an end in time needs no count. */
static bool is_left(const json *fault)
{
    return json_path_int(fault, "times", json_get(fault, "for_ms") ? INT64_MAX : 1) > 0;
}

static void count_down(json *fault, const char *member, int64_t dflt)
{
    json_put(fault, member, json_new_int(json_path_int(fault, member, dflt) - 1));
}

/* Whether a fault that matches strikes this time. */
static bool strikes(const struct azure_sim *sim, json *fault)
{
    if (json_path_int(fault, "skip", 0) > 0) {
        count_down(fault, "skip", 0);
        return false;
    }
    const json *probability = json_get(fault, "probability");
    if (probability && rng_unit(sim->cfg.rng) >= json_number(probability, 1))
        return false;
    if (json_get(fault, "times") || !json_get(fault, "for_ms"))
        count_down(fault, "times", 1);
    return true;
}

void fault_begin(struct azure_sim *sim, const char *method, const char *host, const char *path,
                 bool inside, struct fault_run *ret)
{
    *ret = (struct fault_run){ 0 };
    if (str_starts(path, "/_devcloud/"))
        return;
    for (size_t i = 0; i < json_len(sim->faults); i++) {
        json *fault = json_at(sim->faults, i);
        if (matches(fault, method, host, path, inside) && is_its_time(sim, fault) &&
            is_left(fault) && strikes(sim, fault)) {
            ret->fault = json_give_copy(fault);
            return;
        }
    }
}

int64_t fault_delay_ms(const struct fault_run *r)
{
    return json_path_bool(r->fault, "hang", false) ? -1 : json_path_int(r->fault, "delay_ms", 0);
}

/* ---- answers ---- */

static bool is_late(const struct fault_run *r)
{
    return json_path_bool(r->fault, "late", false);
}

static void answer(const json *fault, struct http_call *http)
{
    for (struct json_iter it = json_each(json_get(fault, "headers")); json_next(&it);)
        http_call_set_header(http, it.key, json_str(it.value) ? json_str(it.value) : "");
    json *body = json_get(fault, "body");
    cleanup_free char *text = json_str(body) ? xstrdup(json_str(body)) : json_give_text(body);
    buf_clear(http_call_out(http));
    http_call_reply(http, (int)json_path_int(fault, "status", 500),
                    json_str(body) ? "text/html" : "application/json", body ? text : "");
}

/* Cuts the connection in the middle of a body. Whoever asked for the head alone would take it for the whole answer. */
static void cut(struct http_call *http, const char *data, size_t len)
{
    if (strcmp(http_call_method(http), "HEAD") == 0)
        http_call_set_status(http, 503);
    struct http_stream *s = http_call_begin_stream(http, len + ((size_t)1 << 16), NULL, NULL);
    (void)http_stream_write(s, data, len);
    http_stream_abort(s);
    http_stream_unref(s);
}

/* true: the fault answers. */
static bool strike(const struct fault_run *r, struct http_call *http)
{
    if (json_path_bool(r->fault, "abort", false) || json_path_bool(r->fault, "hang", false))
        cut(http, "{", 1);
    else if (json_path_int(r->fault, "status", 0) != 0)
        answer(r->fault, http);
    else
        return false;
    return true;
}

bool fault_answer(const struct fault_run *r, struct http_call *http)
{
    return r->fault && !is_late(r) && strike(r, http);
}

bool fault_answer_inside(const struct fault_run *r, bool late, struct sim_answer *ret)
{
    int64_t status = json_path_int(r->fault, "status", 0);
    if (status == 0 || is_late(r) != late)
        return false;
    json *body = json_get(r->fault, "body");
    json_free(ret->body);
    ret->status = (int)status;
    ret->body = body ? json_give_copy(body) : NULL;
    return true;
}

void fault_finish(const struct fault_run *r, struct http_call *http)
{
    const json *bytes = json_get(r->fault, "truncate");
    int64_t wanted = 0;
    if (r->fault && is_late(r) && strike(r, http))
        return;
    if (!bytes || !json_int(bytes, &wanted) || wanted < 0)
        return;
    struct buf *out = http_call_out(http);
    size_t len = (size_t)wanted < out->len ? (size_t)wanted : out->len;
    cleanup_free char *kept = xmemdup(out->data ? out->data : "", len);
    cut(http, kept, len);
}

/* ---- what happens to resources ---- */

static json *resources(struct azure_sim *sim)
{
    return json_get(sim->state, "resources");
}

static bool is_read(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static bool any_is_stale(const struct azure_sim *sim)
{
    for (size_t i = 0; i < json_len(sim->faults); i++)
        if (json_path_bool(json_at(sim->faults, i), "stale", false))
            return true;
    return false;
}

/* What a resource was before the latest write: null when it was not. */
static void remember(struct azure_sim *sim, const char *key)
{
    json *object = json_get(resources(sim), key);
    json_put(sim->before, key, object ? json_give_copy(object) : NULL);
}

static void show_past(struct azure_sim *sim, struct fault_run *r, const char *key)
{
    json *present = json_get(resources(sim), key), *past = json_get(sim->before, key);
    if (!json_has(sim->before, key))
        return;
    r->key = xstrdup(key);
    r->present = present ? json_ref(present) : NULL;
    if (past)
        json_put(resources(sim), key, json_give_copy(past));
    else
        json_del(resources(sim), key);
}

/* Somebody else writes the resource just before. */
static void write_as_stranger(struct azure_sim *sim, const json *patch, const char *key)
{
    json *object = json_get(resources(sim), key);
    char id[UUID_LEN + 1];
    if (!object)
        return;
    json *changed = json_give_merged(json_give_copy(object), patch);
    const char *etag = json_path_str(changed, "etag");
    rng_uuid(sim->cfg.rng, id);
    cleanup_free char *fresh =
        etag && str_starts(etag, "W/") ? xasprintf("W/\"%s\"", id) : xstrdup(id);
    if (etag)
        json_put(changed, "etag", json_new_str(fresh));
    json_put(resources(sim), key, changed);
}

void fault_enter(struct azure_sim *sim, struct fault_run *r, const char *method, const char *path)
{
    cleanup_free char *key = str_give_lower(path);
    const json *patch = json_get(r->fault, "foreign");
    if (json_is_object(patch))
        write_as_stranger(sim, patch, key);
    if (!is_read(method) && any_is_stale(sim)) {
        remember(sim, key);
    } else if (is_read(method) && json_path_bool(r->fault, "stale", false)) {
        operations_advance(sim); /* what ends now must not end in the past */
        show_past(sim, r, key);
    }
}

static void decide(struct azure_sim *sim, const json *outcome, const char *id)
{
    json *operation = json_get(sim->operations, id), *error = json_get(outcome, "error");
    if (!operation)
        return;
    if (json_path_bool(outcome, "stuck", false))
        json_put(operation, "due_ns", json_new_int(INT64_MAX));
    if (json_is_object(error))
        json_put(operation, "error", json_give_copy(error));
    if (json_path_bool(outcome, "canceled", false)) {
        json_put(operation, "canceled", json_new_bool(true));
        json_put(operation, "error",
                 json_make("{'code':'Canceled','message':'Operation was canceled.'}"));
    }
}

void fault_leave(struct azure_sim *sim, struct fault_run *r, const char *operation)
{
    if (*operation && json_get(r->fault, "operation"))
        decide(sim, json_get(r->fault, "operation"), operation);
    if (!r->key)
        return;
    if (r->present)
        json_put(resources(sim), r->key, take(r->present));
    else
        json_del(resources(sim), r->key);
}
