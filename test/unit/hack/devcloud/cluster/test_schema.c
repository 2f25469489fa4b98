#include "hack/devcloud/cluster/schema.h"
#include "test/unit/support/test.h"

static struct schema *give_object(struct schemas *set)
{
    struct schema *object = schemas_add(set, SCHEMA_OBJECT);
    object->fields = schemas_alloc(set, 2 * sizeof(*object->fields));
    object->fields_len = 2;
    object->fields[0] = (struct schema_field){ .name = schemas_text(set, "zone"),
                                               .schema = schemas_add(set, SCHEMA_STRING) };
    object->fields[1] =
        (struct schema_field){ .name = "count", .schema = schemas_add(set, SCHEMA_INT) };
    schema_sort_fields(object);
    return object;
}

static void finds_fields(void **state)
{
    (void)state;
    cleanup_schemas struct schemas *set = schemas_new();
    struct schema *object = give_object(set);

    assert_int_equal(schema_field(object, "zone")->schema->type, SCHEMA_STRING);
    assert_int_equal(schema_field(object, "count")->schema->type, SCHEMA_INT);
    assert_null(schema_field(object, "other"));
    assert_null(schema_field(NULL, "zone"));
}

static void unknown_keys(void **state)
{
    (void)state;
    cleanup_schemas struct schemas *set = schemas_new();
    struct schema *object = give_object(set);

    assert_null(schema_at_key(object, "other"));
    object->preserve = true;
    assert_ptr_equal(schema_at_key(object, "other"), schema_any());
    object->values = object->fields[0].schema;
    assert_ptr_equal(schema_at_key(object, "other"), object->values);
    assert_ptr_equal(schema_at_key(NULL, "other"), schema_any());
}

static void tells_maps(void **state)
{
    (void)state;
    cleanup_schemas struct schemas *set = schemas_new();
    struct schema *map = schemas_add(set, SCHEMA_OBJECT);
    assert_false(schema_is_map(map));
    map->values = schema_any();
    assert_true(schema_is_map(map));
    assert_false(schema_is_map(give_object(set)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("finds fields in whatever order they were given", finds_fields),
        CASE("an unknown key is nothing, anything, or a map's value", unknown_keys),
        CASE("tells maps from objects with fields", tells_maps),
    };
    return RUN_CASES("schema", tests);
}
