#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/config_file.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/test.h"

static int add(struct kubeconfig *k, const char *text, struct error **err)
{
    return kubeconfig_add_text(k, text, strlen(text), "/dir/file", err);
}

static const char *field(const struct map *entries, const char *name, const char *key)
{
    const struct kubeconfig_entry *e = map_get(entries, name);
    return e ? json_path_str(e->body, key) : NULL;
}

static void test_merge(void **state)
{
    (void)state;
    struct kubeconfig k;
    kubeconfig_init(&k);

    assert_int_equal(add(&k,
                         "clusters: [{name: a, cluster: {server: one}}]\n"
                         "users: [{name: u, user: {token: t}}]\n",
                         NULL),
                     0);
    assert_int_equal(add(&k,
                         "current-context: second\n"
                         "clusters: [{name: a, cluster: {server: two, proxy-url: p}},"
                         " {name: b, cluster: {server: three}}]\n",
                         NULL),
                     0);
    assert_int_equal(
        add(&k, "current-context: third\ncontexts: [{name: c, context: {cluster: a}}]", NULL), 0);

    assert_string_equal(field(k.clusters, "a", "server"), "one");
    assert_null(field(k.clusters, "a", "proxy-url")); /* entries are not mixed */
    assert_string_equal(field(k.clusters, "b", "server"), "three");
    assert_string_equal(field(k.users, "u", "token"), "t");
    assert_string_equal(field(k.contexts, "c", "cluster"), "a");
    assert_string_equal(k.current_context, "second");
    kubeconfig_release(&k);
}

static void test_origins(void **state)
{
    (void)state;
    struct kubeconfig k;
    kubeconfig_init(&k);
    static const char text[] = "users: [{name: a}, {name: b, user: null}]";
    assert_int_equal(kubeconfig_add_text(&k, text, strlen(text), "x/y/config", NULL), 0);
    const struct kubeconfig_entry *e = map_get(k.users, "a");
    assert_string_equal(e->dir, "x/y");
    assert_true(json_is_object(e->body));
    kubeconfig_release(&k);
}

struct text_case {
    const char *name, *text;
    size_t len;        /* 0: strlen */
    const char *fails; /* part of the error; NULL: accepted */
    bool empty;        /* nothing is in it */
};

#define UTF16(s) s, sizeof(s) - 1

static struct text_case cases[] = {
    { "an empty file is an empty configuration", "", 0, NULL, true },
    { "a file of comments is an empty configuration", "# nothing\n", 0, NULL, true },
    { "empty and null lists are empty", "clusters: []\nusers: null\ncontexts:\n", 0, NULL, true },
    { "an empty current context is none", "current-context: ''", 0, NULL, true },
    { "a UTF-8 byte order mark is skipped",
      "\xef\xbb\xbf"
      "current-context: x",
      0, NULL, false },
    { "little-endian UTF-16 is read",
      UTF16("\xff\xfe{\0\"\0c\0u\0r\0r\0e\0n\0t\0-\0c\0o\0n\0t\0e\0x"
            "\0t\0\"\0:\0\"\0x\0\"\0}\0"),
      NULL, false },
    { "big-endian UTF-16 is read",
      UTF16("\xfe\xff\0{\0\"\0c\0u\0r\0r\0e\0n\0t\0-\0c\0o\0n\0t\0e\0x"
            "\0t\0\"\0:\0\"\0x\0\"\0}"),
      NULL, false },
    { "UTF-16 cut in the middle is refused", UTF16("\xff\xfe{"), "/dir/file", false },
    { "a list is refused", "[]", 0, "/dir/file: it is not a map", false },
    { "a word is refused", "word", 0, "not a map", false },
    { "broken YAML is refused", "a: b: c: [", 0, "/dir/file", false },
    { "another kind is refused", "kind: Secret", 0, "kind is 'Secret'", false },
    { "another version is refused", "apiVersion: v2", 0, "apiVersion is 'v2'", false },
    { "clusters must be a list", "clusters: {}", 0, "clusters is not a list", false },
    { "a cluster must have a name", "clusters: [{cluster: {}}]", 0, "clusters[0] has no name",
      false },
    { "a cluster must be a map", "clusters: [{name: a, cluster: x}]", 0, "cluster 'a' is not a map",
      false },
    { "a current context must be a string", "current-context: {}", 0, "not a string", false },
    { "a cluster's name may occur once", "clusters: [{name: a}, {name: a}]", 0,
      "clusters: the name 'a' is given twice", false },
    { "a user's name may occur once", "users: [{name: a}, {name: a}]", 0,
      "users: the name 'a' is given twice", false },
    { "a context's name may occur once", "contexts: [{name: a}, {name: a}]", 0,
      "contexts: the name 'a' is given twice", false },
    { "an extension's name may occur once", "extensions: [{name: a}, {name: a}]", 0,
      "extensions: the name 'a' is given twice", false },
    { "an extension's name may occur once in a cluster",
      "clusters: [{name: k, cluster: {extensions: [{name: a}, {name: a}]}}]", 0,
      "cluster 'k': extensions: the name 'a' is given twice", false },
};

