#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

#define LIST "/subscriptions/" FRONT_SUB FRONT_TYPE
#define GROUP_LIST FRONT_GROUP FRONT_TYPE

static void add(struct clusters *c, const char *group, int i)
{
    cleanup_free char *target = xasprintf("/subscriptions/%s/resourceGroups/%s%s/c%02d%s",
                                          FRONT_SUB, group, FRONT_TYPE, i, V_2020);
    cleanup_free char *client = xasprintf("00000000-0000-0000-0000-%012d", i);
    cleanup_free char *managed = xasprintf("%s%d", MANAGED_GROUP, i);
    cleanup_free char *body = clusters_give_body(client, managed);
    cleanup_free char *answer = front_give_answer(&c->front, "PUT", target, body);
    assert_memory_equal(answer, "201", 3);
}

/* The path and query of a URL. */
static const char *target_of(const char *url)
{
    return strchr(strstr(url, "://") + 3, '/');
}

static json *give_page(struct clusters *c, const char *target)
{
    cleanup_free char *answer = front_give_answer(&c->front, "GET", target, NULL);
    assert_memory_equal(answer, "200", 3);
    json *page = NULL;
    assert_int_equal(json_parse(answer + 4, strlen(answer + 4), &page, NULL), 0);
    assert_null(strstr(answer, "verysecret"));
    return page;
}

static void an_empty_list_is_a_list(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *answer = front_give_answer(&c.front, "GET", LIST V_2020, NULL);

    assert_string_equal(answer, "200 {\n    \"value\": []\n}\n");
    clusters_release(&c);
}

static void comes_in_pages_of_ten(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    for (int i = 0; i < 23; i++)
        add(&c, "Group", i);
    add(&c, "GroupB", 23);

    cleanup_strv struct strv ids = STRV_INIT;
    size_t sizes[4] = { 0 }, pages = 0;
    cleanup_free char *target = xstrdup(GROUP_LIST V_2020 "&$top=3");
    while (target) {
        cleanup_json json *page = give_page(&c, target);
        const json *items = json_get(page, "value");
        assert_true(pages < ARRAY_LEN(sizes));
        sizes[pages++] = json_len(items);
        for (size_t i = 0; i < json_len(items); i++)
            strv_add_unique(&ids, json_path_str(json_at(items, i), "id"));
        const char *next = json_path_str(page, "nextLink");
        free(target);
        target = next ? xstrdup(target_of(next)) : NULL;
        if (next)
            assert_true(str_starts(next, "http://rp.test/subscriptions/"));
    }

    assert_int_equal(ids.len, 23);
    assert_int_equal(sizes[0], 10);
    assert_int_equal(sizes[1], 10);
    assert_int_equal(sizes[2], 3);
    cleanup_json json *first = give_page(&c, LIST V_2020);
    assert_int_equal(json_len(json_get(first, "value")), 10);
    clusters_release(&c);
}

static void builds_the_link_from_the_outer_url(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    for (int i = 0; i < 11; i++)
        add(&c, "Group", i);

    cleanup_free char *reply =
        front_give_reply(&c.front, "GET", LIST V_2020,
                         "Referer: https://arm/Outer?api-version=2020-04-30\r\n", NULL);

    assert_non_null(
        strstr(reply, "\"nextLink\": \"https://arm/Outer?api-version=2020-04-30&$skipToken="));
    clusters_release(&c);
}

static void refuses_forged_tokens(void **state)
{
    static const char *const tokens[] = { "moon", "AAAA", "oKGio6SlpqeoqaqrrK2urw%3D%3D" };
    (void)state;
    struct clusters c;
    clusters_init(&c);
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        cleanup_free char *target = xasprintf("%s%s&$skipToken=%s", LIST, V_2020, tokens[i]);

        cleanup_free char *got = front_give_error(&c.front, "GET", target, NULL);

        assert_string_equal(
            got, "400 InvalidParameter: The provided $skipToken is invalid. @$skipToken");
    }
    clusters_release(&c);
}

static void refuses_the_token_of_another_list(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    for (int i = 0; i < 11; i++)
        add(&c, "Group", i);
    cleanup_json json *page = give_page(&c, LIST V_2020);
    const char *token = strstr(json_path_str(page, "nextLink"), "$skipToken=");
    cleanup_free char *target = xasprintf("%s%s&%s", GROUP_LIST, V_2020, token);

    cleanup_free char *got = front_give_error(&c.front, "GET", target, NULL);

    assert_string_equal(got,
                        "400 InvalidParameter: The provided $skipToken is invalid. @$skipToken");
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an empty list is a list", an_empty_list_is_a_list),
        CASE("comes in pages of ten, whatever is asked for", comes_in_pages_of_ten),
        CASE("builds the link from the outer URL", builds_the_link_from_the_outer_url),
        CASE("refuses forged tokens", refuses_forged_tokens),
        CASE("refuses the token of another list", refuses_the_token_of_another_list),
    };
    return RUN_CASES("lists of clusters", tests);
}
