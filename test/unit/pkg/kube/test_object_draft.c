#include <string.h>

#include "pkg/kube/object_impl.h"
#include "test/unit/support/test.h"

#define LAST "kubectl.kubernetes.io/last-applied-configuration"
#define META "\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\""

static struct projection_case {
    const char *name;
    enum kube_projection projection;
    const char *text, *want;
} cases[] = {
    { "drops managedFields", PROJECT_FULL,
      "{" META ",\"managedFields\":[{\"f:x\":{}}],\"uid\":\"u\"},\"data\":{}}",
      "{" META ",\"uid\":\"u\"},\"data\":{}}" },
    { "drops managedFields that come first", PROJECT_FULL,
      "{\"metadata\":{\"managedFields\":[],\"name\":\"a\",\"resourceVersion\":\"1\"}}",
      "{" META "}}" },
    { "drops the annotation of kubectl and keeps the others", PROJECT_FULL,
      "{" META ",\"annotations\":{\"x\":\"1\",\"" LAST "\":\"{\\\"a\\\":1}\",\"y\":\"2\"}}}",
      "{" META ",\"annotations\":{\"x\":\"1\",\"y\":\"2\"}}}" },
    { "leaves an empty map where only that annotation was", PROJECT_FULL,
      "{" META ",\"annotations\":{\"" LAST "\":\"{}\"}}}", "{" META ",\"annotations\":{}}}" },
    { "keeps an annotation whose value mentions the other's name", PROJECT_FULL,
      "{" META ",\"annotations\":{\"x\":\"" LAST "\"}}}",
      "{" META ",\"annotations\":{\"x\":\"" LAST "\"}}}" },
    { "keeps everything when raw", PROJECT_RAW,
      "{" META ",\"managedFields\":[{}],\"annotations\":{\"" LAST "\":\"{}\"}}}",
      "{" META ",\"managedFields\":[{}],\"annotations\":{\"" LAST "\":\"{}\"}}}" },
    { "keeps metadata only", PROJECT_METADATA,
      "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\"," META
      ",\"labels\":{\"l\":\"1\"},\"managedFields\":[]},\"spec\":{\"x\":[1]},\"status\":null}",
      "{" META ",\"labels\":{\"l\":\"1\"}},\"apiVersion\":\"v1\",\"kind\":\"Thing\"}" },
    { "keeps the four fields of a key", PROJECT_KEY,
      "{\"kind\":\"Thing\",\"metadata\":{\"annotations\":{\"a\":\"b\"},\"name\":\"a\",\"labels\":{}"
      ","
      "\"namespace\":\"n\",\"generation\":4,\"uid\":\"u\",\"resourceVersion\":\"1\","
      "\"deletionTimestamp\":\"x\",\"ownerReferences\":[{}]},\"data\":{}}",
      "{\"metadata\":{\"name\":\"a\",\"namespace\":\"n\",\"uid\":\"u\",\"resourceVersion\":\"1\"},"
      "\"apiVersion\":\"v1\",\"kind\":\"Thing\"}" },
    { "removes white space between tokens, not in strings", PROJECT_FULL,
      "{ \"metadata\" : { \"name\" : \"a\", \"resourceVersion\" : \"1\",\n\t\"labels\" : "
      "{ \"k\" : \"a b \\\" c\" } },\r\n \"x\" : [ 1 , { \"y\\\\\" : true } ] }",
      "{" META ",\"labels\":{\"k\":\"a b \\\" c\"}},\"x\":[1,{\"y\\\\\":true}],"
      "\"apiVersion\":\"v1\",\"kind\":\"Thing\"}" },
    { "keeps numbers as they are spelt", PROJECT_FULL,
      "{" META "},\"n\":[1.50,1e400,18446744073709551616]}",
      "{" META
      "},\"n\":[1.50,1e400,18446744073709551616],\"apiVersion\":\"v1\",\"kind\":\"Thing\"}" },
};

static void check(void **state)
{
    const struct projection_case *c = *state;
    const struct object_type type = { "v1", "Thing" };
    /* Cases with the type in the wanted text are given one. */
    bool typed = strstr(c->want, "Thing") != NULL;
    struct draft d;
    struct json_scan s;
    draft_init(&d);
    json_scan_init(&s, c->text, strlen(c->text));

    assert_int_equal(0, draft_scan(&d, &s, c->projection, typed ? &type : NULL, NULL));
    assert_int_equal(0, draft_check(&d, NULL));

    assert_string_equal(c->want, buf_str(&d.text));
    draft_release(&d);
}

static void scan(struct draft *d, const char *text)
{
    struct json_scan s;
    json_scan_init(&s, text, strlen(text));
    assert_int_equal(0, draft_scan(d, &s, PROJECT_FULL, NULL, NULL));
}

