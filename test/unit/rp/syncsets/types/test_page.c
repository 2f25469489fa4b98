#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/types/page.h"
#include "rp/syncsets/types/swagger.h"
#include "test/unit/support/test.h"

static void every_operation_and_object_is_there(void **state)
{
    (void)state;
    cleanup_free char *page = sets_page_give();
    cleanup_json json *tree = sets_swagger_give_tree(true);
    for (struct json_iter p = json_each(json_get(tree, "paths")); json_next(&p);)
        for (struct json_iter m = json_each(p.value); json_next(&m);) {
            cleanup_free char *mark =
                xasprintf("<details id=\"%s\">", json_path_str(m.value, "operationId"));
            if (!strstr(page, mark))
                fail_msg("%s", mark);
        }
    for (struct json_iter s = json_each(json_path(tree, "components.schemas")); json_next(&s);) {
        cleanup_free char *mark = xasprintf("<h3 id=\"%s\">", s.key);
        if (!strstr(page, mark))
            fail_msg("%s", mark);
    }
}

/* Links within the page lead somewhere. */
static void links_lead_somewhere(void **state)
{
    (void)state;
    cleanup_free char *page = sets_page_give();
    for (const char *p = page; (p = strstr(p, "href=\"#")) != NULL; p++) {
        const char *name = p + strlen("href=\"#");
        cleanup_free char *mark = xasprintf("id=\"%.*s\"", (int)strcspn(name, "\""), name);
        if (!strstr(page, mark))
            fail_msg("%s", mark);
    }
}

static void nothing_comes_from_elsewhere(void **state)
{
    (void)state;
    cleanup_free char *page = sets_page_give();
    static const char *const foreign[] = { "<script", "http://", "https://", "src=", "url(" };
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
        if (strstr(page, foreign[i]))
            fail_msg("%s", foreign[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every operation and object is there", every_operation_and_object_is_there),
        CASE("links lead somewhere", links_lead_somewhere),
        CASE("nothing comes from elsewhere", nothing_comes_from_elsewhere),
    };
    return RUN_CASES("page", tests);
}
