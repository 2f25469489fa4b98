#include <string.h>

#include "pkg/api/admin/admin.h"
#include "pkg/base/mem.h"
#include "rp/frontend/admin/common.h"
#include "rp/frontend/cloud_error.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

struct bool_case {
    const char *text;
    int want; /* -1: none */
};
static struct bool_case bools[] = {
    { "true", 1 }, { "True", 1 }, { "TRUE", 1 }, { "1", 1 }, { "t", 1 },     { "false", 0 },
    { "F", 0 },    { "0", 0 },    { "yes", -1 }, { "", -1 }, { "tRue", -1 }, { NULL, -1 },
};

static void reads_booleans(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bools); i++) {
        bool value = bools[i].want != 1;
        assert_int_equal(admin_bool(bools[i].text, &value), bools[i].want >= 0);
        assert_int_equal(value, bools[i].want < 0 ? 1 : bools[i].want);
    }
}

static int tell_limit(struct request *req, struct error **err)
{
    (void)err;
    buf_addf(http_call_out(req->call), "%zu", admin_limit(req));
    return 0;
}

static int tell_text(struct request *req, struct error **err)
{
    (void)err;
    cleanup_free char *text = admin_give_text(req, "a");
    buf_addf(http_call_out(req->call), "<%s>", text);
    return 0;
}

static const char *failing; /* the kind of the next lookup's end */
static int fail_lookup(struct request *req, struct error **err)
{
    struct error *e = NULL;
    (void)req;
    if (strcmp(failing, "refused") == 0)
        (void)cloud_error(&e, "RequestNotAllowed", NULL, "no");
    else
        (void)error_set(&e,
                        strcmp(failing, "invalid") == 0       ? ERR_INVALID
                        : strcmp(failing, "unavailable") == 0 ? ERR_UNAVAILABLE
                                                              : ERR_NOT_FOUND,
                        "the store says so");
    return admin_not_read(&e, "thing", "t7", err);
}

static int tell_body(struct request *req, struct error **err)
{
    cleanup_json json *ext = NULL;
    if (admin_decode(req, &manifest_type, &ext, err) < 0)
        return -1;
    cleanup_json json *document = json_make("{'id':'i','m':%j}", json_ref(ext));
    cleanup_json json *shown = admin_give_external(&manifest_type, document, "m");
    json_write(http_call_out(req->call), shown);
    return 0;
}

static const struct route routes[] = { { "GET", "/limit", 0, tell_limit, NULL },
                                       { "GET", "/text", 0, tell_text, NULL },
                                       { "GET", "/lookup", ROUTE_ADMIN, fail_lookup, NULL },
                                       { "PUT", "/body", 0, tell_body, NULL } };

struct ask_case {
    const char *name, *method, *target, *body, *want;
};
static struct ask_case asks[] = {
    { "takes a limit", "GET", "/limit?limit=7", NULL, "200 7" },
    { "takes no limit for a hundred", "GET", "/limit", NULL, "200 100" },
    { "takes nonsense for a hundred", "GET", "/limit?limit=0", NULL, "200 100" },
    { "takes too much for a hundred", "GET", "/limit?limit=1001", NULL, "200 100" },
    { "takes a text", "GET", "/text?a=b%20c", NULL, "200 <b c>" },
    { "takes no text for an empty one", "GET", "/text", NULL, "200 <>" },
    { "shows a body with its id in front", "PUT", "/body",
      "{\"maintenanceTaskID\":\"t\",\"priority\":0,\"unknown\":1}",
      "200 {\"id\":\"i\",\"maintenanceTaskID\":\"t\"}" },
};

static void check_ask(void **state)
{
    const struct ask_case *a = *state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *got = front_give_answer(&r, a->method, a->target, a->body);

    assert_string_equal(got, a->want);
    front_release(&r);
}

static void tells_what_a_lookup_found(void **state)
{
    static const struct {
        const char *kind, *want;
    } cases[] = {
        { "absent", "404 NotFound: The thing 't7' was not found." },
        { "invalid", "404 NotFound: The thing 't7' was not found." },
        { "refused", "400 RequestNotAllowed: no" },
        { "unavailable", "500 InternalServerError: the store says so" },
    };
    (void)state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        failing = cases[i].kind;

        cleanup_free char *got = front_give_error(&r, "GET", "/lookup", NULL);

        assert_string_equal(got, cases[i].want);
    }
    front_release(&r);
}

static void refuses_a_body(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *got = front_give_error(&r, "PUT", "/body", "{\"priority\":\"high\"}");

    assert_string_equal(got, "400 InvalidRequestContent: The request content was invalid and could "
                             "not be deserialized: \"priority: expected an integer, not string\".");
    front_release(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(asks) + 3] = {
        CASE("reads booleans", reads_booleans),
        CASE("tells what a lookup found", tells_what_a_lookup_found),
        CASE("refuses a body", refuses_a_body),
    };
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        tests[3 + i] = (struct CMUnitTest)CASE_OF(asks[i].name, check_ask, &asks[i]);
    return RUN_CASES("what administrators' handlers share", tests);
}
