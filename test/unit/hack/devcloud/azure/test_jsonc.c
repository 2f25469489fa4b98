#include <string.h>

#include "hack/devcloud/azure/jsonc.h"
#include "test/unit/hack/devcloud/azure/template_rig.h"

static void check_texts(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "{\"a\": 1}", "{\"a\":1}" },
        { "{a: 1, $b_2 : true}", "{\"a\":1,\"$b_2\":true}" },
        { "[true, false, null, -1.5e+7]", "[true,false,null,-1.5e+7]" },
        { "{\"a\": 1, // why\n \"b\": 2}", "{\"a\":1,\"b\":2}" },
        { "/* head */ {\"a\": /* in */ 1}", "{\"a\":1}" },
        { "{\"a\": [1, 2,], }", "{\"a\":[1,2]}" },
        { "{\"u\": \"https://x /* y */ z: 1,\"}", "{\"u\":\"https://x /* y */ z: 1,\"}" },
        { "{\"q\": \"a \\\" b // c\"}", "{\"q\":\"a \\\" b // c\"}" },
        { "{\"l\": \"one\r\n\ttwo\"}", "{\"l\":\"one\\n\\ttwo\"}" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *strict = jsonc_give_strict(rows[i][0], strlen(rows[i][0]));
        assert_string_equal(strict, rows[i][1]);
    }
}

static void check_broken(void **state)
{
    (void)state;
    static const char *const rows[] = { "",     "{",     "\"abc", "/* open", "{\"a\"",
                                        "// x", "\"a\\", "{a",    "a b: 1",  "{]" };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *strict = jsonc_give_strict(rows[i], strlen(rows[i]));
        cleanup_json json *tree = NULL;
        bool text = rows[i][0] == '"'; /* closed, and that is all that was wrong */
        assert_true(text || json_parse(strict, strlen(strict), &tree, NULL) < 0);
    }
}

/* As the CLI sends it: the template as it is in its file. */
static void check_request(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(
        rig_send(&r, "POST",
                 RIG_SUBSCRIPTION "/resourcegroups/net-rg/providers/Microsoft.Resources/"
                                  "deployments/d/validate" RIG_VERSION,
                 "application/json",
                 "{\"properties\": {\"mode\": \"Incremental\", template:{ // a comment\n"
                 "\"$schema\": \"s\", \"contentVersion\": \"1.0.0.0\", \"resources\": []}}}",
                 &reply),
        200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("comments, bare names and commas become strict", check_texts),
        CASE("what is broken stays broken", check_broken),
        CASE("deployments are taken in that form", check_request),
    };
    return RUN_CASES("jsonc", tests);
}
