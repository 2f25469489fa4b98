#include <string.h>

#include "hack/generate/routes_page.h"
#include "pkg/base/cleanup.h"
#include "test/unit/support/test.h"

struct line_case {
    const char *name, *line;
};
static struct line_case cases[] = {
    { "the note stands on top", "\n<!-- a note -->\n" },
    { "a route with versions",
      "\n| GET | `/subscriptions/{sub}/providers/{ns}/{type}` | yes | Clusters of the "
      "subscription, in pages of 10. |\n" },
    { "a route without", "\n| GET | `/healthz` |  | 200 while the process lives. |\n" },
    { "a route of administrators",
      "\n| GET | `/admin/billingdocuments/{id}` |  | The bill of one cluster, by the id of its "
      "document. |\n" },
};

static void check_line(void **state)
{
    const struct line_case *c = *state;
    cleanup_free char *page = routes_page_give("a note");

    if (!strstr(page, c->line))
        fail_msg("not there: %s", c->line);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_line, &cases[i]);
    return RUN_CASES("routes_page", tests);
}