static void offsets(void **state)
{
    (void)state;
    struct draft d;
    draft_init(&d);

    scan(&d, "{\"metadata\":{\"managedFields\":[1,2,3],\"name\":\"a\",\"labels\":{\"k\":\"v\"},"
             "\"ownerReferences\":[{}],\"resourceVersion\":\"1\"}}");
    assert_memory_equal("{\"k\":\"v\"}", d.text.data + d.labels_at, 9);
    assert_memory_equal("[{}]", d.text.data + d.owners_at, 4);
    scan(&d, "{" META ",\"labels\":{},\"ownerReferences\":[]}}");
    assert_int_equal(0, d.labels_at);
    assert_int_equal(0, d.owners_at);
    scan(&d, "{" META ",\"labels\":\"no map\",\"ownerReferences\":{\"a\":1}}}");
    assert_int_equal(0, d.labels_at);
    assert_int_equal(0, d.owners_at);
    draft_release(&d);
}

static void reuse(void **state)
{
    (void)state;
    struct draft d;
    draft_init(&d);

    scan(&d,
         "{\"kind\":\"K\",\"apiVersion\":\"g/v1\",\"metadata\":{\"name\":\"a\",\"namespace\":\"n\","
         "\"uid\":\"u\",\"resourceVersion\":\"9\",\"generation\":5,\"deletionTimestamp\":\"t\"}}");
    assert_string_equal("K", buf_str(&d.kind));
    assert_string_equal("g/v1", buf_str(&d.api_version));
    scan(&d, "{" META "}}");
    assert_string_equal("", buf_str(&d.kind));
    assert_string_equal("", buf_str(&d.nspace));
    assert_string_equal("", buf_str(&d.uid));
    assert_int_equal(0, d.generation);
    assert_false(d.deleting);
    draft_release(&d);
}

static void duplicates(void **state)
{
    (void)state;
    struct draft d;
    draft_init(&d);

    scan(&d, "{\"metadata\":{\"name\":\"x\",\"uid\":\"old\",\"resourceVersion\":\"8\"},"
             "\"metadata\":{\"name\":\"y\",\"name\":\"a\",\"resourceVersion\":\"1\"}}");
    assert_string_equal("a", buf_str(&d.name));
    assert_string_equal("1", buf_str(&d.version));
    assert_string_equal("", buf_str(&d.uid));
    draft_release(&d);
}

static void escapes(void **state)
{
    (void)state;
    struct draft d;
    draft_init(&d);

    scan(&d,
         "{\"m\\u0065tadata\":{\"name\":\"system:\\u003cx\\u003e\",\"resourceVersion\":\"1\"}}");
    assert_string_equal("system:<x>", buf_str(&d.name));
    draft_release(&d);
}

static void bookmark(void **state)
{
    (void)state;
    static const struct {
        const char *annotations;
        bool want;
    } marks[] = {
        { "{\"k8s.io/initial-events-end\":\"true\"}", true },
        { "{ \"a\" : \"b\", \"k8s.io/initial-events-end\" : \"true\" }", true },
        { "{\"k8s.io/initial-events-end\":\"false\"}", false },
        { "{\"k8s.io/initial-events-end\":true}", false },
        { "{\"x\":\"k8s.io/initial-events-end\"}", false },
        { "null", false },
    };
    struct draft d;
    draft_init(&d);
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        char text[256];
        (void)snprintf(text, sizeof(text), "{\"metadata\":{\"annotations\":%s}}",
                       marks[i].annotations);
        scan(&d, text);
        assert_int_equal(marks[i].want, d.initial_events_end);
    }
    draft_release(&d);
}

static void oversized(void **state)
{
    (void)state;
    char text[2200], name[1101];
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    struct draft d;
    draft_init(&d);

    (void)snprintf(text, sizeof(text), "{\"metadata\":{\"name\":\"%s\",\"resourceVersion\":\"1\"}}",
                   name);
    scan(&d, text);
    assert_int_equal(-1, draft_check(&d, NULL));
    (void)snprintf(text, sizeof(text), "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"%s\"}}",
                   name + 800);
    scan(&d, text);
    assert_int_equal(-1, draft_check(&d, NULL));
    draft_release(&d);
}

/* No tree can hold such a key: the object is refused here, where it can be told, and not by the reader of the store. */
static void nul_in_key(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{" META "},\"spec\":[{\"a\\u0000b\":1}]}",
        "{" META ",\"labels\":{\"\\u0000\":\"x\"}}}",
        "{" META ",\"annotations\":{\"x\\n\\u0000\":\"x\"}}}",
    };
    struct draft d;
    draft_init(&d);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct json_scan s;
        cleanup_error struct error *err = NULL;
        json_scan_init(&s, texts[i], strlen(texts[i]));
        assert_int_equal(-1, draft_scan(&d, &s, PROJECT_FULL, NULL, &err));
        assert_string_equal(error_text(err), "object with NUL in a key");
    }
    scan(&d, "{" META "},\"spec\":{\"a\\u0001\":\"\\u0000\"}}"); /* in a value it is welcome */
    draft_release(&d);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 7] = {
        CASE("NUL in a key is refused, at any depth", nul_in_key),
        CASE("labels and owners are found in the projected text", offsets),
        CASE("nothing of the object before stays", reuse),
        CASE("the last duplicate key wins", duplicates),
        CASE("escaped keys and names are decoded", escapes),
        CASE("the end of initial events is a true annotation", bookmark),
        CASE("oversized header fields are refused", oversized),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[7 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("object_draft", tests);
}
