#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/client_impl.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

#define URL "https://api.test:6443/api/v1/configmaps"
#define LIST(query) "GET " URL query "\nAccept: application/json\n@gzip: true\n"
#define PAGE(metadata, items) \
    "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":{" metadata \
    "},\"items\":" items "}"
#define RV7 "\"resourceVersion\":\"7\""
#define NEXT(token) RV7 ",\"continue\":\"" token "\",\"remainingItemCount\":1"
#define ITEM(name) "{\"metadata\":{\"name\":\"" name "\"}}"
#define EXPIRED(metadata) \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{" metadata \
    "},\"status\":\"Failure\",\"reason\":\"Expired\",\"code\":410}"

struct list_case {
    const char *name;
    struct kube_list_options opt;
    struct script_step steps[4];
    size_t len;
    enum err_kind fails;      /* of kube_list; ERR_INTERNAL: succeeds */
    const char *names;        /* of the items, joined by commas */
    enum err_kind each_fails; /* of kube_list_each */
    const char *each_names;   /* where they differ; NULL: as names */
    struct script_step each_steps[4];
    size_t each_len; /* 0: as steps */
};

#define COUNT(...) (sizeof((struct script_step[]){ __VA_ARGS__ }) / sizeof(struct script_step))
#define STEPS(...) .steps = { __VA_ARGS__ }, .len = COUNT(__VA_ARGS__)
#define EACH_STEPS(...) .each_steps = { __VA_ARGS__ }, .each_len = COUNT(__VA_ARGS__)

/* clang-format off */
static struct list_case cases[] = {
    { "one page", STEPS({ .request = LIST("?limit=500"), .reply = PAGE(RV7, "[" ITEM("a") "," ITEM("b") "]") }),
      .names = "a,b" },
    { "chained pages are joined; only the first names a resourceVersion",
      .opt = { .limit = 2, .resource_version = "5", .resource_version_match = "NotOlderThan", .label_selector = "x=y" },
      STEPS({ .request = LIST("?labelSelector=x%3Dy&limit=2&resourceVersion=5&resourceVersionMatch=NotOlderThan"),
              .reply = PAGE(NEXT("t 1"), "[" ITEM("a") "," ITEM("b") "]") },
            { .request = LIST("?labelSelector=x%3Dy&limit=2&continue=t%201"), .reply = PAGE(NEXT("t2"), "[" ITEM("c") "]") },
            { .request = LIST("?labelSelector=x%3Dy&limit=2&continue=t2"), .reply = PAGE(RV7, "[" ITEM("d") "]") }),
      .names = "a,b,c,d" },
    { "resourceVersion 0 is passed on, the limit with it", .opt = { .resource_version = "0" },
      STEPS({ .request = LIST("?limit=500&resourceVersion=0"), .reply = PAGE(RV7, "[]") }), .names = "" },
    { "an unpaged list has no limit", .opt = { .limit = -1, .field_selector = "metadata.name=a" },
      STEPS({ .request = LIST("?fieldSelector=metadata.name%3Da"), .reply = PAGE(RV7, "[" ITEM("a") "]") }), .names = "a" },
    { "metadata only is asked for by media type", .opt = { .limit = -1, .metadata_only = true },
      STEPS({ .request = "GET " URL "\nAccept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1\n@gzip: true\n",
              .reply = PAGE(RV7, "[" ITEM("a") "]") }), .names = "a" },
    { "items that are null are an empty list", STEPS({ .reply = PAGE(RV7, "null") }), .names = "" },
    { "items that are absent are an empty list", STEPS({ .reply = "{\"kind\":\"ConfigMapList\"}" }), .names = "" },
    { "an empty page in the middle does no harm",
      STEPS({ .reply = PAGE(NEXT("t1"), "null") }, { .reply = PAGE(RV7, "[" ITEM("a") "]") }), .names = "a" },
    { "an expired continue token falls back to one full list",
      .opt = { .limit = 1, .resource_version = "5" },
      STEPS({ .request = LIST("?limit=1&resourceVersion=5"), .reply = PAGE(NEXT("t1"), "[" ITEM("a") "]") },
            { .request = LIST("?limit=1&continue=t1"), .status = 410, .reply = EXPIRED("\"continue\":\"fresh\"") },
            { .request = LIST("?resourceVersion=5"), .reply = PAGE(RV7, "[" ITEM("b") "," ITEM("c") "]") }),
      .names = "b,c", .each_names = "a,d",
      EACH_STEPS({ .request = LIST("?limit=1&resourceVersion=5"), .reply = PAGE(NEXT("t1"), "[" ITEM("a") "]") },
            { .request = LIST("?limit=1&continue=t1"), .status = 410, .reply = EXPIRED("\"continue\":\"fresh\"") },
            { .request = LIST("?limit=1&continue=fresh"), .reply = PAGE(RV7, "[" ITEM("d") "]") }) },
    { "an expired token without a fresh one ends a list by items",
      STEPS({ .reply = PAGE(NEXT("t1"), "[" ITEM("a") "]") }, { .status = 410, .reply = EXPIRED("") },
            { .reply = PAGE(RV7, "[" ITEM("b") "]") }),
      .names = "b", .each_fails = ERR_GONE,
      EACH_STEPS({ .reply = PAGE(NEXT("t1"), "[" ITEM("a") "]") }, { .status = 410, .reply = EXPIRED("") }) },
    { "a fresh token that is refused, too, ends a list by items",
      STEPS({ .reply = PAGE(NEXT("t1"), "[" ITEM("a") "]") }, { .status = 410, .reply = EXPIRED("") },
            { .status = 410, .reply = EXPIRED("") }),
      .fails = ERR_GONE, .each_fails = ERR_GONE,
      EACH_STEPS({ .reply = PAGE(NEXT("t1"), "[" ITEM("a") "]") }, { .status = 410, .reply = EXPIRED("\"continue\":\"x\"") },
            { .status = 410, .reply = EXPIRED("\"continue\":\"y\"") }) },
    { "an expired first page is returned", STEPS({ .status = 410, .reply = EXPIRED("") }),
      .fails = ERR_GONE, .each_fails = ERR_GONE },
    { "another failure on a later page is returned",
      STEPS({ .reply = PAGE(NEXT("t1"), "[]") }, { .status = 403 }), .fails = ERR_FORBIDDEN, .each_fails = ERR_FORBIDDEN },
    { "a Table is refused", STEPS({ .reply = "{\"kind\":\"Table\",\"rows\":[]}" }),
      .fails = ERR_UNSUPPORTED, .each_fails = ERR_UNSUPPORTED },
    { "a list that is cut off is refused", STEPS({ .reply = "{\"items\":[" ITEM("a") }),
      .fails = ERR_INVALID, .each_fails = ERR_INVALID },
    { "a list that is no object is refused", STEPS({ .reply = "[]" }), .fails = ERR_INVALID, .each_fails = ERR_INVALID },
    { "a page that is too large for us is asked for again in halves", .opt = { .limit = 5 },
      STEPS({ .request = LIST("?limit=5"), .fail = ERR_TOO_LARGE }, { .request = LIST("?limit=2"), .fail = ERR_TOO_LARGE },
            { .request = LIST("?limit=1"), .reply = PAGE(NEXT("t"), "[" ITEM("a") "]") },
            { .request = LIST("?limit=1&continue=t"), .reply = PAGE(RV7, "[" ITEM("b") "]") }),
      .names = "a,b" },
    { "a token that comes again is an error",
      STEPS({ .reply = PAGE(NEXT("t1"), "[" ITEM("a") "]") }, { .reply = PAGE(NEXT("t2"), "[" ITEM("b") "]") },
            { .request = LIST("?limit=500&continue=t2"), .reply = PAGE(NEXT("t2"), "[" ITEM("b") "]") }),
      .fails = ERR_INVALID, .each_fails = ERR_INVALID },
    { "a single item that is too large is an error", .opt = { .limit = 1 },
      STEPS({ .fail = ERR_TOO_LARGE }), .fails = ERR_TOO_LARGE, .each_fails = ERR_TOO_LARGE },
    { "a whole list that is too large is an error", .opt = { .limit = -1 },
      STEPS({ .fail = ERR_TOO_LARGE }), .fails = ERR_TOO_LARGE, .each_fails = ERR_TOO_LARGE },
};
/* clang-format on */

