#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "test/unit/support/pkg/database/cosmos_rig.h"
#include "test/unit/support/test.h"

/* One database, eleven containers, eight triggers. */
#define REQUESTS 20

static char *give_made(struct cosmos_rig *r, const char *part)
{
    for (size_t i = 0; i < r->transport.requests.len; i++)
        if (strstr(r->transport.requests.v[i], part))
            return xstrdup(r->transport.requests.v[i]);
    fail_msg("no request has %s", part);
    return NULL;
}

static void check_all(void **state)
{
    (void)state;
    struct script_step steps[REQUESTS];
    for (size_t i = 0; i < REQUESTS; i++) /* half of it is there already */
        steps[i] = (struct script_step){ .status = i % 2 ? 201 : 409 };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, REQUESTS);

    assert_int_equal(store_cosmos_create_schema(&r.ctx, r.store, NULL), 0);

    cleanup_free char *database = give_made(&r, "{\"id\":\"ARO\"}");
    cleanup_free char *clusters = give_made(&r, "{\"id\":\"OpenShiftClusters\"");
    cleanup_free char *operations = give_made(&r, "{\"id\":\"AsyncOperations\"");
    cleanup_free char *workers = give_made(&r, "{\"id\":\"PoolWorkers\"");
    assert_non_null(strstr(database, "POST https://aro.documents.azure.com/dbs\n"));
    assert_non_null(strstr(clusters, "POST https://aro.documents.azure.com/dbs/ARO/colls\n"));
    assert_non_null(strstr(
        clusters, "{\"id\":\"OpenShiftClusters\",\"partitionKey\":{\"paths\":[\"/partitionKey"
                  "\"],\"kind\":\"Hash\"},\"uniqueKeyPolicy\":{\"uniqueKeys\":[{\"paths\":["
                  "\"/key\"]},{\"paths\":[\"/clusterResourceGroupIdKey\"]},{\"paths\":["
                  "\"/clientIdKey\"]}]}}"));
    assert_non_null(strstr(operations, "\"defaultTtl\":604800}"));
    assert_non_null(strstr(workers,
                           "\"paths\":[\"/workerType\"],\"kind\":\"Hash\"},\"defaultTtl\":-"
                           "1}"));
    cosmos_rig_finish(&r);
}

static void check_triggers(void **state)
{
    (void)state;
    struct script_step steps[REQUESTS];
    for (size_t i = 0; i < REQUESTS; i++)
        steps[i] = (struct script_step){ .status = 201 };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, REQUESTS);

    assert_int_equal(store_cosmos_create_schema(&r.ctx, r.store, NULL), 0);

    size_t n = 0;
    for (size_t i = 0; i < r.transport.requests.len; i++)
        n += strstr(r.transport.requests.v[i], "/triggers\n") != NULL;
    assert_int_equal(n, 8);
    cleanup_free char *later = give_made(&r, "{\"id\":\"retryLater\"");
    cleanup_free char *deletion = give_made(&r, "{\"id\":\"setDeletionBillingTimeStamp\"");
    assert_non_null(strstr(later, COSMOS_URL "Subscriptions/triggers\n"));
    assert_non_null(strstr(later, "\"triggerType\":\"Pre\",\"triggerOperation\":\"All\""));
    assert_non_null(strstr(later, "body.leaseExpires = now + 600;"));
    assert_non_null(strstr(deletion, COSMOS_URL "Billing/triggers\n"));
    assert_non_null(strstr(deletion, "\"triggerOperation\":\"Replace\""));
    cosmos_rig_finish(&r);
}

/* The sorted text of a request's body, with the container that its URL names in front. */
static char *give_fact(const char *request, const char *type)
{
    cleanup_free char *end = xasprintf("/%s\n", type);
    const char *at = strstr(request, end), *body = strstr(request, "\n\n");
    cleanup_json json *tree = NULL;
    assert_non_null(at);
    assert_int_equal(json_parse(body + 2, strlen(body + 2), &tree, NULL), 0);
    const char *begin = at;
    while (begin[-1] != '/')
        begin--;
    cleanup_free char *text = json_give_sorted(tree);
    return xasprintf("%.*s %s", (int)(at - begin), begin, text);
}

