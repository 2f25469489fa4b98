#include <stdint.h>
#include <string.h>

#include "pkg/client/arena.h"
#include "test/unit/support/test.h"

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    static const size_t sizes[] = { 0, 1, 7, 16, 100, 5000, 3, 2000, 2000, 1 };
    struct arena a = { 0 };
    char *pieces[ARRAY_LEN(sizes)];

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        pieces[i] = arena_alloc(&a, sizes[i]);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(pieces[i][k], 0);
        memset(pieces[i], (int)i + 1, sizes[i]);
    }

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(pieces[i][k], (int)i + 1);
    arena_release(&a);
}

static void texts_end(void **state)
{
    (void)state;
    struct arena a = { 0 };

    assert_string_equal(arena_copy_text(&a, "abcdef", 3), "abc");
    assert_string_equal(arena_copy_text(&a, "", 0), "");

    arena_release(&a);
}

/* One more owner looks at them behind the arena's end. */
static void secrets_go_with_it(void **state)
{
    (void)state;
    struct arena a = { 0 };
    cleanup_secret struct secret *kept = secret_new("abc", 3);

    assert_ptr_equal(arena_take_secret(&a, secret_ref(kept)), kept);
    (void)arena_take_secret(&a, secret_new("def", 3));
    arena_release(&a);

    assert_string_equal(secret_reveal(kept, NULL), "abc");
    assert_int_equal(a.secrets_len, 0);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("pieces are zeroed, aligned and apart", pieces_are_zeroed_aligned_and_apart),
        CASE("texts end", texts_end),
        CASE("secrets go with it", secrets_go_with_it),
    };
    return RUN_CASES("arena", tests);
}