static char *give_names(const json *list)
{
    cleanup_strv struct strv names = STRV_INIT;
    const json *items = json_get(list, "items");
    assert_true(json_is_array(items));
    for (size_t i = 0; i < json_len(items); i++) {
        const json *item = json_at(items, i);
        assert_string_equal(json_path_str(item, "kind"), "ConfigMap");
        assert_string_equal(json_path_str(item, "apiVersion"), "v1");
        strv_add(&names, json_path_str(item, "metadata.name"));
    }
    return strv_give_joined(&names, ",");
}

static void check_list(void **state)
{
    const struct list_case *c = *state;
    struct kube_fixture f;
    kube_fixture_init(&f, c->steps, c->len);
    kube_fixture_start(&f);
    cleanup_json json *list = NULL;
    cleanup_error struct error *err = NULL;

    int rc =
        kube_list(f.client, &f.ctx, KUBE_REF(&GVR_CONFIGMAPS, NULL, NULL), &c->opt, &list, &err);

    if (c->fails) {
        assert_int_equal(rc, -1);
        assert_string_equal(err_kind_name(error_kind(err)), err_kind_name(c->fails));
        assert_null(list);
    } else {
        assert_int_equal(rc, 0);
        cleanup_free char *names = give_names(list);
        assert_string_equal(names, c->names);
        assert_false(json_path_has(list, "metadata.continue"));
    }
    kube_fixture_finish(&f);
}

struct seen {
    struct strv names;
    size_t stop_at; /* refuse this one; 0: none */
};

static int see(void *arg, const json *item, struct error **err)
{
    struct seen *s = arg;
    strv_add(&s->names, json_path_str(item, "metadata.name"));
    if (!json_path_str(item, "kind"))
        return error_set(err, ERR_INTERNAL, "an item without a kind");
    return s->names.len == s->stop_at ? error_set(err, ERR_EXISTS, "enough") : 0;
}

