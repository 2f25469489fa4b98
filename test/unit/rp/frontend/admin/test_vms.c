#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/rp/frontend/admin/azure_rig.h"
#include "test/unit/support/test.h"

#define VM \
    "/subscriptions/" FRONT_SUB \
    "/resourcegroups/managed/providers/Microsoft.Compute/virtualMachines/master-0"
#define ASKED(action) "POST " VM "/" action "?api-version=2020-06-01\n"
#define ASKED_FIRST "GET " VM "?api-version=2020-06-01\n"
#define DISK(settings) "{\"properties\":{\"storageProfile\":{\"osDisk\":{" settings "}}}}"

struct vm_case {
    const char *name, *target;
    struct script_step steps[2];
    size_t len;
    const char *want; /* a refusal, or NULL */
    const char *asked;
};
static struct vm_case cases[] = {
    { "is started", "/startvm?vmName=master-0", { { 0 } }, 1, NULL, ASKED("start") },
    { "is stopped", "/stopvm?vmName=master-0", { { 0 } }, 1, NULL, ASKED("powerOff") },
    { "is stopped and keeps its host",
      "/stopvm?vmName=master-0&deallocateVM=false",
      { { 0 } },
      1,
      NULL,
      ASKED("powerOff") },
    { "gives its host back",
      "/stopvm?vmName=master-0&deallocateVM=True",
      { { 0 } },
      1,
      NULL,
      ASKED("deallocate") },
    { "is moved to another host",
      "/redeployvm?vmName=master-0",
      { { .reply = DISK("") }, { 0 } },
      2,
      NULL,
      ASKED_FIRST ASKED("redeploy") },
    { "is not moved away from its disk",
      "/redeployvm?vmName=master-0",
      { { .reply = DISK("\"diffDiskSettings\":{\"option\":\"Local\"}") } },
      1,
      "403 Forbidden: Redeploying a virtual machine with an ephemeral OS disk is forbidden.",
      ASKED_FIRST },
    { "has to be there",
      "/redeployvm?vmName=master-0",
      { { .status = 404,
          .reply =
              "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"no such machine\"}}" } },
      1,
      "404 ResourceNotFound: ",
      ASKED_FIRST },
    { "is not waited for all day",
      "/startvm?vmName=master-0",
      { { .status = 202,
          .headers = "Azure-AsyncOperation: https://management.azure.com/o\nRetry-After: 7200" } },
      1,
      "504 InternalServerError: Azure has not finished in time: ",
      ASKED("start") },
    { "is one of the cluster's",
      "/startvm?vmName=..%2f..%2fx",
      { { 0 } },
      0,
      "400 InvalidParameter: The provided vmName '../../x' is invalid. @vmName",
      "" },
    { "is left alone by a word that is none",
      "/stopvm?vmName=master-0&deallocateVM=maybe",
      { { 0 } },
      0,
      "400 InvalidParameter: The provided deallocateVM 'maybe' is invalid. @deallocateVM",
      "" },
};

static void check(void **state)
{
    const struct vm_case *v = *state;
    struct azure_rig r;
    azure_rig_init(&r, v->steps, v->len);
    cleanup_free char *target = xasprintf(ADMIN_CLUSTER "%s", v->target);

    if (v->want) {
        cleanup_free char *got = admin_rig_error(&r.c, "POST", target, NULL);
        assert_memory_equal(got, v->want, strlen(v->want));
    } else {
        assert_null(admin_rig_ask(&r.c, "POST", target, NULL, 200));
    }

    azure_rig_asked(&r, v->asked);
    azure_rig_release(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("a virtual machine", tests);
}
