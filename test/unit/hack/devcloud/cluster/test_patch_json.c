#include "hack/devcloud/cluster/patch_json.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

struct patch_case {
    const char *name, *doc, *patch;
    const char *want;   /* NULL: refused */
    enum err_kind kind; /* of the refusal */
    bool lenient;
};

#define REFUSED NULL, ERR_UNPROCESSABLE, false

/* Many from RFC 6902, appendix A. */
static struct patch_case cases[] = {
    { "adds a member", "{'a':1}", "[{'op':'add','path':'/b','value':2}]", "{'a':1,'b':2}", 0,
      false },
    { "adds into a list", "{'l':[1,3]}", "[{'op':'add','path':'/l/1','value':2}]", "{'l':[1,2,3]}",
      0, false },
    { "adds to the end of a list", "{'l':[1]}", "[{'op':'add','path':'/l/-','value':2}]",
      "{'l':[1,2]}", 0, false },
    { "add replaces what is there", "{'a':1}", "[{'op':'add','path':'/a','value':[2]}]",
      "{'a':[2]}", 0, false },
    { "removes a member", "{'a':1,'b':2}", "[{'op':'remove','path':'/a'}]", "{'b':2}", 0, false },
    { "removes an item", "{'l':[1,2,3]}", "[{'op':'remove','path':'/l/1'}]", "{'l':[1,3]}", 0,
      false },
    { "replaces a value", "{'a':{'b':1}}", "[{'op':'replace','path':'/a/b','value':null}]",
      "{'a':{'b':null}}", 0, false },
    { "moves", "{'a':{'b':1},'c':{}}", "[{'op':'move','from':'/a/b','path':'/c/d'}]",
      "{'a':{},'c':{'d':1}}", 0, false },
    { "copies", "{'a':[1]}", "[{'op':'copy','from':'/a/0','path':'/b'}]", "{'a':[1],'b':1}", 0,
      false },
    { "tests equal numbers", "{'a':1}", "[{'op':'test','path':'/a','value':1.0}]", "{'a':1}", 0,
      false },
    { "an absent value equals null", "{}", "[{'op':'test','path':'/a','value':null}]", "{}", 0,
      false },
    { "pointers have escapes", "{'a/b':1,'c~d':2}",
      "[{'op':'replace','path':'/a~1b','value':3},{'op':'remove','path':'/c~0d'}]", "{'a/b':3}", 0,
      false },
    { "keys may be empty", "{'':1}", "[{'op':'replace','path':'/','value':2}]", "{'':2}", 0,
      false },
    { "lenient servers add by replacing", "{'a':{}}", "[{'op':'replace','path':'/a/b','value':1}]",
      "{'a':{'b':1}}", 0, true },
    { "a failed test refuses all", "{'a':1}",
      "[{'op':'remove','path':'/a'},{'op':'test','path':'/b','value':1}]", REFUSED },
    { "what is absent cannot be removed", "{}", "[{'op':'remove','path':'/a'}]", REFUSED },
    { "what is absent cannot be replaced", "{}", "[{'op':'replace','path':'/a','value':1}]",
      REFUSED },
    { "nothing is added below what is absent", "{}", "[{'op':'add','path':'/a/b','value':1}]",
      REFUSED },
    { "an index must lie in the list", "{'l':[]}", "[{'op':'add','path':'/l/1','value':1}]",
      REFUSED },
    { "an index has no sign", "{'l':[1]}", "[{'op':'remove','path':'/l/-1'}]", REFUSED },
    { "a pointer begins with a slash", "{}", "[{'op':'add','path':'a','value':1}]", REFUSED },
    { "the whole document cannot go", "{}", "[{'op':'remove','path':''}]", REFUSED },
    { "unknown operations are refused", "{}", "[{'op':'foo','path':'/a'}]", REFUSED },
    { "operations have names", "{}", "[{'path':'/a'}]", REFUSED },
    { "a patch is a list", "{}", "{}", NULL, ERR_INVALID, false },
};

static void check(void **state)
{
    const struct patch_case *c = *state;
    cleanup_json json *doc = loose_tree(c->doc), *patch = loose_tree(c->patch), *got = NULL;
    cleanup_error struct error *err = NULL;

    int rc = patch_json_give(doc, patch, c->lenient, &got, &err);

    if (!c->want) {
        assert_int_equal(rc, -1);
        assert_int_equal(error_kind(err), c->kind);
    } else {
        assert_int_equal(rc, 0);
        assert_tree(got, c->want);
    }
    assert_tree(doc, c->doc);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("patch_json", tests);
}
