#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/billing.h"
#include "test/unit/support/rp/frontend/admin/admin_rig.h"
#include "test/unit/support/test.h"

#define TARGET "/admin/billingdocuments"

static void add(struct clusters *c, int i)
{
    cleanup_free char *id = xasprintf("id-%02d", i);
    json *tree =
        json_make("{'id':%s,'key':'/k','clusterResourceGroupIDKey':'/g','infraId':'i','new':1,"
                  "'billing':{'creationTime':1000,'location':'eastus','tenantID':'t'}}",
                  id);
    assert_int_equal(billing_create(&c->ctx, c->db, tree, NULL, NULL), 0);
}

static void one_is_shown(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    add(&c, 7);

    cleanup_json json *bill = admin_rig_ask(&c, "GET", TARGET "/ID-07", NULL, 200);

    admin_rig_is(bill, "{'id':'id-07','key':'/k','clusterResourceGroupIDKey':'/g','infraId':'i',"
                       "'billing':{'creationTime':1000,'location':'eastus','tenantID':'t'}}");
    clusters_release(&c);
}

static void all_come_in_pages(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    for (int i = 0; i < 12; i++)
        add(&c, i);

    cleanup_json json *first = admin_rig_ask(&c, "GET", TARGET, NULL, 200);
    const char *link = json_path_str(first, "nextLink");
    assert_non_null(link);
    assert_null(strstr(link, "id-"));
    cleanup_json json *second = admin_rig_ask(&c, "GET", strstr(link, "/admin/"), NULL, 200);

    assert_int_equal(json_len(json_get(first, "value")), 10);
    assert_int_equal(json_len(json_get(second, "value")), 2);
    assert_false(json_has(second, "nextLink"));
    clusters_release(&c);
}

static void others_are_not_there(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);

    admin_rig_refused(&c, "GET", TARGET "/moon", NULL,
                      "404 NotFound: The billing document 'moon' was not found.");
    admin_rig_refused(&c, "GET", TARGET "/a%3fb", NULL,
                      "404 NotFound: The billing document 'a?b' was not found.");
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("one is shown", one_is_shown),
        CASE("all come in pages", all_come_in_pages),
        CASE("others are not there", others_are_not_there),
    };
    return RUN_CASES("bills", tests);
}
