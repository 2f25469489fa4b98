#include "pkg/client/codec.h"
#include "test/unit/pkg/client/codec_rig.h"

static void errors_name_the_place(void **state)
{
    (void)state;
    const struct client_path top = { .name = "properties" };
    const struct client_path list = { .parent = &top, .name = "list" };
    const struct client_path item = { .parent = &list, .index = 3 };
    const struct client_path entry = { .parent = &item, .key = "a.b" };
    const struct client_path leaf = { .parent = &entry, .name = "x" };
    cleanup_error struct error *err = NULL;

    assert_int_equal(client_fail_at(&leaf, &err, "is %d", 5), -1);

    assert_string_equal(error_text(err), "properties.list[3][\"a.b\"].x: is 5");
    assert_string_equal(error_get_target(err), "properties.list[3][\"a.b\"].x");
    assert_true(error_is(err, ERR_INVALID));
    client_fail_at(NULL, &err, "all of it");
    assert_string_equal(error_text(err), "all of it");
    assert_null(error_get_target(err));
}

static void values_have_texts(void **state)
{
    (void)state;
    assert_null(client_enum_text(&colour_enum, COLOUR_ABSENT));
    assert_null(client_enum_text(&colour_enum, COLOUR_UNKNOWN));
    assert_string_equal(client_enum_text(&colour_enum, RED), "red");
    assert_string_equal(client_enum_text(&colour_enum, GREEN), "green");
    assert_null(client_enum_text(&colour_enum, GREEN + 1));
    assert_null(client_enum_text(&colour_enum, -1));
}

struct version_case {
    const char *name, *version, *want;
};
static struct version_case cases[] = {
    { "an old version", "2019-12-31-preview", "2019-12-31-preview" },
    { "none is the newest", NULL, "2025-07-25" },
    { "admin is none", "admin", NULL },
    { "an unknown one is none", "2000-01-01", NULL },
};

static void check_version(void **state)
{
    const struct version_case *c = *state;
    const struct api_version *v = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(client_version_find(c->version, &v, &err), c->want ? 0 : -1);

    assert_string_equal(v ? v->name : "", c->want ? c->want : "");
    assert_true(c->want || error_is(err, ERR_INVALID));
}

static void text_there_and_back(void **state)
{
    (void)state;
    static const char text[] = "{\"text\":\"t\",\"secret\":\"s\",\"newer\":\"n\"}";
    void *thing = NULL;
    cleanup_secret_text char *again = NULL, *old = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(client_decode_text(&thing_type, NULL, text, strlen(text), &thing, NULL), 0);
    assert_int_equal(client_encode_text(&thing_type, NULL, thing, &again, NULL), 0);
    assert_string_equal(again, text);

    assert_int_equal(client_encode_text(&thing_type, "2020-04-30", thing, &old, &err), -1);
    assert_string_equal(error_text(err), "newer: this API version has no such member");
    error_clear(&err);
    assert_int_equal(client_decode_text(&thing_type, NULL, "{", 1, &thing, &err), -1);
    assert_int_equal(client_decode_text(&thing_type, "moon", text, strlen(text), &thing, &err), -1);
    client_free(thing);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 3] = {
        CASE("errors name the place", errors_name_the_place),
        CASE("values have texts", values_have_texts),
        CASE("text there and back", text_there_and_back),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 3] = (struct CMUnitTest)CASE_OF(cases[i].name, check_version, &cases[i]);
    return RUN_CASES("codec", tests);
}
