#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

static void check_state(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    rig_patch(&r, "{'retry_after_s':7,'page_size':null}");

    assert_int_equal(rig_call(&r, "GET", "/_devcloud/state", NULL, &reply), 200);
    assert_int_equal(json_path_int(reply.body, "retry_after_s", 0), 7);
    assert_string_equal(json_path_str(reply.body, "tenant"), RIG_TENANT);
}

/* As "curl -d" sends it, which the advice of hack/run-platform.sh relies on. */
static void check_any_type(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_send(&r, "PATCH", "/_devcloud/state", "application/x-www-form-urlencoded",
                              "{\"retry_after_s\":7}", &reply),
                     200);

    assert_int_equal(json_path_int(reply.body, "retry_after_s", 0), 7);
}

static void check_broken_state(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const char *const patches[] = {
        "null",
        "[]",
        "'text'",
        "{'resources':null}",
        "{'tenant':1}",
        "{'applications':[]}",
        "{'applications':{'a':1}}",
        "{'resources':{'/x':7}}",
        "{'resources':{'/x':{'id':'/x','name':'x'}}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(patches); i++)
        rig_refused(&r, "PATCH", "/_devcloud/state", patches[i], 400, "InvalidState");

    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 200);
}

static void check_requests(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(&r, "GET", RIG_VNETS "/absent" RIG_VERSION, NULL, NULL);

    assert_int_equal(rig_call(&r, "GET", "/_devcloud/requests", NULL, &reply), 200);

    assert_int_equal(json_len(reply.body), 2); /* signing in is the first; itself is not counted */
    const json *last = json_at(reply.body, 1);
    assert_string_equal(json_path_str(last, "method"), "GET");
    assert_string_equal(json_path_str(last, "host"), "127.0.0.1");
    assert_string_equal(json_path_str(last, "path"), RIG_VNETS "/absent");
    assert_string_equal(json_path_str(last, "query"), "api-version=2020-08-01");
    assert_int_equal(json_path_int(last, "status", 0), 404);
}

static void check_unknown(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_refused(&r, "GET", "/_devcloud/else", NULL, 404, "NotFound");
    rig_refused(&r, "DELETE", "/_devcloud/state", NULL, 404, "NotFound");
    rig_refused(&r, "PUT", "/_devcloud/faults", "{}", 400, "InvalidFaults");
    rig_refused(&r, "PUT", "/_devcloud/faults", "[1]", 400, "InvalidFaults");
    rig_refused(&r, "PUT", "/_devcloud/faults", "[{'status':500},{'inside':true,'delay_ms':1}]",
                400, "InvalidFaults");
}

static void check_fault(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_faults(&r, "[{'method':'get','host':'127.*','path':'*/virtualnetworks/*','times':2,"
                   "'status':429,'headers':{'Retry-After':'17'},"
                   "'body':{'error':{'code':'TooManyRequests','message':'m'}}}]");

    assert_int_equal(rig_call(&r, "DELETE", RIG_VNETS "/absent" RIG_VERSION, NULL, NULL), 204);
    assert_int_equal(rig_call(&r, "GET", RIG_NSGS RIG_VERSION, NULL, NULL), 200);
    rig_refused(&r, "GET", RIG_VNET RIG_VERSION, NULL, 429, "TooManyRequests");
    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, &reply), 429);
    assert_string_equal(http_headers_get(&reply.headers, "Retry-After"), "17");
    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 200);
}

static void check_other_faults(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_faults(&r, "[{'status':503,'body':'<html>busy</html>'},{'abort':true},{'delay_ms':1}]");

    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 503);
    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), -1);
    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 200);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(&r, "GET", "/_devcloud/requests", NULL, &reply);
    assert_int_equal(json_path_int(reply.body, "[1].status", 0), 503);
}

static void check_faults_left(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    rig_faults(&r, "[{'times':2,'status':503},{'skip':3,'status':500}]");
    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 503);
    assert_int_equal(rig_call(&r, "GET", "/_devcloud/faults", NULL, &reply), 200);

    assert_int_equal(json_path_int(reply.body, "[0].times", -1), 1);
    assert_int_equal(json_path_int(reply.body, "[1].skip", -1), 3);
}

static void check_faults_end(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_faults(&r, "[{'times':1000,'status':500}]");

    rig_faults(&r, "[]");

    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the state is read and patched", check_state),
        CASE("a patch is JSON, whatever its type says", check_any_type),
        CASE("a patch that would break the state is refused", check_broken_state),
        CASE("requests are recorded with their answers", check_requests),
        CASE("the control interface refuses what it does not have", check_unknown),
        CASE("a fault answers as often as it says, where it matches", check_fault),
        CASE("faults answer with text, cut connections and delay", check_other_faults),
        CASE("what is left of faults is told", check_faults_left),
        CASE("new faults replace the old ones", check_faults_end),
    };
    return RUN_CASES("control", tests);
}
