#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/config_impl.h"
#include "test/unit/support/test.h"

struct fixture {
    struct problems problems;
    json *body;
    struct config_source source;
};

static void init(struct fixture *f, const char *dir)
{
    *f = (struct fixture){ .body =
                               json_make("{'text':'t','empty':'','none':null,'number':7,'yes':true,"
                                         "'word':'yes','data':'aGk=','bad':'!','binary':'YQBi',"
                                         "'absolute':'/a/b','relative':'c/d'}") };
    f->source = (struct config_source){
        .problems = &f->problems, .body = f->body, .dir = dir, .what = "user", .name = "u"
    };
}

static void release(struct fixture *f)
{
    error_free(f->problems.all);
    json_free(f->body);
}

static void test_strings(void **state)
{
    (void)state;
    struct fixture f;
    init(&f, NULL);
    assert_string_equal(config_str(&f.source, "text"), "t");
    assert_null(config_str(&f.source, "empty"));
    assert_null(config_str(&f.source, "none"));
    assert_null(config_str(&f.source, "absent"));
    assert_null(f.problems.all);
    assert_null(config_str(&f.source, "number"));
    assert_string_equal(error_text(f.problems.all), "user 'u': number is not a string");
    release(&f);
}

static void test_booleans(void **state)
{
    (void)state;
    struct fixture f;
    init(&f, NULL);
    assert_true(config_bool(&f.source, "yes"));
    assert_false(config_bool(&f.source, "none"));
    assert_false(config_bool(&f.source, "absent"));
    assert_null(f.problems.all);
    assert_false(config_bool(&f.source, "word"));
    assert_non_null(strstr(error_text(f.problems.all), "neither true nor false"));
    release(&f);
}

static void test_data(void **state)
{
    (void)state;
    struct fixture f;
    init(&f, NULL);
    cleanup_free char *data = config_data(&f.source, "data");
    assert_string_equal(data, "hi");
    assert_null(f.problems.all);
    assert_null(config_data(&f.source, "bad"));
    assert_null(config_data(&f.source, "binary"));
    assert_string_equal(error_text(f.problems.all),
                        "user 'u': bad is not base64\nuser 'u': binary is not PEM");
    release(&f);
}

static void test_paths(void **state)
{
    (void)state;
    struct fixture f;
    init(&f, "/etc/kube");
    cleanup_free char *absolute = config_path(&f.source, "absolute");
    cleanup_free char *relative = config_path(&f.source, "relative");
    assert_string_equal(absolute, "/a/b");
    assert_string_equal(relative, "/etc/kube/c/d");
    assert_null(config_path(&f.source, "absent"));
    assert_null(f.problems.all);
    release(&f);
}

static void test_paths_without_folder(void **state)
{
    (void)state;
    struct fixture f;
    init(&f, NULL);
    cleanup_free char *absolute = config_path(&f.source, "absolute");
    assert_string_equal(absolute, "/a/b");
    assert_null(config_path(&f.source, "relative"));
    assert_non_null(strstr(error_text(f.problems.all), "relative is a relative path"));
    release(&f);
}

static void test_labels(void **state)
{
    (void)state;
    static const char longest[] = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg";
    assert_true(config_is_label("a"));
    assert_true(config_is_label("kube-system"));
    assert_true(config_is_label("0a"));
    assert_true(config_is_label(longest));
    cleanup_free char *too_long = xasprintf("%sh", longest);
    const char *const bad[] = { "", "-a", "a-", "A", "a.b", "a_b", "a b", too_long };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(config_is_label(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("strings: set, empty, null, absent, another type", test_strings),
        CASE("booleans: set, null, absent, another type", test_booleans),
        CASE("data is base64 of text", test_data),
        CASE("relative paths start at the folder of their file", test_paths),
        CASE("without a file, relative paths are a problem", test_paths_without_folder),
        CASE("labels of RFC 1123", test_labels),
    };
    return RUN_CASES("config_fields", tests);
}
