#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/kube/merge_keys.h"
#include "test/unit/support/test.h"

#define DOCUMENT \
    "{'paths':{" \
    "'/apis/g.test/v1/things/" \
    "{name}':{'patch':{'x-kubernetes-group-version-kind':{'group':'g.test'," \
    "'kind':'Thing','version':'v1'},'requestBody':{'content':{" \
    "'application/strategic-merge-patch+json':{}}}}}," \
    "'/apis/g.test/v1/customs/" \
    "{name}':{'patch':{'x-kubernetes-group-version-kind':{'group':'g.test'," \
    "'kind':'Custom','version':'v1'},'requestBody':{'content':{'application/" \
    "merge-patch+json':{}}}}}}," \
    "'components':{'schemas':{" \
    "'test.Thing':{'x-kubernetes-group-version-kind':[{'group':'g.test','kind':'Thing','version':" \
    "'v1'}]," \
    "'properties':{'spec':{'allOf':[{'$ref':'#/components/schemas/test.Spec'}]}," \
    "'dull':{'$ref':'#/components/schemas/test.Dull'},'text':{'type':'string'}}}," \
    "'test.Custom':{'x-kubernetes-group-version-kind':[{'group':'g.test','kind':'Custom'," \
    "'version':'v1'}],'properties':{}}," \
    "'test.Dull':{'properties':{'list':{'type':'array','items':{'type':'string'}}}}," \
    "'test.Spec':{'properties':{" \
    "'parts':{'type':'array','items':{'$ref':'#/components/schemas/test.Part'}," \
    "'x-kubernetes-patch-strategy':'merge,retainKeys','x-kubernetes-patch-merge-key':'id'}," \
    "'names':{'type':'array','items':{'type':'string'},'x-kubernetes-patch-strategy':'merge'}}}," \
    "'test.Part':{'properties':{'inner':{'type':'array','items':{'$ref':" \
    "'#/components/schemas/test.Dull'},'x-kubernetes-patch-strategy':'merge'," \
    "'x-kubernetes-patch-merge-key':'k'}}}}}}"

static struct merge_keys *keys_of(const char *text)
{
    cleanup_json json *document = NULL;
    cleanup_free char *real = xstrdup(text);
    for (char *p = real; *p; p++)
        if (*p == '\'')
            *p = '"';
    assert_int_equal(json_parse(real, strlen(real), &document, NULL), 0);
    return merge_keys_read(document);
}

static const void *walk(const struct merge_keys *k, const void *at, const char *first,
                        const char *second, const char *third)
{
    const char *const steps[] = { first, second, third };
    const struct strategic_schema *s = merge_keys_schema(k);
    for (size_t i = 0; i < ARRAY_LEN(steps) && steps[i]; i++)
        at = s->at_key(s, at, steps[i]);
    return at;
}

static void what_merges_is_read(void **state)
{
    (void)state;
    cleanup_merge_keys struct merge_keys *k = keys_of(DOCUMENT);
    const struct strategic_schema *s = merge_keys_schema(k);
    const struct merge_row *thing = merge_keys_find(k, "g.test", "Thing");
    assert_non_null(thing);

    struct strategic_way parts = s->way_of(s, walk(k, thing, "spec", "parts", NULL));
    assert_true(parts.merges && parts.retains_keys);
    assert_string_equal(parts.merge_key, "id");
    struct strategic_way inner = s->way_of(s, walk(k, thing, "spec", "parts", "inner"));
    assert_string_equal(inner.merge_key, "k");
    struct strategic_way names = s->way_of(s, walk(k, thing, "spec", "names", NULL));
    assert_true(names.merges);
    assert_null(names.merge_key);
}

/* Whatever their order in a document. */
static void every_field_of_many_is_found(void **state)
{
    (void)state;
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&text, "{'paths':{'/x':{'patch':{'x-kubernetes-group-version-kind':{'group':'g',"
                    "'kind':'K'},'requestBody':{'content':{"
                    "'application/strategic-merge-patch+json':{}}}}}},'components':{'schemas':{"
                    "'t':{'x-kubernetes-group-version-kind':[{'group':'g','kind':'K'}],"
                    "'properties':{");
    for (int i = 0; i < 40; i++)
        buf_addf(&text,
                 "%s'f%d':{'type':'array','items':{'type':'string'},"
                 "'x-kubernetes-patch-strategy':'merge','x-kubernetes-patch-merge-key':'k%d'}",
                 i ? "," : "", i * 7 % 40, i * 7 % 40);
    buf_adds(&text, "}}}}}");
    cleanup_merge_keys struct merge_keys *k = keys_of(buf_str(&text));
    const struct strategic_schema *s = merge_keys_schema(k);
    const struct merge_row *kind = merge_keys_find(k, "g", "K");
    assert_non_null(kind);
    for (int i = 0; i < 40; i++) {
        cleanup_free char *field = xasprintf("f%d", i), *key = xasprintf("k%d", i);
        assert_string_equal(s->way_of(s, s->at_key(s, kind, field)).merge_key, key);
    }
    assert_null(s->at_key(s, kind, "f40"));
}

static void what_leads_nowhere_is_left_out(void **state)
{
    (void)state;
    cleanup_merge_keys struct merge_keys *k = keys_of(DOCUMENT);
    const struct merge_row *thing = merge_keys_find(k, "g.test", "Thing");
    assert_null(walk(k, thing, "dull", NULL, NULL));
    assert_null(walk(k, thing, "text", NULL, NULL));
    assert_true(merge_keys_footprint(k) < 4096);
}

static void kinds_that_take_no_such_patch_are_not_in_it(void **state)
{
    (void)state;
    cleanup_merge_keys struct merge_keys *k = keys_of(DOCUMENT);
    assert_null(merge_keys_find(k, "g.test", "Custom"));
    assert_null(merge_keys_find(k, "other.test", "Thing"));
}

static void odd_documents_do_no_harm(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "{}",
        "{'components':1,'paths':[]}",
        "{'components':{'schemas':{'a':null,'b':{'properties':3}}}}",
        "{'paths':{'/x':{'patch':{'x-kubernetes-group-version-kind':7}}}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        cleanup_merge_keys struct merge_keys *k = keys_of(odd[i]);
        assert_null(merge_keys_find(k, "", "Pod"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what merges is read", what_merges_is_read),
        CASE("every field of many is found", every_field_of_many_is_found),
        CASE("what leads nowhere is left out", what_leads_nowhere_is_left_out),
        CASE("kinds that take no such patch are not in it",
             kinds_that_take_no_such_patch_are_not_in_it),
        CASE("odd documents do no harm", odd_documents_do_no_harm),
    };
    return RUN_CASES("merge_keys", tests);
}
