#include "test/unit/pkg/api/api_rig.h"

struct shown_case {
    const char *name, *internal, *want;
    bool running;
};
#define HEAD "'id':'/o','name':'n','startTime':'2024-01-02T03:04:05Z'"
static struct shown_case shown_cases[] = {
    { "one that runs shows its first status and no end",
      "{" HEAD ",'initialStatus':'Creating','status':'Failed','endTime':'t',"
      "'error':{'code':'C'}}",
      "{" HEAD ",'status':'Creating'}", true },
    { "one that succeeded shows its end",
      "{" HEAD ",'initialStatus':'Creating','status':'Succeeded','endTime':'t'}",
      "{" HEAD ",'status':'Succeeded','endTime':'t'}", false },
    { "one that failed shows why",
      "{" HEAD ",'status':'Failed','endTime':'t','error':{'code':'C','message':'m','target':'',"
      "'details':[{'code':'D'}],'secret':'s'}}",
      "{" HEAD ",'status':'Failed','endTime':'t','error':{'code':'C','message':'m',"
      "'details':[{'code':'D'}]}}",
      false },
    { "unknown members are not shown", "{" HEAD ",'status':'Deleting','x':1}",
      "{" HEAD ",'status':'Deleting'}", false },
};

static void check_shown(void **state)
{
    const struct shown_case *c = *state;
    cleanup_json json *internal = rig_give_json(c->internal);

    cleanup_json json *ext = api_async_operation_to_external(internal, c->running);

    rig_assert_json(ext, c->want);
}

static void paths_are_lower_case(void **state)
{
    (void)state;
    cleanup_free char *path =
        api_async_operation_give_path("SUB", "EastUS", "operationsstatus", "id-1");

    assert_string_equal(path, "/subscriptions/SUB/providers/microsoft.redhatopenshift/locations/"
                              "eastus/operationsstatus/id-1");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(shown_cases) + 1] = {
        CASE("namespace and location of paths are lower case", paths_are_lower_case),
    };
    for (size_t i = 0; i < ARRAY_LEN(shown_cases); i++)
        tests[1 + i] =
            (struct CMUnitTest)CASE_OF(shown_cases[i].name, check_shown, &shown_cases[i]);
    return RUN_CASES("asyncoperation", tests);
}
