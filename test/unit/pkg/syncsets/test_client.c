#include <string.h>

#include "pkg/syncsets/client.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/test.h"

#define URL "https://sets.test"
#define AT "https://sets.test:443/v1/"

struct rig {
    struct scripted_transport t;
    struct opctx ctx;
    struct syncsets *c;
};
static void rig_open(struct rig *r, const struct script_step *steps, size_t len)
{
    scripted_transport_init(&r->t, steps, len);
    r->ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const struct syncsets_config cfg = { .url = URL, .transport = &r->t.base };
    assert_int_equal(syncsets_new(&cfg, &r->c, NULL), 0);
}
static void rig_close(struct rig *r)
{
    syncsets_free(r->c);
    scripted_transport_check(&r->t);
    scripted_transport_release(&r->t);
}

static void a_call_is_one_request(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = "PUT " AT "clusters/team/a%2Fb?upsert=true\nAccept: application/json\n"
                     "Idempotency-Key: k\nIf-Match: \"7\"\nContent-Type: application/json\n"
                     "@gzip: true\n\n{\"spec\":{}}",
          .status = 201,
          .reply = "{\"kind\":\"Cluster\"}" },
    };
    struct rig r;
    rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_json json *body = json_make("{'spec':{}}"), *made = NULL;
    int status = 0;
    const struct syncsets_call call = { .method = "PUT",
                                        .plural = "clusters",
                                        .nspace = "team",
                                        .name = "a/b",
                                        .query = { { "upsert", "true" }, { "uid", NULL } },
                                        .if_match = "7",
                                        .idempotency_key = "k",
                                        .body = body };

    assert_int_equal(syncsets_send(r.c, &r.ctx, &call, &made, &status, NULL), 0);

    assert_int_equal(status, 201);
    assert_string_equal(json_path_str(made, "kind"), "Cluster");
    rig_close(&r);
}

static void a_name_must_not_be_empty(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, NULL, 0);
    const struct syncsets_call call = { .method = "DELETE", .plural = "clusters", .nspace = "" };

    assert_int_equal(syncsets_send(r.c, &r.ctx, &call, NULL, NULL, NULL), -1);

    rig_close(&r);
}

struct refusal {
    const char *name;
    int status;
    const char *reply;
    enum err_kind kind;
    const char *code, *text;
};
#define STATUS(reason, code, more) \
    "{\"kind\":\"Status\",\"reason\":\"" reason "\",\"message\":\"why\",\"code\":" code more "}"
static struct refusal refusals[] = {
    { "a name that is taken", 409, STATUS("AlreadyExists", "409", ""), ERR_EXISTS, "AlreadyExists",
      "why" },
    { "another version", 409, STATUS("Conflict", "409", ""), ERR_CONFLICT, "Conflict", "why" },
    { "a malformed object", 422, STATUS("Invalid", "422", ""), ERR_UNPROCESSABLE, "Invalid",
      "why" },
    { "too many requests", 429,
      STATUS("TooManyRequests", "429", ",\"details\":{\"retryAfterSeconds\":3}"), ERR_THROTTLED,
      "TooManyRequests", "why" },
    { "a proxy's page", 502, "<html>", ERR_UNAVAILABLE, NULL, "SyncSets answered 502: <html>" },
};

static void check_refusal(void **state)
{
    const struct refusal *f = *state;
    const struct script_step steps[] = { { .status = f->status, .reply = f->reply } };
    struct rig r;
    rig_open(&r, steps, 1);
    cleanup_error struct error *err = NULL;
    const struct syncsets_call call = { .method = "GET", .plural = "clusters" };
    json *got = NULL;

    assert_int_equal(syncsets_send(r.c, &r.ctx, &call, &got, NULL, &err), -1);

    assert_null(got);
    assert_true(error_is(err, f->kind));
    assert_int_equal(error_get_status(err), f->status);
    assert_non_null(strstr(error_text(err), f->text));
    if (f->code)
        assert_string_equal(error_get_code(err), f->code);
    if (f->status == 429)
        assert_int_equal(error_get_retry_after(err), 3000);
    rig_close(&r);
}

static void only_a_server_is_a_url(void **state)
{
    (void)state;
    struct scripted_transport t;
    scripted_transport_init(&t, NULL, 0);
    cleanup_secret struct secret *token = secret_new("t", 1);
    const struct {
        const char *url;
        struct secret *token;
        int want;
    } cases[] = {
        { "https://h", NULL, 0 },
        { "http://h:7070/", NULL, 0 },
        { "http://127.0.0.1", token, 0 },
        { "http://h", token, -1 },
        { "https://h/v1", NULL, -1 },
        { "https://h/?a=b", NULL, -1 },
        { "ftp://h", NULL, -1 },
        { "h:7070", NULL, -1 },
        { "https://[::1]:7070", token, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_syncsets struct syncsets *c = NULL;
        const struct syncsets_config cfg = { cases[i].url, &t.base, cases[i].token };
        if (syncsets_new(&cfg, &c, NULL) != cases[i].want)
            fail_msg("%s", cases[i].url);
    }
    scripted_transport_release(&t);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(refusals) + 3] = {
        CASE("a call is one request", a_call_is_one_request),
        CASE("a name must not be empty", a_name_must_not_be_empty),
        CASE("only a server is a URL", only_a_server_is_a_url),
    };
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        tests[3 + i] = (struct CMUnitTest)CASE_OF(refusals[i].name, check_refusal, &refusals[i]);
    return RUN_CASES("client", tests);
}
