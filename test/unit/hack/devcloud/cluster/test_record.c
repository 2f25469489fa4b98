#include "hack/devcloud/cluster/record.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

static void takes_what_is_needed(void **state)
{
    (void)state;
    cleanup_json json *obj =
        loose_tree("{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p','namespace':'n','uid':"
                   "'u','labels':{'b':'2','a':'1'}},'spec':{'x':1.50}}");

    cleanup_record struct record *r = record_new("/pods", obj, 7, 3);

    assert_string_equal(r->nspace, "n");
    assert_string_equal(r->name, "p");
    assert_string_equal(r->uid, "u");
    assert_int_equal(r->revision, 7);
    assert_int_equal(r->created, 3);
    assert_int_equal(r->labels_len, 2);
    assert_string_equal(r->labels[0].key, "a");
    assert_string_equal(r->labels[1].value, "2");
    assert_string_equal(
        r->text->data,
        "{\"metadata\":{\"name\":\"p\",\"namespace\":\"n\",\"uid\":\"u\",\"labels\":"
        "{\"b\":\"2\",\"a\":\"1\"},\"resourceVersion\":\"7\"},\"spec\":{\"x\":1.50}}");
}

static void counts(void **state)
{
    (void)state;
    cleanup_json json *obj = loose_tree("{'metadata':{'name':'p'}}");
    struct record *r = record_new("/pods", obj, 1, 1);

    assert_ptr_equal(record_ref(r), r);
    record_unref(r);
    assert_string_equal(r->name, "p");
    assert_string_equal(r->nspace, "");
    record_unref(r);
    record_unref(NULL);
    assert_null(record_ref(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a record has names, sorted labels and the text without its kind",
             takes_what_is_needed),
        CASE("a record lives until the last reference", counts),
    };
    return RUN_CASES("record", tests);
}
