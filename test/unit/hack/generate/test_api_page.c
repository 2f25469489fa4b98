#include <string.h>

#include "hack/generate/api_page.h"
#include "pkg/base/cleanup.h"
#include "test/unit/support/test.h"

struct line_case {
    const char *name, *line;
};
static struct line_case cases[] = {
    { "versions have letters", "\n| C | `2021-09-01-preview` |\n" },
    { "admin stands last", "\n| admin | `admin`, for support engineers |\n" },
    { "a field that may not change, needed at a create",
      "\n| `location` | I\\* | I\\* | I\\* | I\\* | I\\* | I\\* | I\\* | I\\* | I\\* | I\\* | I\\* "
      "| "
      "I | The resource location. |\n" },
    { "a field of some versions",
      "\n| `properties.networkProfile.softwareDefinedNetwork` | | | I\\* | | | | | | | | | I | " },
    { "a field that became read-only",
      "\n| `properties.consoleProfile.url` | I | I | I | I | I | I | I | I | R | R | R | I | " },
    { "the count that one version may change",
      "\n| `properties.workerProfiles[].count` | M\\* | I\\* | I\\* | I\\* |" },
    { "what is in a read-only list is read-only",
      "\n| `properties.workerProfilesStatus[].name` | | | | | | | | R | R | R | R | R |" },
    { "a field of a map",
      "\n| `properties.platformWorkloadIdentityProfile.platformWorkloadIdentities{}.resourceId` "
      "|" },
    { "values are listed", "One of: `Private`, `Public`. |\n" },
    { "secrets are marked", "The pull secret for the cluster. Secret: never in a reply. |\n" },
};

static void check_line(void **state)
{
    const struct line_case *c = *state;
    cleanup_free char *page = api_page_give("a note");

    if (!strstr(page, c->line))
        fail_msg("not there: %s", c->line);
}

static void the_note_says_where_it_is_from(void **state)
{
    (void)state;
    cleanup_free char *page = api_page_give("a note");

    assert_non_null(strstr(page, "# Fields of a cluster\n\n<!-- a note -->\n"));
    assert_null(strstr(page, "properties.clusterProfile` |"));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1] = {
        CASE("the note says where the page is from", the_note_says_where_it_is_from),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[1 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_line, &cases[i]);
    return RUN_CASES("api_page", tests);
}
