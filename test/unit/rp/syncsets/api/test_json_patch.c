#include "pkg/base/mem.h"
#include "rp/syncsets/api/json_patch.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

/* want NULL: refused. Most are of RFC 6902, appendix A. */
static const struct patch_case {
    const char *name, *doc, *patch, *want;
} cases[] = {
    { "adds a member", "{'foo':'bar'}", "[{'op':'add','path':'/baz','value':'qux'}]",
      "{'baz':'qux','foo':'bar'}" },
    { "adds an element", "{'foo':['bar','baz']}", "[{'op':'add','path':'/foo/1','value':'qux'}]",
      "{'foo':['bar','qux','baz']}" },
    { "appends", "{'foo':['bar']}", "[{'op':'add','path':'/foo/-','value':['abc']}]",
      "{'foo':['bar',['abc']]}" },
    { "removes a member", "{'baz':'qux','foo':'bar'}", "[{'op':'remove','path':'/baz'}]",
      "{'foo':'bar'}" },
    { "removes an element", "{'foo':['a','b','c']}", "[{'op':'remove','path':'/foo/1'}]",
      "{'foo':['a','c']}" },
    { "replaces", "{'foo':'bar'}", "[{'op':'replace','path':'/foo','value':null}]",
      "{'foo':null}" },
    { "moves", "{'a':{'b':1},'c':{}}", "[{'op':'move','from':'/a/b','path':'/c/d'}]",
      "{'a':{},'c':{'d':1}}" },
    { "copies", "{'a':[1]}", "[{'op':'copy','from':'/a','path':'/b'}]", "{'a':[1],'b':[1]}" },
    { "tests", "{'a':1}", "[{'op':'test','path':'/a','value':1}]", "{'a':1}" },
    { "unescapes", "{'/':1,'~1':2}",
      "[{'op':'test','path':'/~01','value':2},{'op':'remove','path':'/~1'}]", "{'~1':2}" },
    { "refuses a failing test", "{'a':1}", "[{'op':'test','path':'/a','value':2}]", NULL },
    { "refuses to add into nothing", "{}", "[{'op':'add','path':'/a/b','value':1}]", NULL },
    { "refuses to remove nothing", "{}", "[{'op':'remove','path':'/a'}]", NULL },
    { "refuses an index beyond the end", "{'a':[]}", "[{'op':'add','path':'/a/1','value':1}]",
      NULL },
    { "refuses odd indexes", "{'a':[1,2]}", "[{'op':'remove','path':'/a/01'}]", NULL },
    { "refuses to move into itself", "{'a':{'b':{}}}", "[{'op':'move','from':'/a','path':'/a/b'}]",
      NULL },
    { "refuses other operations", "{}", "[{'op':'spam','path':'/a'}]", NULL },
    { "refuses a missing value", "{}", "[{'op':'add','path':'/a'}]", NULL },
    { "replaces the whole", "{'a':1}", "[{'op':'replace','path':'','value':{'b':[2]}}]",
      "{'b':[2]}" },
    { "adds in the place of the whole, and goes on", "{'a':1}",
      "[{'op':'add','path':'','value':{}},{'op':'add','path':'/c','value':3}]", "{'c':3}" },
    { "moves a part to the whole", "{'a':{'b':1},'c':2}", "[{'op':'move','from':'/a','path':''}]",
      "{'b':1}" },
    { "copies a part to the whole", "{'a':{'b':1},'c':2}", "[{'op':'copy','from':'/a','path':''}]",
      "{'b':1}" },
    { "copies the whole into itself", "{'a':1}", "[{'op':'copy','from':'','path':'/b'}]",
      "{'a':1,'b':{'a':1}}" },
    { "leaves the whole where it is", "{'a':1}", "[{'op':'move','from':'','path':''}]", "{'a':1}" },
    { "refuses to move the whole into itself", "{'a':1}", "[{'op':'move','from':'','path':'/a'}]",
      NULL },
    { "refuses to remove the whole", "{'a':1}", "[{'op':'remove','path':''}]", NULL },
    { "tells the whole from the member without a name", "{'':1,'a':2}",
      "[{'op':'replace','path':'/','value':3}]", "{'':3,'a':2}" },
    { "refuses what is no list", "{}", "{}", NULL },
};

static void check(void **state)
{
    const struct patch_case *c = *state;
    cleanup_json json *doc = sets_rig_parse(c->doc), *same = sets_rig_parse(c->doc),
                      *patch = sets_rig_parse(c->patch);
    cleanup_json json *made = NULL;
    int status = json_patch_apply(doc, patch, 10000, &made, NULL);
    assert_true(json_equal(doc, same));
    assert_int_equal(status, c->want ? 0 : -1);
    if (c->want) {
        cleanup_json json *want = sets_rig_parse(c->want);
        assert_true(json_equal(made, want));
    }
}

static void copies_do_not_double_without_end(void **state)
{
    (void)state;
    cleanup_json json *doc = sets_rig_parse("{'a':['0123456789']}");
    cleanup_json json *patch = sets_rig_parse("[]");
    json *made = NULL;
    struct error *err = NULL;
    for (int i = 0; i < 60; i++)
        json_append(patch, sets_rig_parse("{'op':'copy','from':'/a','path':'/a/-'}"));
    assert_int_equal(json_patch_apply(doc, patch, 100000, &made, &err), -1);
    assert_true(error_is(err, ERR_TOO_LARGE));
    error_free(err);
}

