#include "test/unit/pkg/client/codec_rig.h"

static struct thing *give_thing(const char *text, uint32_t version)
{
    cleanup_json json *tree = rig_give_json(text);
    cleanup_error struct error *err = NULL;
    void *thing = NULL;
    if (client_decode(&thing_type, version, tree, &thing, &err) < 0)
        fail_msg("%s", error_text(err));
    return thing;
}

static void every_kind_is_read(void **state)
{
    (void)state;
    struct thing *t = give_thing(
        "{'text':'a','secret':'s','number':-7,'colour':'green','inner':{'text':'b'},"
        "'list':[{'number':1},{'number':2.0}],'tags':{'k':'v','l':''},'map':{'m':{'text':'c'}},"
        "'newer':'n'}",
        V_K);

    assert_string_equal(t->text, "a");
    assert_string_equal(secret_reveal(t->secret, NULL), "s");
    assert_true(t->number.is_set);
    assert_int_equal(t->number.value, -7);
    assert_int_equal(t->colour, GREEN);
    assert_string_equal(t->inner->text, "b");
    assert_int_equal(t->list_len, 2);
    assert_int_equal(t->list[0].number.value, 1);
    assert_int_equal(t->list[1].number.value, 2);
    assert_int_equal(t->tags_len, 2);
    assert_string_equal(t->tags[0].key, "k");
    assert_string_equal(t->tags[0].value, "v");
    assert_string_equal(t->tags[1].value, "");
    assert_int_equal(t->map_len, 1);
    assert_string_equal(t->map[0].key, "m");
    assert_string_equal(t->map[0].value->text, "c");
    assert_string_equal(t->newer, "n");
    client_free(t);
}

static void absent_and_empty_differ(void **state)
{
    (void)state;
    static const struct thing zero;
    struct thing *absent = give_thing("{'text':null,'inner':null,'moon':[1]}", V_K);
    struct thing *empty =
        give_thing("{'text':'','number':0,'inner':{},'list':[],'tags':{},'map':{}}", V_K);

    assert_memory_equal(absent, &zero, sizeof(zero));
    assert_string_equal(empty->text, "");
    assert_true(empty->number.is_set);
    assert_memory_equal(empty->inner, &zero, sizeof(zero));
    assert_non_null(empty->list);
    assert_non_null(empty->tags);
    assert_non_null(empty->map);
    assert_int_equal(empty->list_len + empty->tags_len + empty->map_len, 0);
    client_free(absent);
    client_free(empty);
}

/* A server that is newer may say more. */
static void what_nobody_knows_is_no_error(void **state)
{
    (void)state;
    struct thing *t = give_thing("{'colour':'blue','newer':7,'other':{'a':1}}", V_B);

    assert_int_equal(t->colour, COLOUR_UNKNOWN);
    assert_null(t->newer);
    client_free(t);
}

struct bad_case {
    const char *name, *text, *want;
};
static struct bad_case cases[] = {
    { "a number for a text", "{'text':7}", "text: is of type integer, not string" },
    { "a text for a number", "{'number':'7'}", "number: is of type string, not integer" },
    { "a fraction", "{'number':7.5}", "number: 7.5 is no integer of 64 bits" },
    { "a number that is too large", "{'inner':{'number':99999999999999999999}}",
      "inner.number: 99999999999999999999 is no integer of 64 bits" },
    { "a list for an object", "{'inner':{'inner':[]}}",
      "inner.inner: is of type array, not object" },
    { "a text in a list", "{'list':[{},'a']}", "list[1]: is of type string, not object" },
    { "deep in a list", "{'list':[{},{'inner':{'colour':1}}]}",
      "list[1].inner.colour: is of type integer, not string" },
    { "null in a list", "{'list':[null]}", "list[0]: is of type null, not object" },
    { "an object for a list", "{'list':{}}", "list: is of type object, not array" },
    { "an object in a map of texts", "{'tags':{'a':'b','c.d':{}}}",
      "tags[\"c.d\"]: is of type object, not string" },
    { "a text in a map of objects", "{'map':{'a':'b'}}",
      "map[\"a\"]: is of type string, not object" },
    { "a secret that is none", "{'secret':{}}", "secret: is of type object, not string" },
    { "a zero byte", "{'text':'a\\u0000b'}", "text: holds a zero byte" },
    { "no object", "[]", "is of type array, not object" },
    { "nothing", "null", "is of type null, not object" },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    cleanup_json json *tree = rig_give_json(c->text);
    cleanup_error struct error *err = NULL;
    void *thing = NULL;

    assert_int_equal(client_decode(&thing_type, V_K, tree, &thing, &err), -1);

    assert_string_equal(error_text(err), c->want);
    assert_true(error_is(err, ERR_INVALID));
    assert_null(thing);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 3] = {
        CASE("every kind is read", every_kind_is_read),
        CASE("absent and empty differ", absent_and_empty_differ),
        CASE("what nobody knows is no error", what_nobody_knows_is_no_error),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 3] = (struct CMUnitTest)CASE_OF(cases[i].name, check_bad, &cases[i]);
    return RUN_CASES("codec_decode", tests);
}
