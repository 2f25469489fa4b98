#include <pthread.h>
#include <string.h>

#include "pkg/base/bytes.h"
#include "test/unit/support/test.h"

static void check_copy(void **state)
{
    (void)state;
    char text[] = "a\0b";
    cleanup_bytes struct bytes *b = bytes_new(text, 3);
    memset(text, 'x', 3);

    assert_int_equal(b->len, 3);
    assert_memory_equal(b->data, "a\0b", 4);
}

static void check_null(void **state)
{
    (void)state;
    assert_null(bytes_ref(NULL));
    bytes_unref(NULL);
    cleanup_bytes struct bytes *b = bytes_new(NULL, 0);
    assert_string_equal(b->data, "");
}

static void *use_and_drop(void *arg)
{
    struct bytes *b = arg;
    for (int i = 0; i < 1000; i++) {
        struct bytes *mine = bytes_ref(b);
        if (mine->data[0] != 's')
            return arg;
        bytes_unref(mine);
    }
    bytes_unref(b);
    return NULL;
}

static void check_threads(void **state)
{
    (void)state;
    struct bytes *b = bytes_new("shared", 6);
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_and_drop, bytes_ref(b)), 0);
    bytes_unref(b); /* whoever is last frees: a sanitizer sees a leak or an early free */

    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *failed = b;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("bytes are copied and end in NUL", check_copy),
        CASE("no bytes and NULL are harmless", check_null),
        CASE("the last thread to let go frees", check_threads),
    };
    return RUN_CASES("bytes", tests);
}
