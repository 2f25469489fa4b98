#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/types/shipped.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

/* want: field and message of the only cause; NULL: there is none. */
static const struct metadata_case {
    const char *resource, *want;
} metadata[] = {
    { "{}", NULL },
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

static void metadata_has_strings_by_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(metadata); i++) {
        cleanup_json json *resource = sets_rig_parse(metadata[i].resource);
        cleanup_causes struct api_causes causes;
        api_causes_init(&causes);
        shipped_check_metadata(resource, "r", &causes);
        expect(&causes, metadata[i].resource, metadata[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("metadata has strings by strings", metadata_has_strings_by_strings),
    };
    return RUN_CASES("shipped", tests);
}
