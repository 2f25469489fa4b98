/* The sizes once more, by series: numbers, what follows them, the family. */
#include <stdio.h>
#include <string.h>

#include "pkg/api/vm_sizes.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

struct series_case {
    const char *name; /* letters and what follows the number: "D|s_v3" */
    const char *family;
    const char *both, *workers; /* numbers, which are the cores */
    unsigned minor;             /* the oldest OpenShift 4.minor; 0: any */
};
static struct series_case series_cases[] = {
    { "D|s_v3", "standardDSv3Family", "8 16 32", "4", 0 },
    { "D|s_v4", "standardDSv4Family", "8 16 32", "4 64", 0 },
    { "D|s_v5", "standardDSv5Family", "8 16 32", "4 64 96", 0 },
    { "D|as_v4", "standardDASv4Family", "8 16 32", "4 64 96", 0 },
    { "D|as_v5", "standardDASv5Family", "8 16 32", "4 64 96", 0 },
    { "D|ds_v5", "standardDDSv5Family", "8 16 32", "4 48 64 96", 0 },
    { "D|s_v6", "standardDSv6Family", "4 8 16 32 48 64 96", "", 19 },
    { "D|ds_v6", "standardDDSv6Family", "4 8 16 32 48 64 96", "", 19 },
    { "D|ls_v6", "standardDLSv6Family", "", "4 8 16 32 48 64 96", 19 },
    { "D|lds_v6", "standardDLDSv6Family", "", "4 8 16 32 48 64 96", 19 },
    { "E|s_v3", "standardESv3Family", "8 16 32", "4", 0 },
    { "E|is_v3", "standardESv3Family", "64", "", 0 },
    { "E|s_v4", "standardESv4Family", "8 16 20 32 48 64", "2 4", 0 },
    { "E|s_v5", "standardESv5Family", "8 16 20 32 48 64 96", "2 4", 0 },
    { "E|as_v4", "standardEASv4Family", "4 8 16 20 32 48 64 96", "", 0 },
    { "E|as_v5", "standardEASv5Family", "8 16 20 32 48 64 96", "", 0 },
    { "E|ds_v5", "standardEDSv5Family", "", "96", 0 },
    { "E|is_v4", "standardEISv4Family", "80", "", 0 },
    { "E|ids_v4", "standardEIDSv4Family", "80", "", 0 },
    { "E|is_v5", "standardEISv5Family", "104", "", 0 },
    { "E|ids_v5", "standardEIDSv5Family", "104", "", 0 },
    { "F|s_v2", "standardFSv2Family", "72", "4 8 16 32", 0 },
    { "M|ms", "standardMSFamily", "128", "", 0 },
    { "L|s", "standardLsv2Family", "", "4 8 16 32", 0 },
    { "L|s_v2", "standardLsv2Family", "", "8 16 32 48 64", 0 },
    { "L|s_v3", "standardLsv3Family", "", "8 16 32 48 64", 0 },
    { "L|s_v4", "standardLsv4Family", "", "4 8 16 32 48 64 80", 19 },
    { "NC|as_T4_v3", "Standard NCASv3_T4 Family", "", "4 8 16 64", 0 },
    { "NC|s_v3", "Standard NCSv3 Family", "", "6 12 24", 0 },
    { "NC|rs_v3", "Standard NCSv3 Family", "", "24", 0 },
};

static void check_sizes(const struct series_case *c, const char *numbers, bool masters)
{
    cleanup_strv struct strv words = STRV_INIT;
    strv_split(&words, numbers, " ", false);
    const char *bar = strchr(c->name, '|');
    for (size_t i = 0; i < words.len; i++) {
        char name[64];
        long long cores = 0;
        (void)snprintf(name, sizeof(name), "Standard_%.*s%s%s", (int)(bar - c->name), c->name,
                       words.v[i], bar + 1);
        const struct vm_size *size = vm_size_find(name);
        if (!size)
            fail_msg("%s is missing", name);
        assert_true(str_to_int(words.v[i], 1, 999, &cores));
        assert_int_equal(size->cores, cores);
        assert_string_equal(size->family, c->family);
        assert_int_equal(vm_size_is_valid(name, VM_MASTER, false), masters);
        assert_int_equal(vm_size_is_valid(name, VM_MASTER, true), masters);
        assert_true(vm_size_is_valid(name, VM_WORKER, false));
        assert_false(vm_size_is_valid(name, VM_WORKER, true));
        assert_int_equal(vm_size_fits_version(name, "4.18.99"), !c->minor);
        assert_true(vm_size_fits_version(name, "4.19.0"));
        assert_true(vm_size_fits_version(name, "5.0.0"));
        assert_true(vm_size_fits_version(name, "junk"));
    }
}

static void check_series(void **state)
{
    const struct series_case *c = *state;
    check_sizes(c, c->both, true);
    check_sizes(c, c->workers, false);
}

static size_t count_words(const char *text)
{
    cleanup_strv struct strv words = STRV_INIT;
    strv_split(&words, text, " ", false);
    return words.len;
}

static void there_are_no_others(void **state)
{
    (void)state;
    size_t n = 3; /* of development */
    for (size_t i = 0; i < ARRAY_LEN(series_cases); i++)
        n += count_words(series_cases[i].both) + count_words(series_cases[i].workers);

    assert_int_equal(vm_sizes_len, n);
    assert_null(vm_size_find("Standard_D1l6ds_v6"));
    assert_null(vm_size_find("standard_d8s_v3"));
    assert_null(vm_size_find(""));
    assert_null(vm_size_find(NULL));
}

static void development_has_small_workers(void **state)
{
    (void)state;
    static const char *const names[] = { "Standard_D2s_v3", "Standard_D2s_v4", "Standard_D2s_v5" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_true(vm_size_is_valid(names[i], VM_WORKER, true));
        assert_false(vm_size_is_valid(names[i], VM_WORKER, false));
        assert_false(vm_size_is_valid(names[i], VM_MASTER, true));
        assert_int_equal(vm_size_find(names[i])->cores, 2);
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(series_cases) + 2] = {
        CASE("there are no other sizes", there_are_no_others),
        CASE("development has small workers", development_has_small_workers),
    };
    for (size_t i = 0; i < ARRAY_LEN(series_cases); i++)
        tests[2 + i] =
            (struct CMUnitTest)CASE_OF(series_cases[i].name, check_series, &series_cases[i]);
    return RUN_CASES("vm_sizes", tests);
}
