/* template_rig.h - values of templates, evaluated and compared as JSON text; single quotes stand for double quotes outside of texts
 * that have double quotes. */
#ifndef TEST_UNIT_HACK_DEVCLOUD_AZURE_TEMPLATE_RIG_H
#define TEST_UNIT_HACK_DEVCLOUD_AZURE_TEMPLATE_RIG_H

#include <string.h>

#include "hack/devcloud/azure/template_plan.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

static inline json *template_rig_json(const char *quoted)
{
    cleanup_free char *text = xstrdup(quoted);
    bool inside = false; /* a text in double quotes keeps its single ones */
    for (char *p = text; *p; p++) {
        inside = *p == '"' ? !inside : inside;
        if (*p == '\'' && !inside)
            *p = '"';
    }
    json *tree = NULL;
    cleanup_error struct error *err = NULL;
    if (json_parse(text, strlen(text), &tree, &err) < 0)
        fail_msg("%s: %s", quoted, error_text(err));
    return tree;
}

/* The expression without brackets, its quotes as they are; want NULL: it must be refused. */
static inline void assert_expression(const struct template_scope *s, const char *expression,
                                     const char *want)
{
    cleanup_free char *text = xasprintf("[%s]", expression);
    cleanup_json json *value = json_new_str(text), *result = NULL;
    cleanup_error struct error *err = NULL;
    int rcode = template_evaluate(s, value, &result, &err);
    if (rcode < 0 && want)
        fail_msg("%s: %s", expression, error_text(err));
    if (rcode == 0 && !want)
        fail_msg("%s was not refused", expression);
    cleanup_json json *expected = want ? template_rig_json(want) : NULL;
    cleanup_free char *found = json_give_text(result), *wanted = json_give_text(expected);
    if (want && !json_equal(result, expected))
        fail_msg("%s: %s, not %s", expression, found, wanted);
}

struct expression_case {
    const char *expression, *want;
};
static inline void assert_expressions(const struct template_scope *s,
                                      const struct expression_case *rows, size_t len)
{
    for (size_t i = 0; i < len; i++)
        assert_expression(s, rows[i].expression, rows[i].want);
}

#endif
