#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define ONE "aaaaaaaa-0000-0000-0000-000000000001"
#define OTHER "aaaaaaaa-0000-0000-0000-000000000002"
#define PLACE "/metadata/identity/oauth2/token?api-version=2018-02-01"
#define ARM "&resource=https%3A%2F%2Fmanagement.azure.com"

static void open_machine(struct rig *r)
{
    rig_open(r);
    rig_patch(r,
              "{'applications':{'" ONE "':{'objectId':'o-1','graphRoles':[],'of_machine':true}}}");
    free(take(r->token));
}

static int ask(struct rig *r, const char *path, struct rig_reply *ret)
{
    http_headers_set(&r->extra, "Metadata", "true");
    return rig_call(r, "GET", path, NULL, ret);
}

static void assert_refused(struct rig *r, const char *path, const char *text)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(ask(r, path, &reply), 400);
    assert_string_equal(json_path_str(reply.body, "error"), "invalid_request");
    assert_true(str_starts(json_path_str(reply.body, "error_description"), text));
}

static void a_machine_is_let_in_as_its_identity(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_machine(&r);
    cleanup_reply struct rig_reply reply = { 0 }, groups = { 0 };

    assert_int_equal(ask(&r, PLACE ARM, &reply), 200);

    assert_string_equal(json_path_str(reply.body, "client_id"), ONE);
    assert_string_equal(json_path_str(reply.body, "token_type"), "Bearer");
    assert_string_equal(json_path_str(reply.body, "resource"), "https://management.azure.com");
    assert_string_equal(json_path_str(reply.body, "expires_in"), "86399");
    r.token = xstrdup(json_path_str(reply.body, "access_token"));
    assert_int_equal(
        rig_call(&r, "GET", RIG_SUBSCRIPTION "/resourcegroups" RIG_VERSION, NULL, &groups), 200);
}

static void which_one_is_told_where_there_are_several(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_machine(&r);
    rig_patch(&r, "{'applications':{'" OTHER
                  "':{'objectId':'o-2','graphRoles':[],'of_machine':true}}}");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_refused(&r, PLACE ARM, "Multiple user assigned identities exist");
    assert_int_equal(ask(&r, PLACE ARM "&client_id=" OTHER, &reply), 200);

    assert_string_equal(json_path_str(reply.body, "client_id"), OTHER);
}

static void others_are_refused(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_machine(&r);

    assert_int_equal(rig_call(&r, "GET", PLACE ARM, NULL, NULL), 400); /* without the header */
    http_headers_set(&r.extra, "X-Forwarded-For", "10.0.0.1");
    assert_refused(&r, PLACE ARM, "Required metadata header not specified");
    assert_refused(&r, PLACE, "Required audience parameter not specified");
    assert_refused(&r, "/metadata/identity/oauth2/token?resource=x",
                   "Required query variable 'api-version' is missing");
    /* It has a secret, but is no machine's. */
    assert_refused(&r, PLACE ARM "&client_id=" RIG_APPLICATION, "Identity not found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a machine is let in as its identity", a_machine_is_let_in_as_its_identity),
        CASE("which one is told where there are several",
             which_one_is_told_where_there_are_several),
        CASE("others are refused", others_are_refused),
    };
    return RUN_CASES("managed identities of machines", tests);
}
