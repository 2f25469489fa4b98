#include <string.h>

#include "hack/generate/lifecycle_page.h"
#include "pkg/base/mem.h"
#include "rp/cluster/tables.h"
#include "test/unit/support/test.h"

struct line_case {
    const char *name;
    char *(*give)(const char *note);
    const char *line;
};
static struct line_case cases[] = {
    { "the note stands on top", lifecycle_page_give_creation, "\n<!-- a note -->\n" },
    { "a step that runs once, for all", lifecycle_page_give_creation,
      "\n| 1 | `startInstallation` | once | all | Notes that the installation has begun" },
    { "a step that runs again, for some", lifecycle_page_give_update,
      "| `clusterIdentityIDs` | again while it may heal | with workload identities | " },
    { "a step that waits", lifecycle_page_give_creation,
      "| `bootstrapConfigMapReady` | waits 60 min | all | " },
    { "a step for which two things hold", lifecycle_page_give_deletion,
      "| `deleteCertificates` | once | for which something was made, where the service has key "
      "vaults "
      "| " },
    { "a task of administrators", lifecycle_page_give_admin_update,
      "\n## `SyncClusterObject`\n\n| | step |" },
};

static void check_line(void **state)
{
    const struct line_case *c = *state;
    cleanup_free char *page = c->give("a note");

    if (!strstr(page, c->line))
        fail_msg("not there: %s", c->line);
}

static void every_bit_that_a_row_has_has_words(void **state)
{
    (void)state;
    const struct cluster_table *tables[] = {
        &install_tables[LAYOUT_V1][0],
        &install_tables[LAYOUT_V1][1],
        &install_tables[LAYOUT_V2][0],
        &install_tables[LAYOUT_V2][1],
        &update_table,
        &admin_update_tables[ADMIN_EVERYTHING],
        &delete_table,
    };
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        for (size_t j = 0; j < tables[i]->len; j++)
            for (unsigned bit = 1; bit; bit <<= 1U)
                if ((tables[i]->v[j].when & bit) && !lifecycle_page_when(bit))
                    fail_msg("%s: its bit %u has no words", tables[i]->v[j].step.name, bit);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_line, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("every bit that a row has has words",
                                                      every_bit_that_a_row_has_has_words);
    return RUN_CASES("lifecycle_page", tests);
}
