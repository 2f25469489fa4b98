#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/pkg/database/cosmos_rig.h"
#include "test/unit/support/test.h"

#define GET_ITEM \
    "GET " COSMOS_URL "Billing/docs/b\nx-ms-documentdb-partitionkey: [\"b\"]\n" COSMOS_END
#define ITEM "{\"id\":\"b\",\"_etag\":\"\\\"1\\\"\",\"_ts\":7}"

static int get(struct cosmos_rig *r, struct error **err)
{
    cleanup_doc struct doc d = { 0 };
    return store_get(&r->ctx, r->store, COLL_BILLING, "b", "b", &d, err);
}

static int put(struct cosmos_rig *r, struct error **err)
{
    static const char body[] = "{\"id\":\"b\"}";
    const struct doc_write w = { "b", "b", body, sizeof(body) - 1, 0 };
    return store_replace(&r->ctx, r->store, COLL_BILLING, &w, "\"1\"", NULL, err);
}

/* Every byte of a request: what is hidden elsewhere is looked at here. */
static void check_bytes(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request =
              "GET " COSMOS_URL "Billing/docs/b\nAccept: application/json\n"
              "Authorization: "
              "type%3Dmaster%26ver%3D1.0%26sig%3D9ujnVJqWqsITVMwvKImEfmuBWSEjGvPm0jM9ZHEOmVU%3D\n"
              "x-ms-date: Sat, 03 Feb 2024 04:05:06 GMT\nx-ms-version: 2018-12-31\n"
              "x-ms-documentdb-partitionkey: [\"b\"]\n" COSMOS_END,
          .reply = ITEM },
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    r.transport.hidden = NULL;

    assert_int_equal(get(&r, NULL), 0);

    cosmos_rig_finish(&r);
}

struct retry_case {
    const char *name;
    struct script_step first; /* and then a good answer */
    bool write;
    int64_t pause_ms;
};
static struct retry_case retry_cases[] = {
    { "429 waits as long as the server asks",
      { .status = 429, .headers = "x-ms-retry-after-ms: 250" },
      true,
      250 },
    { "429 without a time waits a little", { .status = 429 }, true, 100 },
    { "449 is sent again", { .status = 449 }, true, 100 },
    { "503 is sent again", { .status = 503 }, false, 100 },
    { "408 is sent again", { .status = 408 }, false, 100 },
    { "a reset is sent again", { .fail = ERR_CONN, .fail_code = HTTP_ERR_RESET }, false, 100 },
    { "a cut body is sent again",
      { .status = 200, .reply = "{\"id", .fail = ERR_CONN, .fail_code = HTTP_ERR_EOF },
      false,
      100 },
    { "a server that is not there is tried again",
      { .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED },
      true,
      100 },
    { "a lost answer to a write is sent again", { .status = 503 }, true, 100 },
};

static void check_retry(void **state)
{
    const struct retry_case *c = *state;
    const struct script_step steps[] = { c->first, { .status = 200, .reply = ITEM } };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));

    assert_int_equal(c->write ? put(&r, NULL) : get(&r, NULL), 0);

    assert_int_equal(cosmos_rig_paused_ms(&r), c->pause_ms);
    assert_string_equal(r.transport.requests.v[0], r.transport.requests.v[1]);
    cosmos_rig_finish(&r);
}

struct final_case {
    const char *name;
    int status;
    const char *reply;
    enum err_kind kind;
    const char *text;
};
static struct final_case final_cases[] = {
    { "404 is told", 404,
      "{\"code\":\"NotFound\",\"message\":\"Message: {\\\"Errors\\\":[\\\"Resource Not "
      "Found\\\"]}\\r\\nActivityId: 1\"}",
      ERR_NOT_FOUND,
      "Billing: reading document 'b': Cosmos DB answered 404 NotFound: Message: "
      "{\"Errors\":[\"Resource Not Found\"]}" },
    { "403 is told", 403, "{\"code\":\"Forbidden\"}", ERR_FORBIDDEN,
      "Billing: reading document 'b': Cosmos DB answered 403 Forbidden" },
    { "413 is terminal", 413, "", ERR_TOO_LARGE,
      "Billing: reading document 'b': Cosmos DB answered 413" },
    { "an answer that is no JSON is told by its status", 400, "<html>", ERR_INVALID,
      "Billing: reading document 'b': Cosmos DB answered 400" },
    { "with a key, 401 is not tried again", 401, "{}", ERR_UNAUTHORIZED,
      "Billing: reading document 'b': Cosmos DB answered 401" },
    { "a range that moved is told to be away", 410, "{}", ERR_UNAVAILABLE,
      "Billing: reading document 'b': Cosmos DB answered 410" },
};

