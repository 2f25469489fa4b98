#include "hack/devcloud/controllers/behaviour.h"
#include "test/unit/support/test.h"

struct key_case {
    const char *name, *key, *nspace, *of;
};
static struct key_case cases[] = {
    { "a namespaced object's key has two parts", "n/a", "n", "a" },
    { "a key of cluster scope is the name", "a", NULL, "a" },
};

static void check(void **state)
{
    const struct key_case *c = *state;
    cleanup_free char *nspace = NULL;
    cleanup_free char *name = NULL;

    behaviour_split_key(c->key, &nspace, &name);

    if (c->nspace)
        assert_string_equal(nspace, c->nspace);
    else
        assert_null(nspace);
    assert_string_equal(name, c->of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_OF(cases[0].name, check, &cases[0]),
        CASE_OF(cases[1].name, check, &cases[1]),
    };
    return RUN_CASES("behaviour", tests);
}
