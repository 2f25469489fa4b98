#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/patch_operation.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

/* member NULL: it may work; "": the operation itself is wrong. */
static const struct operation_case {
    const char *operation, *member;
} cases[] = {
    { "{'op':'add','path':'/a','value':null}", NULL },
    { "{'op':'replace','path':'','value':{}}", NULL },
    { "{'op':'remove','path':'/'}", NULL },
    { "{'op':'test','path':'','value':1}", NULL },
    { "{'op':'copy','from':'','path':'/a'}", NULL },
    { "{'op':'move','from':'/a','path':'/ab','more':1}", NULL },
    { "'add'", "" },
    { "null", "" },
    { "{'path':'/a','value':1}", "op" },
    { "{'op':'frob','path':'/a','value':1}", "op" },
    { "{'op':'Add','path':'/a','value':1}", "op" },
    { "{'op':1,'path':'/a','value':1}", "op" },
    { "{'op':'remove'}", "path" },
    { "{'op':'remove','path':null}", "path" },
    { "{'op':'remove','path':'a'}", "path" },
    { "{'op':'copy','path':'/a'}", "from" },
    { "{'op':'move','from':'a','path':'/a'}", "from" },
    { "{'op':'add','path':'/a'}", "value" },
    { "{'op':'replace','path':'/a','from':'/b'}", "value" },
    { "{'op':'test','path':'/a'}", "value" },
    { "{'op':'move','from':'/a','path':'/a/b'}", "path" },
    { "{'op':'move','from':'','path':'/a'}", "path" },
};

static void tells_what_can_never_be_done(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_json json *operation = sets_rig_parse(cases[i].operation);
        const char *member = NULL, *flaw = patch_operation_flaw(operation, &member);
        if ((flaw != NULL) != (cases[i].member != NULL) || !str_eq(member, cases[i].member))
            fail_msg("%s: %s %s", cases[i].operation, member ? member : "", flaw ? flaw : "taken");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("tells what can never be done", tells_what_can_never_be_done),
    };
    return RUN_CASES("patch_operation", tests);
}
