#include "operator/deploy/privileged.h"
#include "test/unit/support/test.h"

static void one_account_gets_what_the_model_allows(void **state)
{
    (void)state;
    cleanup_json json *model =
        json_make("{'kind':'SecurityContextConstraints','metadata':{'name':'privileged','uid':'1'},"
                  "'allowPrivilegedContainer':true,'groups':['system:masters'],'users':['a','b']}");

    cleanup_json json *copy = privileged_give_constraints(model, "ours", "place", "account");

    cleanup_json json *want =
        json_make("{'kind':'SecurityContextConstraints','metadata':{'name':'ours'},"
                  "'allowPrivilegedContainer':true,'groups':[],"
                  "'users':['system:serviceaccount:place:account']}");
    assert_true(json_equal(copy, want));
    assert_int_equal(json_len(json_get(model, "users")), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("one account gets what the model allows", one_account_gets_what_the_model_allows),
    };
    return RUN_CASES("privileged", tests);
}
