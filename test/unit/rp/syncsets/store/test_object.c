#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static void a_row_becomes_the_object_it_was(void **state)
{
    (void)state;
    const struct sets_row row = { .uid = (char[]){ "u" },
                                  .nspace = (char[]){ "n" },
                                  .name = (char[]){ "a" },
                                  .generation = 3,
                                  .resource_version = 9,
                                  .created_s = 60,
                                  .labels = (char[]){ "{\"x\":\"y\"}" },
                                  .data = (char[]){ "{\"apiVersion\":\"v\",\"annotations\":{\"b\":"
                                                    "\"c\"},\"spec\":{\"installed\":true}}" } };
    cleanup_json json *o = NULL;
    assert_int_equal(sets_row_give_object(&api_types[TYPE_CLUSTERS], &row, &o, NULL), 0);
    assert_string_equal(json_path_str(o, "metadata.resourceVersion"), "9");
    assert_string_equal(json_path_str(o, "metadata.creationTimestamp"), "1970-01-01T00:01:00Z");
    assert_string_equal(json_path_str(o, "metadata.annotations.b"), "c");
    assert_false(json_path_has(o, "metadata.deletionTimestamp"));
    cleanup_free char *data = sets_give_data(o);
    assert_string_equal(data, row.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a row becomes the object it was", a_row_becomes_the_object_it_was),
    };
    return RUN_CASES("object", tests);
}
