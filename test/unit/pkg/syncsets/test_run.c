#include <string.h>

#include "pkg/syncsets/client_impl.h"
#include "test/unit/support/test.h"

static const struct syncsets_operation list_op = { "listThing",
                                                   "GET",
                                                   "things",
                                                   NULL,
                                                   { "labelSelector", "fieldSelector", "limit",
                                                     "continue", "watch", "resourceVersion",
                                                     "allowWatchBookmarks", "timeoutSeconds" } };
static const struct syncsets_operation patch_op = {
    "patchThing", "PATCH", "things", NULL, { "If-Match" }
};
static const struct syncsets_operation delete_op = {
    "deleteThing", "DELETE", "things", "now", { "uid", "orphan", "cleanup", "If-Match" }
};

static char *give_query(const struct syncsets_call *call)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < SYNCSETS_PARAMS_MAX && call->query[i].name; i++)
        buf_addf(&b, "%s=%s ", call->query[i].name, call->query[i].value);
    return buf_give(&b);
}

static void options_are_what_the_server_calls_them(void **state)
{
    (void)state;
    const struct syncsets_subject subject = { "ns", "n", NULL };
    const struct syncsets_options lists = {
        .label_selector = "a=b", .field_selector = "c=d", .limit = 7, .continue_token = "t"
    };
    const struct syncsets_options watches = { .resource_version = "9",
                                              .bookmarks = true,
                                              .timeout_s = 60 };
    const struct syncsets_options deletes = {
        .uid = "u", .orphan = true, .cleanup = true, .if_match = "3"
    };
    const struct {
        const struct syncsets_operation *op;
        const struct syncsets_options *opt;
        bool watches;
        const char *want;
    } cases[] = {
        { &list_op, NULL, false, "" },
        { &list_op, &lists, false, "labelSelector=a=b fieldSelector=c=d limit=7 continue=t " },
        { &list_op, &watches, true,
          "watch=true resourceVersion=9 allowWatchBookmarks=true timeoutSeconds=60 " },
        { &delete_op, &deletes, false, "uid=u orphan=true cleanup=sync " },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct syncsets_numbers numbers;
        struct syncsets_call call;
        assert_int_equal(syncsets_prepare(cases[i].op, &subject, cases[i].opt, cases[i].watches,
                                          &numbers, &call, NULL),
                         0);
        cleanup_free char *query = give_query(&call);
        assert_string_equal(query, cases[i].want);
        assert_string_equal(call.nspace, "ns");
        assert_string_equal(call.name, "n");
    }
}

static void what_an_operation_does_not_know_is_refused(void **state)
{
    (void)state;
    const struct syncsets_subject subject = { "ns", "n", NULL };
    const struct syncsets_options options[] = {
        { .upsert = true }, { .label_selector = "a" }, { .idempotency_key = "k" }, { .uid = "u" }
    };
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        struct syncsets_numbers numbers;
        struct syncsets_call call;
        cleanup_error struct error *err = NULL;
        assert_int_equal(
            syncsets_prepare(&patch_op, &subject, &options[i], false, &numbers, &call, &err), -1);
        assert_non_null(strstr(error_text(err), "patchThing takes no "));
    }
}

static void a_patch_is_what_its_body_is(void **state)
{
    (void)state;
    cleanup_json json *merge = json_new_object(), *list = json_new_array();
    const json *bodies[] = { merge, list };
    static const char *const want[] = { "application/merge-patch+json",
                                        "application/json-patch+json" };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        const struct syncsets_subject subject = { "ns", "n", bodies[i] };
        struct syncsets_numbers numbers;
        struct syncsets_call call;
        assert_int_equal(syncsets_prepare(&patch_op, &subject, NULL, false, &numbers, &call, NULL),
                         0);
        assert_string_equal(call.media_type, want[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("options are what the server calls them", options_are_what_the_server_calls_them),
        CASE("what an operation does not know is refused",
             what_an_operation_does_not_know_is_refused),
        CASE("a patch is what its body is", a_patch_is_what_its_body_is),
    };
    return RUN_CASES("run", tests);
}
