#include "test/unit/support/hack/devcloud/azure_rig.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

/* ---- the clock ---- */

static int64_t ahead(const struct clock *c)
{
    return atomic_load(&((const struct moving_clock *)(const void *)c)->ahead_ns);
}

static int64_t moving_mono(const struct clock *c)
{
    return clock_mono_ns(clock_system()) + ahead(c);
}

static int64_t moving_wall(const struct clock *c)
{
    return clock_wall_ns(clock_system()) + ahead(c);
}

static bool moving_wait(const struct clock *c, pthread_cond_t *cv, pthread_mutex_t *mu,
                        int64_t deadline_ns)
{
    return clock_wait(clock_system(), cv, mu,
                      deadline_ns == CLOCK_NEVER ? CLOCK_NEVER : deadline_ns - ahead(c));
}

void rig_advance_s(struct rig *r, int64_t s)
{
    atomic_fetch_add(&r->clock.ahead_ns, s * NS_PER_S);
}

/* ---- life ---- */

static void must(int rcode, struct error *err)
{
    if (rcode < 0)
        fail_msg("%s", error_text(err));
}

void rig_open(struct rig *r)
{
    *r = (struct rig){ .clock.base = { moving_mono, moving_wall, moving_wait } };
    struct error *err = NULL;
    fake_env_init(&r->env);
    struct http_client_config client = { .clock = clock_system(), .env = &r->env.base };
    must(http_client_new(&client, &r->client, &err), err);
    struct azure_sim_config sim = { .clock = &r->clock.base, .rng = rng_system() };
    must(azure_sim_start(&sim, &r->sim, &err), err);
    struct http_peer_config peer = { .ca_pem = azure_sim_ca_pem(r->sim) };
    must(http_peer_new(r->client, &peer, &r->peer, &err), err);
    (void)snprintf(r->host, sizeof(r->host), "127.0.0.1:%u", azure_sim_port(r->sim));
    r->ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    rig_patch(r, "{'operation_ms':0}");
    cleanup_reply struct rig_reply reply = { 0 };
    int status =
        rig_sign_in(r, "/oauth2/v2.0/token",
                    RIG_SECRET_FORM "&scope=https%3A%2F%2Fmanagement.azure.com%2F.default", &reply);
    assert_int_equal(status, 200);
    r->token = xstrdup(json_path_str(reply.body, "access_token"));
}

void rig_close(struct rig *r)
{
    http_peer_unref(r->peer);
    http_client_free(r->client);
    azure_sim_stop(r->sim);
    http_headers_release(&r->extra);
    fake_env_release(&r->env);
    free(r->token);
}

void rig_reply_release(struct rig_reply *r)
{
    http_headers_release(&r->headers);
    json_free(r->body);
    *r = (struct rig_reply){ 0 };
}

/* ---- requests ---- */

char *rig_give_json(const char *quoted)
{
    char *text = xstrdup(quoted);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    return text;
}

int rig_send(struct rig *r, const char *method, const char *path_and_query, const char *type,
             const char *body, struct rig_reply *ret)
{
    cleanup_free char *url = xasprintf("https://%s%s", r->host, path_and_query);
    cleanup_free char *bearer = r->token ? xasprintf("Bearer %s", r->token) : NULL;
    cleanup_request struct http_request req = {
        .method = method,
        .url = url,
        .headers = r->extra,
        .body = body,
        .body_len = body ? strlen(body) : 0,
        .timeout_ms = 60000,
        .fresh_connection = true, /* the server's idle limit passes when the clock moves */
    };
    r->extra = (struct http_headers){ 0 };
    if (bearer)
        http_headers_set(&req.headers, "Authorization", bearer);
    if (type)
        http_headers_set(&req.headers, "Content-Type", type);
    cleanup_response struct http_response resp = { 0 };
    cleanup_error struct error *err = NULL;
    if (http_send(http_peer_transport(r->peer), &r->ctx, &req, &resp, &err) < 0)
        return -1;
    if (ret) {
        rig_reply_release(ret);
        ret->status = resp.status;
        ret->headers = resp.headers;
        resp.headers = (struct http_headers){ 0 };
        (void)json_parse(resp.body.data ? resp.body.data : "", resp.body.len, &ret->body, NULL);
    }
    return resp.status;
}

int rig_call(struct rig *r, const char *method, const char *path_and_query, const char *body,
             struct rig_reply *ret)
{
    cleanup_free char *text = body ? rig_give_json(body) : NULL;
    return rig_send(r, method, path_and_query, body ? "application/json" : NULL, text, ret);
}

void rig_refused(struct rig *r, const char *method, const char *path_and_query, const char *body,
                 int status, const char *code)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(r, method, path_and_query, body, &reply), status);
    const char *found = json_path_str(reply.body, "error.code");
    assert_string_equal(found ? found : "no code", code);
    assert_non_null(json_path_str(reply.body, "error.message"));
}

int rig_sign_in(struct rig *r, const char *endpoint, const char *form, struct rig_reply *ret)
{
    cleanup_free char *path = xasprintf("/" RIG_TENANT "%s", endpoint);
    return rig_send(r, "POST", path, "application/x-www-form-urlencoded", form, ret);
}

void rig_patch(struct rig *r, const char *state)
{
    assert_int_equal(rig_call(r, "PATCH", "/_devcloud/state", state, NULL), 200);
}

void rig_faults(struct rig *r, const char *faults)
{
    assert_int_equal(rig_call(r, "PUT", "/_devcloud/faults", faults, NULL), 200);
}