/* [{"op":"copy",...}], n times into new members of /a. */
static json *give_doubling(int n)
{
    json *patch = json_new_array();
    for (int i = 0; i < n; i++) {
        cleanup_free char *to = xasprintf("/a/k%d", i);
        json_append(patch, json_make("{'op':'copy','from':'/a','path':%s}", to));
    }
    return patch;
}

/* Objects with one member have little text: 2^10 of them less than 16 KiB, but a megabyte of memory. */
static void copies_count_as_what_they_take_of_memory(void **state)
{
    (void)state;
    cleanup_json json *doc = sets_rig_parse("{'a':{'a':1}}");
    cleanup_json json *few = give_doubling(8), *many = give_doubling(40);
    cleanup_json json *made = NULL;
    cleanup_error struct error *err = NULL;
    int last = -1;

    assert_int_equal(json_patch_apply(doc, few, 1 << 20, &made, NULL), 0);
    assert_int_equal(json_len(json_get(made, "a")), 9);

    json_free(take(made));
    assert_int_equal(json_patch_apply(doc, many, 1 << 20, &made, &err), -1);
    assert_true(error_is(err, ERR_TOO_LARGE));
    assert_int_equal(sscanf(error_text(err), "operation %d:", &last), 1);
    assert_in_range(last, 8, 10);
    assert_non_null(strstr(error_text(err), "replace the object by PUT"));
}

static void an_ordinary_object_has_room_for_copies(void **state)
{
    (void)state;
    cleanup_json json *doc = sets_rig_parse("{'a':[]}"), *patch = sets_rig_parse("[]");
    cleanup_json json *made = NULL;
    for (int i = 0; i < 20; i++)
        json_append(json_get(doc, "a"),
                    sets_rig_parse("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a',"
                                   "'namespace':'b','labels':{'c':'d'}},'data':{'e':'f'}}"));
    for (int i = 0; i < 5; i++)
        json_append(patch, sets_rig_parse("{'op':'copy','from':'/a/3','path':'/a/-'}"));
    json_append(patch, sets_rig_parse("{'op':'copy','from':'/a','path':'/b'}"));

    assert_int_equal(json_patch_apply(doc, patch, 1 << 18, &made, NULL), 0);
    assert_int_equal(json_len(json_get(made, "b")), 25);
}

/* Moving takes no memory: what fills the room as a copy fits as a move, though not without end. */
static void moves_count_less_than_copies(void **state)
{
    (void)state;
    cleanup_json json *doc = sets_rig_parse("{'a':[[],[],[],[],[]],'b':1}");
    cleanup_json json *copy = sets_rig_parse("[{'op':'copy','from':'/a','path':'/c'}]");
    cleanup_json json *move = sets_rig_parse("[{'op':'move','from':'/a','path':'/c'}]");
    cleanup_json json *back = sets_rig_parse("[]"), *made = NULL;
    cleanup_error struct error *err = NULL;
    for (int i = 0; i < 20; i++)
        json_append(back, sets_rig_parse("{'op':'move','from':'/a','path':'/a'}"));

    assert_int_equal(json_patch_apply(doc, copy, 2000, &made, NULL), -1);
    assert_int_equal(json_patch_apply(doc, move, 2000, &made, NULL), 0);
    assert_int_equal(json_len(json_get(made, "c")), 5);
    json_free(take(made));
    assert_int_equal(json_patch_apply(doc, back, 2000, &made, &err), -1);
    assert_true(error_is(err, ERR_TOO_LARGE));
}

/* By copies of the whole into its own bottom, or by additions there. */
static void nothing_is_nested_without_end(void **state)
{
    (void)state;
    static const char *const first = "{'op':'add','path':'/a','value':[[[[[[[[]]]]]]]]}";
    const char *const forms[] = { "{'op':'copy','from':'/a','path':'%s/0'}",
                                  "{'op':'add','path':'%s/0','value':[[[[[[[[]]]]]]]]}" };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        cleanup_json json *doc = sets_rig_parse("{}"), *patch = sets_rig_parse("[]");
        cleanup_buf struct buf bottom = BUF_INIT(BUF_UNBOUNDED);
        json *made = NULL;
        struct error *err = NULL;
        json_append(patch, sets_rig_parse(first));
        buf_adds(&bottom, "/a/0/0/0/0/0/0/0");
        for (int k = 0; k < 50; k++) {
            const char *percent = strstr(forms[i], "%s");
            cleanup_free char *text = xasprintf("%.*s%s%s", (int)(percent - forms[i]), forms[i],
                                                buf_str(&bottom), percent + 2);
            json_append(patch, sets_rig_parse(text));
            for (int level = 0; level < 8; level++)
                buf_adds(&bottom, "/0");
        }
        assert_int_equal(json_patch_apply(doc, patch, 8 << 20, &made, &err), -1);
        assert_non_null(strstr(error_text(err), "nested deeper"));
        assert_true(error_is(err, ERR_TOO_LARGE));
        error_free(err);
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 5] = {
        [ARRAY_LEN(cases)] =
            CASE("copies do not double without end", copies_do_not_double_without_end),
        [ARRAY_LEN(cases) + 1] =
            CASE("nothing is nested without end", nothing_is_nested_without_end),
        [ARRAY_LEN(cases) + 2] = CASE("copies count as what they take of memory",
                                      copies_count_as_what_they_take_of_memory),
        [ARRAY_LEN(cases) + 3] =
            CASE("an ordinary object has room for copies", an_ordinary_object_has_room_for_copies),
        [ARRAY_LEN(cases) + 4] = CASE("moves count less than copies", moves_count_less_than_copies),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, (void *)(uintptr_t)&cases[i]);
    return RUN_CASES("json_patch", tests);
}
