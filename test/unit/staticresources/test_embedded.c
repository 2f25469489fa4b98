#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "staticresources/embedded.h"

static void test_sorted(void **state)
{
    (void)state;

    for (size_t i = 1; i < embedded_files_len; i++)
        assert_true(strcmp(embedded_files[i - 1].path, embedded_files[i].path) < 0);
}

static void test_finds_each(void **state)
{
    (void)state;

    for (size_t i = 0; i < embedded_files_len; i++)
        assert_ptr_equal(embedded_find(embedded_files[i].path), &embedded_files[i]);
}

static void test_absent(void **state)
{
    (void)state;

    assert_null(embedded_find(""));
    assert_null(embedded_find("no/such/file.yaml"));
    assert_null(embedded_find("../Makefile"));
}

/* Tests run from the root of the repository, where the originals are. */
static void test_same_bytes(void **state)
{
    (void)state;

    for (size_t i = 0; i < embedded_files_len; i++) {
        const struct embedded_file *file = &embedded_files[i];
        char path[512];
        snprintf(path, sizeof(path), "staticresources/%s", file->path);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);

        for (size_t at = 0; at < file->len; at++)
            assert_int_equal(fgetc(f), (unsigned char)file->data[at]);
        assert_int_equal(fgetc(f), EOF);
        assert_int_equal(file->data[file->len], 0);

        fclose(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "files are sorted by path, so that the search works", test_sorted, NULL, NULL, NULL },
        { "finds every embedded file by its path", test_finds_each, NULL, NULL, NULL },
        { "gives NULL for a path that is not embedded", test_absent, NULL, NULL, NULL },
        { "holds exactly the bytes of the original, then a NUL", test_same_bytes, NULL, NULL,
          NULL },
    };
    return cmocka_run_group_tests_name("embedded", tests, NULL, NULL);
}