/* How many of the template's list are no request, or requests beyond the list. */
static size_t count_differences(const struct cosmos_rig *r, const char *type, const json *list,
                                const char *container)
{
    size_t made = 0, found = 0;
    cleanup_free char *end = xasprintf("/%s\n", type);
    for (size_t i = 0; i < r->transport.requests.len; i++) {
        if (!strstr(r->transport.requests.v[i], end))
            continue;
        cleanup_free char *fact = give_fact(r->transport.requests.v[i], type);
        made++;
        for (size_t j = 0; j < json_len(list); j++) {
            const json *entry = json_at(list, j);
            const char *name = json_path_str(entry, "container");
            cleanup_free char *text = json_give_sorted(json_get(entry, "resource"));
            cleanup_free char *want = xasprintf("%s %s", name ? name : container, text);
            found += str_eq(fact, want);
        }
    }
    return made + json_len(list) - 2 * found;
}

/* What deploy/rp.json deploys is what this driver would make. */
static void check_template(void **state)
{
    (void)state;
    struct script_step steps[REQUESTS];
    for (size_t i = 0; i < REQUESTS; i++)
        steps[i] = (struct script_step){ .status = 201 };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, REQUESTS);
    cleanup_free char *text = NULL;
    size_t len;
    cleanup_json json *template = NULL;
    assert_int_equal(file_read("deploy/rp.json", (size_t)1 << 20, &text, &len, NULL), 0);
    assert_int_equal(json_parse(text, len, &template, NULL), 0);

    assert_int_equal(store_cosmos_create_schema(&r.ctx, r.store, NULL), 0);

    const json *containers = json_path(template, "variables.containers");
    const json *triggers = json_path(template, "variables.triggers");
    assert_int_equal(json_len(containers), COLLECTIONS);
    assert_int_equal(count_differences(&r, "colls", containers, "ARO"), 0);
    assert_int_equal(count_differences(&r, "triggers", triggers, NULL), 0);
    cosmos_rig_finish(&r);
}

static void check_other_leases(void **state)
{
    (void)state;
    static const struct store_leases leases = { 3, 30 };
    struct script_step steps[REQUESTS];
    for (size_t i = 0; i < REQUESTS; i++)
        steps[i] = (struct script_step){ .status = 201 };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, REQUESTS);
    store_set_leases(r.store, &leases);

    assert_int_equal(store_cosmos_create_schema(&r.ctx, r.store, NULL), 0);

    cleanup_free char *renew = give_made(&r, "{\"id\":\"renewLease\"");
    cleanup_free char *later = give_made(&r, "{\"id\":\"retryLater\"");
    assert_non_null(strstr(renew, "body.leaseExpires = now + 3;"));
    assert_non_null(strstr(later, "body.leaseExpires = now + 30;"));
    cosmos_rig_finish(&r);
}

static void check_refused(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .status = 201 }, { .status = 403, .reply = "{\"code\":\"Forbidden\"}" }
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_error struct error *err = NULL;

    assert_int_equal(store_cosmos_create_schema(&r.ctx, r.store, &err), -1);

    assert_string_equal(error_text(err),
                        "making colls 'OpenShiftClusters': Cosmos DB answered 403 Forbidden");
    cosmos_rig_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("database and containers are made, unless they are there", check_all),
        CASE("each container gets its triggers", check_triggers),
        CASE("the template deploys the same containers and triggers", check_template),
        CASE("triggers give leases the length that was set", check_other_leases),
        CASE("what is refused is named", check_refused),
    };
    return RUN_CASES("cosmos_schema", tests);
}
