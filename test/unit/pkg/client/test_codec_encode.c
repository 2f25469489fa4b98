#include "test/unit/pkg/client/codec_rig.h"

static void check_text(const struct thing *t, const char *want)
{
    cleanup_json json *tree = NULL, *wanted = rig_give_json(want);
    cleanup_error struct error *err = NULL;
    if (client_encode(&thing_type, V_K, t, &tree, &err) < 0)
        fail_msg("%s", error_text(err));
    cleanup_free char *text = json_give_text(tree), *wanted_text = json_give_text(wanted);
    assert_string_equal(text, wanted_text);
}

static void every_kind_is_written(void **state)
{
    (void)state;
    cleanup_secret struct secret *secret = secret_new("s", 1);
    const struct thing t = {
        .text = "a",
        .secret = secret,
        .number = ARO_INT(-7),
        .colour = GREEN,
        .inner = &(struct thing){ .text = "b" },
        .list = (const struct thing[]){ { .number = ARO_INT(1) }, { 0 } },
        .list_len = 2,
        .tags = (const struct aro_text_entry[]){ { "k", "v" } },
        .tags_len = 1,
        .map = (const struct thing_entry[]){ { "m", &(struct thing){ .text = "c" } } },
        .map_len = 1,
        .newer = "n",
    };
    check_text(&t, "{'text':'a','secret':'s','number':-7,'colour':'green','inner':{'text':'b'},"
                   "'list':[{'number':1},{}],'tags':{'k':'v'},'map':{'m':{'text':'c'}},"
                   "'newer':'n'}");
}

static void absent_null_and_empty_differ(void **state)
{
    (void)state;
    const struct thing absent = { 0 };
    const struct thing null = { .text = ARO_NULL,
                                .secret = ARO_NULL,
                                .inner = ARO_NULL,
                                .list = ARO_NULL,
                                .tags = ARO_NULL,
                                .map = ARO_NULL };
    const struct thing empty = { .text = "",
                                 .number = ARO_INT(0),
                                 .inner = &absent,
                                 .list = ARO_EMPTY,
                                 .tags = ARO_EMPTY,
                                 .map = ARO_EMPTY };
    check_text(&absent, "{}");
    check_text(&null, "{'text':null,'secret':null,'inner':null,'list':null,'tags':null,"
                      "'map':null}");
    check_text(&empty, "{'text':'','number':0,'inner':{},'list':[],'tags':{},'map':{}}");
}

static void requests_hold_nothing_that_is_read_only(void **state)
{
    (void)state;
    const struct thing inner = { .text = "a", .newer = "n" };
    const struct thing t = { .inner = &inner };
    cleanup_json json *newer = NULL, *older = NULL;
    cleanup_error struct error *err = NULL;
    json *none = NULL;

    assert_int_equal(client_encode_request(&thing_type, V_E, &t, &newer, NULL), 0);
    assert_int_equal(client_encode_request(&thing_type, V_D, &t, &older, NULL), 0);
    assert_int_equal(client_encode_request(&thing_type, V_B, &t, &none, &err), -1);

    assert_false(json_path_has(newer, "inner.newer"));
    assert_string_equal(json_path_str(newer, "inner.text"), "a");
    assert_string_equal(json_path_str(older, "inner.newer"), "n");
    assert_string_equal(error_get_target(err), "inner.newer");
}

struct bad_case {
    const char *name;
    struct thing thing;
    const char *want;
};
static const struct thing unknown_colour = { .colour = COLOUR_UNKNOWN };
static const struct thing with_newer = { .newer = "n" };
static const struct aro_text_entry half_entry[] = { { "a", "b" }, { "c", NULL } };
static const struct thing_entry deep_entry[] = { { "a.b", &with_newer } };
static struct bad_case cases[] = {
    { "a member that the version lacks",
      { .inner = &with_newer },
      "inner.newer: this API version has no such member" },
    { "null of a member that the version lacks",
      { .newer = ARO_NULL },
      "newer: this API version has no such member" },
    { "a value that the version lacks",
      { .colour = GREEN },
      "colour: 'green' is no Colour in this API version" },
    { "an unknown value",
      { .list = &unknown_colour, .list_len = 1 },
      "list[0].colour: 1 is no Colour that can be sent" },
    { "a value beyond the last",
      { .colour = GREEN + 1 },
      "colour: 4 is no Colour that can be sent" },
    { "empty of an object", { .inner = ARO_EMPTY }, "inner: cannot be ARO_EMPTY" },
    { "empty of a secret", { .secret = ARO_EMPTY }, "secret: cannot be ARO_EMPTY" },
    { "half an entry",
      { .tags = half_entry, .tags_len = 2 },
      "tags[1]: an entry has a key and a value" },
    { "deep in a map",
      { .map = deep_entry, .map_len = 1 },
      "map[\"a.b\"].newer: this API version has no such member" },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    cleanup_json json *tree = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(client_encode(&thing_type, V_B, &c->thing, &tree, &err), -1);

    assert_string_equal(error_text(err), c->want);
    assert_true(error_is(err, ERR_INVALID));
    assert_null(tree);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 3] = {
        CASE("every kind is written", every_kind_is_written),
        CASE("absent, null and empty differ", absent_null_and_empty_differ),
        CASE("requests hold nothing that is read-only", requests_hold_nothing_that_is_read_only),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 3] = (struct CMUnitTest)CASE_OF(cases[i].name, check_bad, &cases[i]);
    return RUN_CASES("codec_encode", tests);
}
