#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/step_docs.h"
#include "rp/cluster/tables.h"
#include "test/unit/support/test.h"

/* Names of all steps of all tables, some of them several times. */
static void list_steps(struct strv *ret)
{
    const struct cluster_table *tables[] = {
        &install_tables[LAYOUT_V1][0],
        &install_tables[LAYOUT_V1][1],
        &install_tables[LAYOUT_V2][0],
        &install_tables[LAYOUT_V2][1],
        &update_table,
        &delete_table,
        &admin_update_tables[ADMIN_EVERYTHING],
        &admin_update_tables[ADMIN_OPERATOR],
        &admin_update_tables[ADMIN_CERTIFICATES],
        &admin_update_tables[ADMIN_SYNC],
        &admin_update_tables[ADMIN_BALANCER],
    };
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        for (size_t j = 0; j < tables[i]->len; j++)
            strv_add(ret, tables[i]->v[j].step.name);
}

static void every_step_says_what_it_does(void **state)
{
    (void)state;
    cleanup_strv struct strv steps = STRV_INIT;
    list_steps(&steps);

    for (size_t i = 0; i < steps.len; i++)
        if (!step_doc_find(steps.v[i]))
            fail_msg("%s: step_docs.c has no text for it", steps.v[i]);
}

static void no_text_is_for_a_step_that_is_gone(void **state)
{
    (void)state;
    cleanup_strv struct strv steps = STRV_INIT;
    list_steps(&steps);

    for (size_t i = 0; i < step_docs_len; i++)
        if (!strv_has(&steps, step_docs[i].name))
            fail_msg("%s: no table has that step", step_docs[i].name);
}

static void texts_are_sentences_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < step_docs_len; i++) {
        if (i > 0 && strcmp(step_docs[i - 1].name, step_docs[i].name) >= 0)
            fail_msg("%s: not behind %s", step_docs[i].name, step_docs[i - 1].name);
        if (!str_ends(step_docs[i].doc, "."))
            fail_msg("%s: no full stop", step_docs[i].name);
    }
}

static void a_step_that_nobody_knows_has_none(void **state)
{
    (void)state;
    assert_null(step_doc_find("makeCoffee"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every step says what it does", every_step_says_what_it_does),
        CASE("no text is for a step that is gone", no_text_is_for_a_step_that_is_gone),
        CASE("texts are sentences in the order of names", texts_are_sentences_in_order),
        CASE("a step that nobody knows has none", a_step_that_nobody_knows_has_none),
    };
    return RUN_CASES("step_docs", tests);
}