static void check_final(void **state)
{
    const struct final_case *c = *state;
    const struct script_step steps[] = { { .status = c->status, .reply = c->reply } };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_error struct error *err = NULL;

    assert_int_equal(get(&r, &err), -1);

    assert_string_equal(error_text(err), c->text);
    assert_int_equal(error_kind(err), c->kind);
    assert_null(error_get_code(err)); /* it would be shown to clients */
    cosmos_rig_finish(&r);
}

static void check_ten(void **state)
{
    (void)state;
    struct script_step steps[COSMOS_TRIES];
    for (size_t i = 0; i < COSMOS_TRIES; i++)
        steps[i] = (struct script_step){ .status = 429, .headers = "x-ms-retry-after-ms: 10" };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_error struct error *err = NULL;

    assert_int_equal(put(&r, &err), -1);

    assert_int_equal(error_kind(err), ERR_THROTTLED);
    assert_int_equal(error_get_retry_after(err), 10);
    assert_int_equal(cosmos_rig_paused_ms(&r), 90);
    cosmos_rig_finish(&r);
}

static void check_cap(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .status = 429, .headers = "x-ms-retry-after-ms: 29000" },
        { .status = 429, .headers = "x-ms-retry-after-ms: 2000" },
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_error struct error *err = NULL;

    assert_int_equal(get(&r, &err), -1);

    assert_int_equal(error_kind(err), ERR_THROTTLED);
    assert_int_equal(cosmos_rig_paused_ms(&r), 29000);
    cosmos_rig_finish(&r);
}

static void stop_it(void *arg)
{
    stop_request(arg);
}

