#include <string.h>

#include "rp/syncsets/types/types.h"
#include "test/unit/support/test.h"

static void check_shape_rows(const struct api_shape *shape)
{
    for (size_t i = 0; i < shape->len; i++) {
        const struct api_field *f = &shape->fields[i];
        json *dflt = NULL;
        if (!f->doc || !*f->doc)
            fail_msg("%s.%s has no description", shape->name, f->name);
        if (f->dflt && json_parse(f->dflt, strlen(f->dflt), &dflt, NULL) < 0)
            fail_msg("%s.%s has a malformed default", shape->name, f->name);
        json_free(dflt);
        assert_ptr_equal(api_shape_find(shape, f->name), f); /* no name twice */
        if (f->type == API_OBJECT || f->of == API_OBJECT)
            check_shape_rows(f->shape);
    }
}

static void every_field_is_described(void **state)
{
    (void)state;
    check_shape_rows(&api_metadata);
    for (size_t i = 0; i < API_TYPES; i++) {
        check_shape_rows(api_types[i].spec);
        if (api_types[i].status)
            check_shape_rows(api_types[i].status);
        assert_int_equal(api_types[i].id, i);
        assert_ptr_equal(api_type_find(api_types[i].plural), &api_types[i]);
    }
    assert_null(api_type_find("pods"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { CASE("every field is described",
                                             every_field_is_described) };
    return RUN_CASES("tables", tests);
}