static void check_text(void **state)
{
    const struct text_case *c = *state;
    struct kubeconfig k;
    kubeconfig_init(&k);
    cleanup_error struct error *err = NULL;

    int rc = kubeconfig_add_text(&k, c->text, c->len ? c->len : strlen(c->text), "/dir/file", &err);

    assert_int_equal(rc, c->fails ? -1 : 0);
    if (c->fails && !strstr(error_text(err), c->fails))
        fail_msg("no '%s' in: %s", c->fails, error_text(err));
    assert_int_equal(kubeconfig_is_empty(&k), c->fails || c->empty);
    kubeconfig_release(&k);
}

static void test_failure_changes_nothing(void **state)
{
    (void)state;
    struct kubeconfig k;
    kubeconfig_init(&k);
    assert_int_equal(add(&k, "users: [{name: a}]\nclusters: [{name: a}, {name: a}]", NULL), -1);
    assert_true(kubeconfig_is_empty(&k));
    kubeconfig_release(&k);
}

static void test_files(void **state)
{
    (void)state;
    char *dir = temp_dir_give();
    cleanup_free char *path = temp_dir_write(dir, "sub/config", "users: [{name: a}]");
    cleanup_free char *missing = xasprintf("%s/missing", dir);
    struct kubeconfig k;
    kubeconfig_init(&k);
    cleanup_error struct error *absent = NULL;
    cleanup_error struct error *folder = NULL;

    assert_int_equal(kubeconfig_add_file(&k, path, NULL), 0);
    assert_int_equal(kubeconfig_add_file(&k, missing, &absent), -1);
    assert_int_equal(kubeconfig_add_file(&k, dir, &folder), -1);

    const struct kubeconfig_entry *e = map_get(k.users, "a");
    cleanup_free char *sub = xasprintf("%s/sub", dir);
    assert_string_equal(e->dir, sub);
    assert_int_equal(error_kind(absent), ERR_NOT_FOUND);
    assert_int_not_equal(error_kind(folder), ERR_NOT_FOUND);
    assert_non_null(strstr(error_text(folder), dir));
    kubeconfig_release(&k);
    temp_dir_free(dir);
}

int main(void)
{
    static const struct CMUnitTest single[] = {
        CASE("the first file wins, entry by entry as a whole, and for the current context",
             test_merge),
        CASE("entries remember the folder of their file", test_origins),
        CASE("a refused file changes nothing", test_failure_changes_nothing),
        CASE("files: present, missing, a folder", test_files),
    };
    struct CMUnitTest tests[ARRAY_LEN(single) + ARRAY_LEN(cases)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check_text, &cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        tests[n++] = single[i];
    return RUN_CASES("config_file", tests);
}
