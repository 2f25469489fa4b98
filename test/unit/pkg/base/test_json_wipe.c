#include <string.h>

#include "pkg/base/json.h"
#include "test/unit/support/test.h"

/* A text that somebody else still owns shows that it was zeroed. */
static void check_zeroed(const char *at)
{
    json *text = json_new_str("hunter2");
    json *tree = json_make("{'list':[{'a':{}},null,7],'short':'x'}");
    (void)json_path_put(tree, at, json_ref(text), NULL);
    cleanup_json json *owner = text;

    json_free_wiped(tree);

    assert_int_equal(json_str_len(owner), 7);
    assert_memory_equal(json_str(owner), "\0\0\0\0\0\0\0", 7);
}

static void texts_are_zeroed_wherever_they_are(void **state)
{
    (void)state;
    check_zeroed("secret");
    check_zeroed("short");
    check_zeroed("list[0].a.secret");
    check_zeroed("list[2]");
}

static void long_texts_are_zeroed(void **state)
{
    (void)state;
    char word[5000];
    memset(word, 's', sizeof(word));
    cleanup_json json *owner = json_new_str_n(word, sizeof(word));
    json *tree = json_new_array();
    json_append(tree, json_ref(owner));

    json_free_wiped(tree);

    for (size_t i = 0; i < sizeof(word); i++)
        assert_int_equal(json_str(owner)[i], 0);
}

static void anything_can_be_freed(void **state)
{
    (void)state;
    cleanup_json_wiped json *number = json_new_int(7);
    cleanup_json_wiped json *nothing = NULL;

    json_free_wiped(json_new_str(""));
    json_free_wiped(NULL);
    assert_non_null(number);
    assert_null(nothing);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("texts are zeroed wherever they are", texts_are_zeroed_wherever_they_are),
        CASE("long texts are zeroed", long_texts_are_zeroed),
        CASE("anything can be freed", anything_can_be_freed),
    };
    return RUN_CASES("json_wipe", tests);
}
