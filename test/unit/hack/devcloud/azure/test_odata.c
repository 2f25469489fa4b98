#include "hack/devcloud/azure/odata.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define LIST RIG_SUBSCRIPTION "/resourcegroups" RIG_VERSION "&$filter="

static void check_readable(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const struct {
        const char *filter;
        size_t want; /* of the groups net-rg, aro-cluster, rp and dns */
    } rows[] = {
        { "", 4 },
        { "name%20eq%20'net-rg'", 1 },
        { "name+eq+'NET-RG'", 1 },
        { "name+eq+'it''s'", 0 },
        { "startswith(name,'net')", 1 },
        { "startswith(name,%20'rg')", 0 },
        { "substringof('cluster',name)", 1 },
        { "location+eq+'eastus'+and+startswith(name,'a')", 1 },
        { "properties/provisioningState+eq+'Succeeded'", 4 },
        { "provisioningState+eq+'Succeeded'", 4 },
        { "atScope()", 4 },
        { "names/any(c:c+eq+'x')", 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *path = xasprintf(LIST "%s", rows[i].filter);
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(rig_call(&r, "GET", path, NULL, &reply), 200);
        assert_int_equal(json_len(json_get(reply.body, "value")), rows[i].want);
    }
}

static void check_unreadable(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const char *const filters[] = {
        "name",
        "name+eq",
        "name+ne+'x'",
        "name+eq+'x",
        "+eq+'x'",
        "startswith(name)",
        "substringof(name,'x')",
        "name+eq+'x'+or+name+eq+'y'",
        "a/any(c:d+eq+'x')",
    };
    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        cleanup_free char *path = xasprintf(LIST "%s", filters[i]);
        rig_refused(&r, "GET", path, NULL, 400, "InvalidFilterInQueryString");
    }
}

static void check_judging(void **state)
{
    (void)state;
    struct odata_clause clauses[] = {
        { ODATA_ANY, xstrdup("names"), xstrdup("B") },
        { ODATA_CALL, xstrdup("assignedTo"), xstrdup("me") },
    };
    const struct odata filter = { clauses, ARRAY_LEN(clauses) };
    cleanup_json json *yes = json_make("{'names':['a','b']}"), *no = json_make("{'names':['a']}");

    assert_true(odata_matches(&filter, yes));
    assert_false(odata_matches(&filter, no));
    assert_string_equal(odata_value(&filter, "ASSIGNEDTO"), "me");
    assert_null(odata_value(&filter, "principalId"));
    for (size_t i = 0; i < ARRAY_LEN(clauses); i++) {
        free(clauses[i].field);
        free(clauses[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("filters of official clients are understood", check_readable),
        CASE("others are refused", check_unreadable),
        CASE("lists and calls are judged", check_judging),
    };
    return RUN_CASES("odata", tests);
}