static void check_each(void **state)
{
    const struct list_case *c = *state;
    struct kube_fixture f;
    kube_fixture_init(&f, c->each_len ? c->each_steps : c->steps,
                      c->each_len ? c->each_len : c->len);
    kube_fixture_start(&f);
    struct seen seen = { 0 };
    cleanup_error struct error *err = NULL;

    int rc = kube_list_each(f.client, &f.ctx, KUBE_REF(&GVR_CONFIGMAPS, NULL, NULL), &c->opt, see,
                            &seen, &err);

    if (c->each_fails) {
        assert_int_equal(rc, -1);
        assert_string_equal(err_kind_name(error_kind(err)), err_kind_name(c->each_fails));
    } else {
        assert_int_equal(rc, 0);
        cleanup_free char *names = strv_give_joined(&seen.names, ",");
        assert_string_equal(names, c->each_names ? c->each_names : c->names);
    }
    strv_release(&seen.names);
    kube_fixture_finish(&f);
}

static void test_callback_ends_list(void **state)
{
    (void)state;
    const struct script_step step = { .reply = PAGE(NEXT("t1"), "[" ITEM("a") "," ITEM(
                                                                    "b") "," ITEM("c") "]") };
    struct kube_fixture f;
    kube_fixture_init(&f, &step, 1);
    kube_fixture_start(&f);
    struct seen seen = { .stop_at = 2 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(kube_list_each(f.client, &f.ctx, KUBE_REF(&GVR_CONFIGMAPS, NULL, NULL), NULL,
                                    see, &seen, &err),
                     -1);

    assert_int_equal(seen.names.len, 2);
    assert_int_equal(error_kind(err), ERR_EXISTS);
    strv_release(&seen.names);
    kube_fixture_finish(&f);
}

static void test_metadata_of_first_page(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        { .reply = PAGE(NEXT("t1"), "[]") },
        { .reply = PAGE("\"resourceVersion\":\"9\"", "[]") },
    };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);
    cleanup_json json *list = NULL;

    assert_int_equal(
        kube_list(f.client, &f.ctx, KUBE_REF(&GVR_CONFIGMAPS, NULL, NULL), NULL, &list, NULL), 0);

    cleanup_free char *text = json_give_text(list);
    assert_string_equal(text, "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":"
                              "{\"resourceVersion\":\"7\"},\"items\":[]}");
    kube_fixture_finish(&f);
}

static void test_name_is_refused(void **state)
{
    (void)state;
    struct kube_fixture f;
    kube_fixture_init(&f, NULL, 0);
    kube_fixture_start(&f);
    cleanup_error struct error *err = NULL;
    assert_int_equal(
        kube_list(f.client, &f.ctx, KUBE_REF(&GVR_CONFIGMAPS, "a", "b"), NULL, NULL, &err), -1);
    assert_int_equal(error_kind(err), ERR_INVALID);
    kube_fixture_finish(&f);
}

static void test_bodies_are_bounded(void **state)
{
    (void)state;
    /* Room for a page is less than for a whole list, and both are more than for an object. */
    assert_true(HTTP_BODY_MAX_DEFAULT < KUBE_LIST_BODY_MAX);
    assert_true(KUBE_LIST_BODY_MAX < KUBE_LIST_WHOLE_MAX);
}

static void test_pages_are_bounded(void **state)
{
    (void)state;
    static struct script_step steps[KUBE_LIST_PAGES_MAX];
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        steps[i].reply = i % 2 ? PAGE(NEXT("odd"), "[]") : PAGE(NEXT("even"), "[]");
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);
    cleanup_error struct error *err = NULL;

    assert_int_equal(
        kube_list(f.client, &f.ctx, KUBE_REF(&GVR_CONFIGMAPS, NULL, NULL), NULL, NULL, &err), -1);

    assert_int_equal(error_kind(err), ERR_INVALID);
    assert_non_null(strstr(error_text(err), "does not end"));
    kube_fixture_finish(&f);
}

int main(void)
{
    static char each_names[ARRAY_LEN(cases)][160];
    struct CMUnitTest tests[2 * ARRAY_LEN(cases) + 5];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check_list, &cases[i]);
        (void)snprintf(each_names[i], sizeof(each_names[i]), "by items: %s", cases[i].name);
        tests[n++] = (struct CMUnitTest)CASE_OF(each_names[i], check_each, &cases[i]);
    }
    tests[n++] =
        (struct CMUnitTest)CASE("the callback's error ends the list", test_callback_ends_list);
    tests[n++] = (struct CMUnitTest)CASE("the joined list has the first page's resourceVersion",
                                         test_metadata_of_first_page);
    tests[n++] = (struct CMUnitTest)CASE("a name is refused", test_name_is_refused);
    tests[n++] = (struct CMUnitTest)CASE("pages are bounded", test_pages_are_bounded);
    tests[n++] = (struct CMUnitTest)CASE("bodies of lists are bounded", test_bodies_are_bounded);
    return RUN_CASES("list", tests);
}
