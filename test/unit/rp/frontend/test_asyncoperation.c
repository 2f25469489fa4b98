#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/asyncoperations.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

#define OTHER_SUB "00000000-0000-0000-0000-00000000000b"

static char *give_target(struct clusters *c, const char *sub, const char *kind)
{
    cleanup_json json *document = clusters_give_document(c);
    return xasprintf(
        "/subscriptions/%s/providers/Microsoft.RedHatOpenShift/locations/eastus/%s/%s%s", sub, kind,
        json_path_str(document, "asyncOperationId"), V_2020);
}

struct ending {
    const json *cluster; /* NULL: none */
    const char *status;
    const char *code; /* of its error; NULL: none */
};

static int end_record(json *tree, void *arg, struct error **err)
{
    const struct ending *e = arg;
    if (e->cluster)
        asyncoperations_put_snapshot(tree, e->cluster);
    if (e->code)
        json_put(json_get(tree, "asyncOperation"), "error",
                 json_make("{'code':%s,'message':'No.','target':'x'}", e->code));
    if (json_set_str(tree, "asyncOperation.endTime", "2024-01-01T00:00:00Z", err) < 0)
        return -1;
    return json_set_str(tree, "asyncOperation.status", e->status, err);
}

static void end_operation(struct clusters *c, const char *target, const struct ending *e)
{
    cleanup_free char *id = xstrndup(strrchr(target, '/') + 1, 36);
    assert_int_equal(
        asyncoperations_patch(&c->ctx, c->db, id, end_record, (void *)(uintptr_t)e, NULL, NULL), 0);
}

static void tells_the_status_while_it_runs(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    cleanup_free char *status = give_target(&c, FRONT_SUB, "operationsStatus");
    cleanup_free char *result = give_target(&c, FRONT_SUB, "operationResults");

    cleanup_free char *status_reply = front_give_reply(&c.front, "GET", status, NULL, NULL);
    cleanup_free char *result_reply =
        front_give_reply(&c.front, "GET", result, "Referer: https://arm/r?x\r\n", NULL);

    assert_memory_equal(status_reply + 9, "200", 3);
    assert_non_null(strstr(status_reply, "\"status\": \"Creating\""));
    assert_non_null(strstr(status_reply, "\"id\": \"/subscriptions/" FRONT_SUB
                                         "/providers/microsoft.redhatopenshift/locations/eastus/"
                                         "operationsstatus/"));
    assert_null(strstr(status_reply, "initialStatus"));
    assert_non_null(strstr(status_reply, "\r\nRetry-After: 10\r\n"));
    assert_memory_equal(result_reply + 9, "202", 3);
    assert_non_null(strstr(result_reply, "\r\nLocation: https://arm/r?x\r\n"));
    clusters_release(&c);
}

/* Nobody ends it any more: the cluster is at something else. */
static void tells_of_a_lost_end(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    cleanup_free char *status = give_target(&c, FRONT_SUB, "operationsstatus");
    cleanup_free char *result = give_target(&c, FRONT_SUB, "operationresults");
    clusters_finish(&c, "Succeeded", NULL);

    cleanup_free char *status_reply = front_give_reply(&c.front, "GET", status, NULL, NULL);
    cleanup_free char *result_reply = front_give_error(&c.front, "GET", result, NULL);

    assert_non_null(strstr(status_reply, "\"status\": \"Failed\""));
    assert_non_null(strstr(status_reply, "\"code\": \"InternalServerError\""));
    assert_null(strstr(status_reply, "Retry-After"));
    assert_string_equal(result_reply, "500 InternalServerError: Internal server error.");
    clusters_release(&c);
}

