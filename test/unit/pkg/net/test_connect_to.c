#include <stdlib.h>
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/connect_to.h"
#include "test/unit/support/test.h"

static char *give_path(void)
{
    const char *dir = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    return path_give_joined(dir ? dir : "/tmp", "connect-to-test");
}

static void write_rules(const char *path, const char *text)
{
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0600, NULL), 0);
}

static const char rules[] = "# a cluster\n"
                            "API.example.test:6443   127.64.0.5:6443\n"
                            "\n"
                            "*.apps.example.test:443\t127.64.0.6:8443   # ingress\r\n"
                            "*.example.test:443 127.64.0.7:443\n"
                            "[fd00::1]:443 [::1]:8443\n";

struct find_case {
    const char *sentence, *host;
    uint16_t port;
    const char *want;
};
static struct find_case find_cases[] = {
    { "a name is found whatever its case in the file", "api.example.test", 6443,
      "127.64.0.5:6443" },
    { "another port is another rule", "api.example.test", 443, "127.64.0.7:443" },
    { "a suffix fits names below", "a.apps.example.test", 443, "127.64.0.6:8443" },
    { "a suffix fits at any depth", "a.b.apps.example.test", 443, "127.64.0.6:8443" },
    { "a suffix does not fit itself", "example.test", 443, NULL },
    { "a suffix ends at a dot", "badexample.test", 443, NULL },
    { "an IPv6 address is found without brackets", "fd00::1", 443, "[::1]:8443" },
    { "an unknown name has no rule", "other.test", 443, NULL },
};

static void check_find(void **state)
{
    const struct find_case *c = *state;
    cleanup_free char *path = give_path();
    write_rules(path, rules);
    cleanup_connect_to struct connect_to *map = NULL;
    assert_int_equal(connect_to_load(path, &map, NULL), 0);

    cleanup_free char *target = connect_to_give(map, c->host, c->port);

    assert_int_equal(connect_to_len(map), 4);
    assert_true(str_eq(target, c->want));
    unlink(path);
}

static const char *bad_rules[] = {
    "a:1",
    "a:1 127.0.0.1:1 more",
    "a 127.0.0.1:1",
    "a:1 127.0.0.1",
    "a:1 host:1",
    "a:0 127.0.0.1:1",
    "a:1 127.0.0.1:70000",
    "a.*:1 127.0.0.1:1",
    "[fd00::1 127.0.0.1:1",
    ":1 127.0.0.1:1",
};

static void check_refused(void **state)
{
    cleanup_free char *path = give_path();
    cleanup_free char *text = xasprintf("# first\n%s\n", (const char *)*state);
    write_rules(path, text);
    struct connect_to *map = NULL;
    struct error *err = NULL;

    assert_int_equal(connect_to_load(path, &map, &err), -1);

    assert_int_equal(error_kind(err), ERR_INVALID);
    assert_non_null(strstr(error_text(err), ":2:"));
    error_free(err);
    unlink(path);
}

static void test_missing_file_is_an_error(void **state)
{
    (void)state;
    struct connect_to *map = NULL;
    struct error *err = NULL;

    assert_int_equal(connect_to_load("/nonexistent/map", &map, &err), -1);

    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
    error_free(err);
}

static void test_changes_are_followed_and_broken_ones_ignored(void **state)
{
    (void)state;
    cleanup_free char *path = give_path();
    write_rules(path, "a:1 127.0.0.1:1\n");
    cleanup_connect_to struct connect_to *map = NULL;
    assert_int_equal(connect_to_load(path, &map, NULL), 0);

    write_rules(path, "a:1 127.0.0.2:22\n");
    cleanup_free char *second = connect_to_give(map, "a", 1);
    write_rules(path, "broken");
    cleanup_free char *third = connect_to_give(map, "a", 1);
    unlink(path);
    cleanup_free char *fourth = connect_to_give(map, "a", 1);

    assert_string_equal(second, "127.0.0.2:22");
    assert_string_equal(third, "127.0.0.2:22");
    assert_string_equal(fourth, "127.0.0.2:22");
}

static void test_no_map_has_no_rule(void **state)
{
    (void)state;
    assert_null(connect_to_give(NULL, "a", 1));
}

struct address_case {
    const char *text, *ip;
    uint16_t port;
};
static struct address_case address_cases[] = {
    { "10.0.0.4", "10.0.0.4", 7 },
    { "10.0.0.4:6443", "10.0.0.4", 6443 },
    { "::1", "::1", 7 },
    { "[::1]", "::1", 7 },
    { "[::1]:443", "::1", 443 },
    { "host", NULL, 7 },
    { "10.0.0.4:", NULL, 7 },
    { "10.0.0.4:0", NULL, 7 },
    { "[::1]443", NULL, 7 },
    { "", NULL, 7 },
    { "[]", NULL, 7 },
};

static void check_address(void **state)
{
    const struct address_case *c = *state;
    cleanup_free char *ip = NULL;
    uint16_t port = 7;

    assert_int_equal(address_parse(c->text, &ip, &port), c->ip != NULL);

    assert_true(str_eq(ip, c->ip));
    assert_int_equal(port, c->port);
}

int main(void)
{
    enum {
        FIND = ARRAY_LEN(find_cases),
        BAD = ARRAY_LEN(bad_rules),
        ADDRESS = ARRAY_LEN(address_cases)
    };
    struct CMUnitTest tests[3 + FIND + BAD + ADDRESS] = {
        CASE("a missing file is an error", test_missing_file_is_an_error),
        CASE("changes of the file are followed, broken ones ignored",
             test_changes_are_followed_and_broken_ones_ignored),
        CASE("without a map there is no rule", test_no_map_has_no_rule),
    };
    struct CMUnitTest *t = tests + 3;
    for (size_t i = 0; i < FIND; i++)
        *t++ = (struct CMUnitTest)CASE_OF(find_cases[i].sentence, check_find, &find_cases[i]);
    for (size_t i = 0; i < BAD; i++)
        *t++ = (struct CMUnitTest)CASE_OF("a bad rule is refused with its line", check_refused,
                                          (void *)(uintptr_t)bad_rules[i]);
    for (size_t i = 0; i < ADDRESS; i++)
        *t++ = (struct CMUnitTest)CASE_OF("an address is taken apart or refused", check_address,
                                          &address_cases[i]);
    return RUN_CASES("connect_to", tests);
}
