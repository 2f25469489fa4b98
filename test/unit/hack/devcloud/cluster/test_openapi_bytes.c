#include <string.h>

#include "hack/devcloud/cluster/openapi_bytes.h"
#include "hack/devcloud/cluster/wire.h"
#include "test/unit/support/test.h"

/* The bytes of what the single quoted JSON says. */
static void write_doc(struct buf *b, const char *text)
{
    cleanup_json json *doc = json_make(text);
    openapi_write_bytes(b, doc);
}

/* Follows field numbers, 0 ends them; what is there must be this text. */
static void expect_text(const struct buf *b, const unsigned *numbers, const char *want)
{
    struct wire_field f = { .data = b->data, .len = b->len };
    for (; *numbers; numbers++) {
        struct wire_reader r = wire_read(f.data, f.len);
        do
            assert_int_equal(wire_next(&r, &f, NULL), 1);
        while (f.number != *numbers);
    }
    assert_int_equal(f.type, WIRE_BYTES);
    assert_int_equal(f.len, strlen(want));
    assert_memory_equal(f.data, want, f.len);
}
#define PATH(...) ((const unsigned[]){ __VA_ARGS__, 0 })

static void heads_the_document(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    write_doc(&b, "{'swagger':'2.0','info':{'title':'T','version':'V'}}");

    expect_text(&b, PATH(1), "2.0");
    expect_text(&b, PATH(2, 1), "T");
    expect_text(&b, PATH(2, 2), "V");
}

static void writes_definitions(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    write_doc(&b, "{'definitions':{'A':{'type':'object','description':'d','required':['p'],"
                  "'properties':{'p':{'type':'array','items':{'$ref':'#/definitions/B'},"
                  "'x-kubernetes-patch-merge-key':'name'}},"
                  "'additionalProperties':{'type':'string','format':'byte'}}}}");

    /* Definitions, NamedSchema: name, value */
    expect_text(&b, PATH(9, 1, 1), "A");
    expect_text(&b, PATH(9, 1, 2, 4), "d");
    expect_text(&b, PATH(9, 1, 2, 19), "p");
    expect_text(&b, PATH(9, 1, 2, 22, 1), "object");
    expect_text(&b, PATH(9, 1, 2, 21, 1, 2), "byte");
    /* Properties, NamedSchema, Schema, ItemsItem, Schema */
    expect_text(&b, PATH(9, 1, 2, 25, 1, 1), "p");
    expect_text(&b, PATH(9, 1, 2, 25, 1, 2, 23, 1, 1), "#/definitions/B");
    /* vendor_extension: NamedAny, Any.yaml */
    expect_text(&b, PATH(9, 1, 2, 25, 1, 2, 31, 1), "x-kubernetes-patch-merge-key");
    expect_text(&b, PATH(9, 1, 2, 25, 1, 2, 31, 2, 2), "\"name\"");
}

static void writes_query_parameters(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    write_doc(&b, "{'paths':{'/a':{'patch':{'parameters':[{'name':'dryRun','in':'query',"
                  "'type':'string'}],'x-kubernetes-group-version-kind':{'kind':'A'}}}}}");

    expect_text(&b, PATH(8, 2, 1), "/a");
    expect_text(&b, PATH(8, 2, 2, 8, 8, 1, 2, 3, 4), "dryRun");
    expect_text(&b, PATH(8, 2, 2, 8, 8, 1, 2, 3, 2), "query");
    expect_text(&b, PATH(8, 2, 2, 8, 13, 2, 2), "{\"kind\":\"A\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the document has a head", heads_the_document),
        CASE("definitions keep their fields and extensions", writes_definitions),
        CASE("paths keep their query parameters", writes_query_parameters),
    };
    return RUN_CASES("openapi_bytes", tests);
}