/* The end is told before the cluster is free: nobody may see the end of what has not ended. */
static void tells_no_end_before_the_cluster_does(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    cleanup_free char *target = give_target(&c, FRONT_SUB, "operationsstatus");
    const struct ending e = { .status = "Succeeded" };

    end_operation(&c, target, &e);
    cleanup_free char *before = front_give_answer(&c.front, "GET", target, NULL);
    clusters_finish(&c, "Succeeded", NULL);
    cleanup_free char *after = front_give_reply(&c.front, "GET", target, NULL, NULL);

    assert_non_null(strstr(before, "\"status\": \"Creating\""));
    assert_null(strstr(before, "endTime"));
    assert_non_null(strstr(after, "\"status\": \"Succeeded\""));
    assert_non_null(strstr(after, "\"endTime\": \"2024-01-01T00:00:00Z\""));
    assert_null(strstr(after, "Retry-After"));
    clusters_release(&c);
}

static void gives_the_cluster_as_it_was(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    cleanup_free char *target = give_target(&c, FRONT_SUB, "operationresults");
    cleanup_json json *document = clusters_give_document(&c);
    const struct ending e = { .cluster = json_get(document, "openShiftCluster"),
                              .status = "Succeeded" };

    end_operation(&c, target, &e);
    clusters_finish(&c, "Succeeded", NULL);
    cleanup_free char *got = front_give_answer(&c.front, "GET", target, NULL);

    assert_memory_equal(got, "200", 3);
    assert_non_null(strstr(got, "\"id\": \"" FRONT_CLUSTER "\""));
    assert_null(strstr(got, "clientSecret"));
    assert_null(strstr(got, "pullSecret"));
    clusters_release(&c);
}

static void has_nothing_to_give_after_a_deletion(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    cleanup_free char *target = give_target(&c, FRONT_SUB, "operationresults");
    const struct ending e = { .status = "Succeeded" };

    end_operation(&c, target, &e);
    clusters_finish(&c, "Succeeded", NULL);
    cleanup_free char *got = front_give_answer(&c.front, "GET", target, NULL);

    assert_string_equal(got, "204 ");
    clusters_release(&c);
}

static const struct {
    const char *code, *want;
} failures[] = {
    { "ResourceQuotaExceeded", "400 ResourceQuotaExceeded: No. @x" },
    { NULL, "500 InternalServerError: Internal server error." },
};

static void gives_the_error_of_a_failure_without_a_cluster(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        struct clusters c;
        clusters_init(&c);
        clusters_create(&c);
        cleanup_free char *target = give_target(&c, FRONT_SUB, "operationresults");
        const struct ending e = { .status = "Failed", .code = failures[i].code };

        end_operation(&c, target, &e);
        clusters_finish(&c, "Succeeded", NULL);
        cleanup_free char *got = front_give_error(&c.front, "GET", target, NULL);

        assert_string_equal(got, failures[i].want);
        clusters_release(&c);
    }
}

static void is_nobody_elses(void **state)
{
    static const char *const kinds[] = { "operationsstatus", "operationresults" };
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        cleanup_free char *foreign = give_target(&c, OTHER_SUB, kinds[i]);
        cleanup_free char *unknown = xasprintf(
            "/subscriptions/%s/providers/Microsoft.RedHatOpenShift/locations/eastus/%s/%s%s",
            FRONT_SUB, kinds[i], OTHER_SUB, V_2020);

        cleanup_free char *got = front_give_error(&c.front, "GET", foreign, NULL);
        cleanup_free char *none = front_give_error(&c.front, "GET", unknown, NULL);

        assert_string_equal(got, "404 NotFound: The entity was not found.");
        assert_string_equal(none, "404 NotFound: The entity was not found.");
    }
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("tells the status while it runs", tells_the_status_while_it_runs),
        CASE("tells no end before the cluster does", tells_no_end_before_the_cluster_does),
        CASE("tells of an end that was lost", tells_of_a_lost_end),
        CASE("gives the cluster as it was, without secrets", gives_the_cluster_as_it_was),
        CASE("has nothing to give after a deletion", has_nothing_to_give_after_a_deletion),
        CASE("gives the error of a failure without a cluster",
             gives_the_error_of_a_failure_without_a_cluster),
        CASE("is nobody else's", is_nobody_elses),
    };
    return RUN_CASES("asynchronous operations", tests);
}
