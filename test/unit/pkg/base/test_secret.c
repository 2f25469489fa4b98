#include <stdio.h>
#include <string.h>

#include "pkg/base/secret.h"
#include "test/unit/support/test.h"

static void check_value(void **state)
{
    (void)state;
    char mine[] = "s\0cret";
    cleanup_secret struct secret *s = secret_new(mine, 6);
    secret_wipe(mine, sizeof(mine));
    size_t len = 0;

    const char *value = secret_reveal(s, &len);

    assert_int_equal(len, 6);
    assert_memory_equal(value, "s\0cret", 7);
    assert_memory_equal(mine, "\0\0\0\0\0\0\0", 7);
    assert_ptr_equal(secret_reveal(s, NULL), value);
}

static void check_references(void **state)
{
    (void)state;
    struct secret *first = secret_new("x", 1);
    cleanup_secret struct secret *second = secret_ref(first);
    secret_unref(first);

    assert_string_equal(secret_reveal(second, NULL), "x");
    assert_null(secret_ref(NULL));
    secret_unref(NULL);
    secret_wipe(NULL, 0);
}

static void check_equality(void **state)
{
    (void)state;
    cleanup_secret struct secret *a = secret_new("abc", 3);
    cleanup_secret struct secret *same = secret_new("abcd", 3);
    cleanup_secret struct secret *last_differs = secret_new("abd", 3);
    cleanup_secret struct secret *longer = secret_new("abc\0", 4);
    cleanup_secret struct secret *empty = secret_new(NULL, 0);

    assert_true(secret_equal(a, same));
    assert_false(secret_equal(a, last_differs));
    assert_false(secret_equal(a, longer));
    assert_false(secret_equal(a, empty));
    assert_false(secret_equal(a, NULL));
    assert_true(secret_equal(NULL, NULL));
}

static void check_text(void **state)
{
    (void)state;
    char text[] = "s3cret";
    cleanup_secret_text char *on_heap = strdup(text); /* a leak is a failure */
    cleanup_secret_text char *none = NULL;

    secret_free_text(take(on_heap));
    on_heap = strdup(text);

    assert_string_equal(on_heap, text);
    assert_null(none);
}

/* Looks up the "dd" (do not dump) flag of the mapping that holds p. */
static bool is_left_out_of_dumps(const char *p)
{
    cleanup_file FILE *f = fopen("/proc/self/smaps", "re");
    if (!f)
        return false;
    char line[512];
    bool inside = false;
    while (fgets(line, sizeof(line), f)) {
        unsigned long begin, end;
        if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
            inside = (unsigned long)p >= begin && (unsigned long)p < end;
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            return strstr(line, " dd") != NULL;
    }
    return false;
}

static void check_dumps(void **state)
{
    (void)state;
    cleanup_secret struct secret *small = secret_new("x", 1);
    char page[4096] = { 0 };
    cleanup_secret struct secret *whole_page = secret_new(page, sizeof(page));

    assert_true(is_left_out_of_dumps(secret_reveal(small, NULL)));
    assert_true(is_left_out_of_dumps(secret_reveal(whole_page, NULL)));
    /* the NUL behind a page of value is on the next one */
    assert_int_equal(secret_reveal(whole_page, NULL)[sizeof(page)], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a secret keeps a copy of its bytes", check_value),
        CASE("references share the value", check_references),
        CASE("equality compares all bytes", check_equality),
        CASE("text that holds a secret may be wiped and freed", check_text),
        CASE("core dumps leave secrets out", check_dumps),
    };
    return RUN_CASES("secret", tests);
}
