#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/types/shipped.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

/* want: field and message of the only cause; NULL: there is none. */
static const struct resource_case {
    const char *resource, *want;
} resources[] = {
    { "{}", NULL },
    { "{'kind':'List'}",
      "r.kind: 'List' is a list of objects: ship each of its items as a resource" },
    { "{'kind':'ConfigMapList','items':[]}",
      "r.kind: 'ConfigMapList' is a list of objects: ship each of its items as a resource" },
    { "{'kind':'AllowList','spec':{}}", NULL },
    { "{'metadata':null}", NULL },
    { "{'metadata':{'labels':null,'annotations':null}}", NULL },
    { "{'metadata':{'labels':{'a':''},'annotations':{}}}", NULL },
    { "{'metadata':'x'}", "r.metadata: must be an object, not string" },
    { "{'metadata':[]}", "r.metadata: must be an object, not array" },
    { "{'metadata':{'labels':[1]}}", "r.metadata.labels: must be an object of strings, not array" },
    { "{'metadata':{'labels':{'a':null}}}", "r.metadata.labels[a]: must be a string, not null" },
    { "{'metadata':{'annotations':'x'}}",
      "r.metadata.annotations: must be an object of strings, not string" },
    { "{'metadata':{'annotations':{'a':'1','b':true}}}",
      "r.metadata.annotations[b]: must be a string, not boolean" },
};

static void expect(const struct api_causes *causes, const char *input, const char *want)
{
    cleanup_free char *found = NULL;
    for (size_t i = 0; i < json_len(causes->list); i++) {
        const json *cause = json_at(causes->list, i);
        cleanup_free char *before = take(found);
        found = xasprintf("%s%s%s: %s", before ? before : "", before ? ", " : "",
                          json_path_str(cause, "field"), json_path_str(cause, "message"));
    }
    if ((found != NULL) != (want != NULL) || (want && strcmp(found, want) != 0))
        fail_msg("%s: %s", input, found ? found : "taken");
}

static void resources_can_be_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(resources); i++) {
        cleanup_json json *resource = sets_rig_parse(resources[i].resource);
        cleanup_causes struct api_causes causes;
        api_causes_init(&causes);
        shipped_check_resource(resource, "r", false, &causes);
        expect(&causes, resources[i].resource, resources[i].want);
    }
}

static void each_operation_is_looked_at(void **state)
{
    (void)state;
    cleanup_json json *patch = sets_rig_parse(
        "[{'op':'remove','path':'/a'},1,{'op':'add','path':'/a'},{'op':'test','path':'a'}]");
    cleanup_causes struct api_causes causes;
    api_causes_init(&causes);
    shipped_check_operations(patch, "p", &causes);
    expect(&causes, "the patch",
           "p[1]: must be an object, p[2].value: is required, "
           "p[3].path: must be a string that is empty or begins with '/'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("resources can be kept", resources_can_be_kept),
        CASE("each operation is looked at", each_operation_is_looked_at),
    };
    return RUN_CASES("shipped", tests);
}
