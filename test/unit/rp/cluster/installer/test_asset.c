#include <string.h>

#include "rp/cluster/installer/asset.h"
#include "test/unit/support/test.h"

static void keeps_files(void **state)
{
    (void)state;
    cleanup_json json *asset = json_new_object();
    cleanup_secret struct secret *text = NULL;
    const char *name = NULL;

    asset_put_file(asset, "tls/a.crt", "old", 3);
    asset_put_file(asset, "tls/b.crt", "b", 1);
    asset_put_file(asset, "tls/a.crt", "new\0er", 6);

    assert_int_equal(json_len(json_get(asset, "FileList")), 2);
    assert_int_equal(asset_read_file(json_path(asset, "FileList[0]"), &name, &text, NULL), 0);
    size_t len;
    assert_string_equal(name, "tls/a.crt");
    assert_memory_equal(secret_reveal(text, &len), "new\0er", 6);
    assert_int_equal(len, 6);
}

static void reads_single_files(void **state)
{
    (void)state;
    cleanup_json json *graph = json_new_object();
    json_put(graph, "upper", asset_give_single("a", "text", 4, json_make("{'Password':'x'}")));
    json_put(graph, "lower", json_make("{'file':%j}", asset_give_file("b", "other", 5)));
    cleanup_secret struct secret *upper = NULL, *lower = NULL;

    assert_int_equal(asset_need_file(graph, "upper", &upper, NULL), 0);
    assert_int_equal(asset_need_file(graph, "lower", &lower, NULL), 0);

    assert_string_equal(secret_reveal(upper, NULL), "text");
    assert_string_equal(secret_reveal(lower, NULL), "other");
    assert_string_equal(json_path_str(graph, "upper.Password"), "x");
}

struct bad_case {
    const char *name, *graph, *text;
};
static struct bad_case bad_cases[] = {
    { "tells of an asset that is missing", "{}", "the install graph has no file of *a.B" },
    { "tells of a file without a name", "{'*a.B':{'File':{'Data':''}}}",
      "the install graph, *a.B: Filename: missing or not a string" },
    { "tells of a file without data", "{'*a.B':{'File':{'Filename':'f'}}}",
      "the install graph, *a.B: Data of f: missing or not a string" },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    cleanup_json json *graph = json_make(c->graph);
    cleanup_secret struct secret *text = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(asset_need_file(graph, "*a.B", &text, &err), -1);

    assert_string_equal(error_text(err), c->text);
    assert_true(error_is(err, ERR_INVALID));
}

static void reads_bytes(void **state)
{
    (void)state;
    cleanup_json json *graph = json_make("{'*a.B':{'Broken':'!'}}");
    asset_put_bytes(json_get(graph, "*a.B"), "CertRaw", "pem", 3);
    cleanup_secret struct secret *bytes = NULL, *none = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(asset_need_bytes(graph, "*a.B", "CertRaw", &bytes, NULL), 0);
    assert_int_equal(asset_need_bytes(graph, "*a.B", "Broken", &none, &err), -1);
    assert_non_null(strstr(error_text(err), "*a.B, Broken"));
    assert_int_equal(asset_need_bytes(graph, "*a.B", "KeyRaw", &none, &err), -1);

    assert_string_equal(secret_reveal(bytes, NULL), "pem");
}

int main(void)
{
    struct CMUnitTest tests[3 + ARRAY_LEN(bad_cases)] = {
        CASE("a file takes the place of one with its name", keeps_files),
        CASE("single files are read in both spellings", reads_single_files),
        CASE("bytes are read, and told of when missing or broken", reads_bytes),
    };
    for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++)
        tests[3 + i] = (struct CMUnitTest)CASE_OF(bad_cases[i].name, check_bad, &bad_cases[i]);
    return RUN_CASES("asset", tests);
}
