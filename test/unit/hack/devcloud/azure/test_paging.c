#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

/* Follows the links from path; the number of pages, *ret_entries of all. */
static size_t read_pages(struct rig *r, const char *path, size_t *ret_entries)
{
    cleanup_free char *next = xstrdup(path);
    size_t pages = 0;
    *ret_entries = 0;
    while (next) {
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(rig_call(r, "GET", next, NULL, &reply), 200);
        pages++;
        *ret_entries += json_len(json_get(reply.body, "value"));
        const char *link = json_path_str(reply.body, "nextLink");
        const char *host = link ? strstr(link, r->host) : NULL;
        assert_true(!link || (host && host == link + strlen("https://")));
        free(next);
        next = link ? xstrdup(host + strlen(r->host)) : NULL;
    }
    return pages;
}

static void check_pages(void **state)
{
    (void)state;
    static const struct {
        const char *patch;
        size_t pages;
    } rows[] = {
        { "{'page_size':0}", 1 }, { "{'page_size':1}", 3 }, { "{'page_size':2}", 2 },
        { "{'page_size':3}", 1 }, { "{'page_size':9}", 1 }, { "{'page_size':null}", 1 },
    };
    cleanup_rig struct rig r;
    rig_open(&r);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t entries;
        rig_patch(&r, rows[i].patch);
        assert_int_equal(read_pages(&r, RIG_CLUSTER_NSGS RIG_VERSION, &entries), rows[i].pages);
        assert_int_equal(entries, 3);
    }
}

static void check_empty(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    size_t entries;
    rig_patch(&r, "{'page_size':1}");

    assert_int_equal(read_pages(&r,
                                RIG_SUBSCRIPTION "/resourceGroups/aro-cluster/providers/"
                                                 "Microsoft.Network/virtualNetworks" RIG_VERSION,
                                &entries),
                     1);

    assert_int_equal(entries, 0);
}

static void check_query(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    size_t entries;
    rig_patch(&r, "{'page_size':1}");

    assert_int_equal(read_pages(&r,
                                RIG_SUBSCRIPTION "/resources" RIG_VERSION
                                                 "&$filter=resourceGroup+eq+'net-rg'",
                                &entries),
                     2);

    assert_int_equal(entries, 2);
}

static void check_bad_token(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const char *const tokens[] = { "x", "-1", "4", "999999999999999999999" };
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        cleanup_free char *path =
            xasprintf(RIG_CLUSTER_NSGS RIG_VERSION "&$skiptoken=%s", tokens[i]);
        rig_refused(&r, "GET", path, NULL, 400, "InvalidSkipToken");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("links lead through all pages of a list", check_pages),
        CASE("an empty list is one page without a link", check_empty),
        CASE("links keep the filter", check_query),
        CASE("a token of no page is refused", check_bad_token),
    };
    return RUN_CASES("paging", tests);
}
