#include "test/unit/support/hack/devcloud/trees.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

json *loose_tree(const char *loose)
{
    if (!loose)
        return NULL;
    cleanup_free char *text = xstrdup(loose);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    json *tree = NULL;
    cleanup_error struct error *err = NULL;
    if (json_parse(text, strlen(text), &tree, &err) < 0)
        fail_msg("%s: %s", error_text(err), text);
    return tree;
}

void assert_tree(const json *got, const char *want_loose)
{
    cleanup_json json *want = loose_tree(want_loose);
    if (json_equal(got, want))
        return;
    cleanup_free char *a = json_give_sorted(got), *b = json_give_sorted(want);
    fail_msg("got  %s\nwant %s", a, b);
}