static void check_cancelled(void **state)
{
    (void)state;
    cleanup_stop struct stop *stop = stop_new(NULL);
    const struct script_step steps[] = {
        { .status = 429, .hook = stop_it, .hook_arg = stop },
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    r.ctx = opctx_with_stop(&r.ctx, stop);
    cleanup_error struct error *err = NULL;

    assert_int_equal(get(&r, &err), -1);

    assert_int_equal(error_kind(err), ERR_CANCELLED);
    cosmos_rig_finish(&r);
}

static void check_unknown(void **state)
{
    (void)state;
    struct script_step steps[COSMOS_TRIES];
    for (size_t i = 0; i < COSMOS_TRIES; i++)
        steps[i] = (struct script_step){ .status = 503, .headers = "x-ms-retry-after-ms: 10" };
    struct cosmos_rig r, reader;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cosmos_rig_open(&reader, steps, ARRAY_LEN(steps));
    cleanup_error struct error *written = NULL, *read = NULL;

    assert_int_equal(put(&r, &written), -1);
    assert_int_equal(get(&reader, &read), -1);

    assert_int_equal(error_kind(written), ERR_UNAVAILABLE);
    assert_string_equal(error_get_code(written), STORE_CODE_UNKNOWN);
    assert_int_equal(error_kind(read), ERR_UNAVAILABLE);
    assert_null(error_get_code(read));
    cosmos_rig_finish(&r);
    cosmos_rig_finish(&reader);
}

/* ---- tokens ---- */

struct tokens {
    struct cosmos_tokens base;
    int fresh, calls;
    bool fails;
};

static int give_token(struct cosmos_tokens *base, const struct opctx *ctx, bool fresh,
                      struct secret **ret, struct error **err)
{
    struct tokens *t = container_of(base, struct tokens, base);
    (void)ctx;
    t->calls++;
    t->fresh += fresh;
    if (t->fails)
        return error_set(err, ERR_UNAVAILABLE, "AAD is away");
    *ret = secret_new(fresh ? "new" : "old", 3);
    return 0;
}

static struct store *open_with_tokens(struct cosmos_rig *r, struct tokens *t)
{
    static const char *const hidden[] = { "Accept", "x-ms-date", "x-ms-version",
                                          "x-ms-documentdb-partitionkey", NULL };
    const struct cosmos_config cfg = { .endpoint = "https://aro.documents.azure.com",
                                       .database = "ARO",
                                       .tokens = &t->base,
                                       .transport = &r->transport.base };
    struct store *s = NULL;
    r->transport.hidden = hidden;
    assert_int_equal(store_open_cosmos(&cfg, &s, NULL), 0);
    return s;
}

#define WITH_TOKEN(word) \
    "GET " COSMOS_URL "Billing/docs/b\nAuthorization: type%3Daad%26ver%3D1.0%26sig%3D" word \
    "\n" COSMOS_END

static void check_new_token(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = WITH_TOKEN("old"), .status = 401 },
        { .request = WITH_TOKEN("new"), .reply = ITEM },
        { .request = WITH_TOKEN("old"), .status = 401 },
        { .request = WITH_TOKEN("new"), .status = 401 },
    };
    struct tokens t = { .base.get = give_token };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    store_close(r.store);
    r.store = open_with_tokens(&r, &t);
    cleanup_error struct error *err = NULL;

    assert_int_equal(get(&r, NULL), 0);
    assert_int_equal(get(&r, &err), -1);

    assert_int_equal(error_kind(err), ERR_UNAUTHORIZED);
    assert_int_equal(t.fresh, 2);
    cosmos_rig_finish(&r);
}

static void check_no_token(void **state)
{
    (void)state;
    struct tokens t = { .base.get = give_token, .fails = true };
    struct cosmos_rig r;
    cosmos_rig_open(&r, NULL, 0);
    store_close(r.store);
    r.store = open_with_tokens(&r, &t);
    cleanup_error struct error *err = NULL;

    assert_int_equal(put(&r, &err), -1);

    assert_int_equal(error_kind(err), ERR_UNAVAILABLE);
    assert_null(error_get_code(err)); /* nothing was sent, so nothing is in doubt */
    assert_non_null(strstr(error_text(err), "AAD is away"));
    cosmos_rig_finish(&r);
}

/* ---- what is in the URL and the headers ---- */

static void check_escapes(void **state)
{
    (void)state;
    struct cosmos_call call = { 0 };

    cosmos_set_partition(&call, "a\"b\\\xc3\xa9\xf0\x9f\x8d\x8a");

    assert_string_equal(http_headers_get(&call.headers, "x-ms-documentdb-partitionkey"),
                        "[\"a\\\"b\\\\\\u00e9\\ud83c\\udf4a\"]");
    cosmos_call_release(&call);
}

int main(void)
{
    const struct CMUnitTest fixed[] = {
        CASE("a request is signed as Cosmos DB wants it", check_bytes),
        CASE("ten tries are enough", check_ten),
        CASE("pauses have a limit in sum", check_cap),
        CASE("a pause ends when the caller is stopped", check_cancelled),
        CASE("a write whose answers are all lost is in doubt, a read is not", check_unknown),
        CASE("401 gets a new token, once", check_new_token),
        CASE("without a token nothing is sent", check_no_token),
        CASE("partition keys are JSON in ASCII", check_escapes),
    };
    struct CMUnitTest tests[ARRAY_LEN(fixed) + ARRAY_LEN(retry_cases) + ARRAY_LEN(final_cases)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        tests[n++] = fixed[i];
    for (size_t i = 0; i < ARRAY_LEN(retry_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(retry_cases[i].name, check_retry, &retry_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(final_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(final_cases[i].name, check_final, &final_cases[i]);
    return RUN_CASES("cosmos_send", tests);
}
