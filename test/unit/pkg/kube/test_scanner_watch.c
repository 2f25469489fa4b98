#include <string.h>

#include "pkg/kube/scanner.h"
#include "test/unit/support/test.h"

#define OBJECT "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\"}}"

static struct event_case {
    const char *name, *text;
    int want; /* enum watch_type, or -1 */
    const char *object_name, *raw;
} cases[] = {
    { "reads an addition", "{\"type\":\"ADDED\",\"object\":" OBJECT "}\n", WATCH_ADDED, "a", NULL },
    { "reads a modification", "{\"type\":\"MODIFIED\",\"object\":" OBJECT "}", WATCH_MODIFIED, "a",
      NULL },
    { "reads a deletion", "{\"type\":\"DELETED\",\"object\":" OBJECT "}", WATCH_DELETED, "a",
      NULL },
    { "reads the object before the type", "{\"object\":" OBJECT ",\"x\":[1],\"type\":\"ADDED\"}",
      WATCH_ADDED, "a", NULL },
    { "reads a bookmark without a name",
      "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"}}}",
      WATCH_BOOKMARK, "", NULL },
    { "hands over the Status of an error", "{\"type\":\"ERROR\",\"object\":{\"code\":410}}",
      WATCH_ERROR, NULL, "{\"code\":410}" },
    { "does not read objects of unknown types", "{\"type\":\"NEW\",\"object\":[1]}", WATCH_UNKNOWN,
      NULL, "[1]" },
    { "refuses an event without type", "{\"object\":" OBJECT "}", -1, NULL, NULL },
    { "refuses an event without object", "{\"type\":\"ADDED\"}", -1, NULL, NULL },
    { "refuses a type that is null", "{\"type\":null,\"object\":{}}", -1, NULL, NULL },
    { "refuses an addition of null", "{\"type\":\"ADDED\",\"object\":null}", -1, NULL, NULL },
    { "refuses an array", "[]", -1, NULL, NULL },
    { "refuses a word", "hello", -1, NULL, NULL },
    { "refuses text that ends early", "{\"type\":\"ADDED\",\"object\":{\"metadata\":{}", -1, NULL,
      NULL },
    { "refuses text behind the event", "{\"type\":\"ADDED\",\"object\":" OBJECT "}}", -1, NULL,
      NULL },
};

static void check(void **state)
{
    const struct event_case *c = *state;
    const struct object_type type = { "v1", "Thing" };
    struct watch_event e;
    cleanup_error struct error *err = NULL;
    struct draft d;
    draft_init(&d);

    int status = watch_event_scan(c->text, strlen(c->text), &d, PROJECT_FULL, &type, &e, &err);

    assert_int_equal(c->want < 0 ? -1 : 0, status);
    if (c->want < 0)
        assert_true(error_is(err, ERR_INVALID));
    else
        assert_int_equal(c->want, e.type);
    if (c->object_name)
        assert_string_equal(c->object_name, buf_str(&d.name));
    if (c->raw) {
        assert_int_equal(strlen(c->raw), e.object_len);
        assert_memory_equal(c->raw, e.object, e.object_len);
    }
    draft_release(&d);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("scanner_watch", tests);
}
