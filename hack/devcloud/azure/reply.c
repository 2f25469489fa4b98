/* Answers with ARM's headers: to the client, or to the simulator itself. */
#include <stdarg.h>
#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

const char *sim_host(const struct sim_call *c)
{
    const char *host = sim_header(c, "Host");
    return host ? host : c->host;
}

const char *sim_header(const struct sim_call *c, const char *name)
{
    return c->http ? http_call_header(c->http, name) : NULL;
}

const char *sim_query(const struct sim_call *c)
{
    return c->http ? http_call_query(c->http) : NULL;
}

bool sim_is(const struct sim_call *c, const char *method)
{
    return strcmp(c->method, method) == 0;
}

void sim_set_header(struct sim_call *c, const char *name, const char *value)
{
    if (c->http)
        http_call_set_header(c->http, name, value);
}

/* REGION:YYYYMMDDTHHMMSSZ:UUID */
static void add_routing_id(struct sim_call *c, const char *id)
{
    char when[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(c->sim->cfg.clock), when);
    size_t out = 0;
    for (size_t i = 0; when[i]; i++)
        if (when[i] != '-' && when[i] != ':')
            when[out++] = when[i];
    when[out] = '\0';
    cleanup_free char *text =
        xasprintf("%s:%s:%s", json_path_str(c->sim->state, "location"), when, id);
    sim_set_header(c, "x-ms-routing-request-id", text);
}

static const char *counter_of(const char *method)
{
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
        return "x-ms-ratelimit-remaining-subscription-reads";
    return strcmp(method, "DELETE") == 0 ? "x-ms-ratelimit-remaining-subscription-deletes"
                                         : "x-ms-ratelimit-remaining-subscription-writes";
}

static void add_arm_headers(struct sim_call *c)
{
    char id[UUID_LEN + 1];
    rng_uuid(c->sim->cfg.rng, id);
    const char *correlation = sim_header(c, "x-ms-correlation-request-id");
    sim_set_header(c, "x-ms-request-id", id);
    sim_set_header(c, "x-ms-correlation-request-id", correlation ? correlation : id);
    add_routing_id(c, id);
    sim_set_header(c, "Cache-Control", "no-cache");
    sim_set_header(c, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
    sim_set_header(c, "X-Content-Type-Options", "nosniff");
    sim_set_header(c, counter_of(c->method), *c->left ? c->left : "199");
    const char *client_id = sim_header(c, "x-ms-client-request-id");
    const char *wanted = sim_header(c, "x-ms-return-client-request-id");
    if (client_id && str_eq_nocase(wanted, "true"))
        sim_set_header(c, "x-ms-client-request-id", client_id);
}

void sim_reply(struct sim_call *c, int status, const json *body)
{
    if (!c->http) {
        json_free(c->answer->body);
        c->answer->status = status;
        c->answer->body = body ? json_give_copy(body) : NULL;
        return;
    }
    cleanup_free char *text = body ? json_give_text(body) : xstrdup("");
    sim_reply_text(c, status, "application/json; charset=utf-8", text);
}

void sim_reply_text(struct sim_call *c, int status, const char *type, const char *text)
{
    if (!c->http) {
        json_free(c->answer->body);
        c->answer->body = NULL;
        c->answer->status = status;
        (void)json_parse(text, strlen(text), &c->answer->body, NULL);
        return;
    }
    add_arm_headers(c);
    http_call_reply(c->http, status, type, text);
}

void sim_answer_release(struct sim_answer *a)
{
    json_free(a->body);
    *a = (struct sim_answer){ 0 };
}

void sim_reply_error(struct sim_call *c, int status, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *message = xvasprintf(fmt, ap);
    va_end(ap);
    cleanup_json json *body = json_make("{'error':{'code':%s,'message':%s}}", code, message);
    sim_reply(c, status, body);
}
