#include "hack/devcloud/cluster/media.h"
#include "test/unit/support/test.h"

#define TABLE "application/json;as=Table;v=v1;g=meta.k8s.io"
#define GROUPS "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

struct media_case {
    const char *accept;
    unsigned can;
    bool ok;
    enum media_shape shape;
    const char *version;
    bool yaml;
};

static struct media_case cases[] = {
    { "*/*", 0, true, SHAPE_OBJECT, "", false },
    { "application/json", 0, true, SHAPE_OBJECT, "", false },
    { "application/yaml", 0, true, SHAPE_OBJECT, "", true },
    { TABLE ",application/json", MEDIA_OBJECTS, true, SHAPE_TABLE, "v1", false },
    { TABLE ",application/json", 0, true, SHAPE_OBJECT, "", false },
    { TABLE, 0, false, SHAPE_OBJECT, "", false },
    { "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", MEDIA_OBJECTS, true,
      SHAPE_PARTIAL, "v1", false },
    { GROUPS ",application/json", MEDIA_DISCOVERY, true, SHAPE_GROUPS, "v2", false },
    { GROUPS ",application/json", 0, true, SHAPE_OBJECT, "", false },
    { "application/vnd.kubernetes.protobuf,application/json", 0, true, SHAPE_OBJECT, "", false },
    { "application/vnd.kubernetes.protobuf", 0, false, SHAPE_OBJECT, "", false },
    { "application/json; charset=utf-8", 0, true, SHAPE_OBJECT, "", false },
    { "text/plain", 0, false, SHAPE_OBJECT, "", false },
};

static void check(void **state)
{
    const struct media_case *c = *state;
    struct media m;

    assert_int_equal(media_parse(c->accept, c->can, &m), c->ok);

    if (!c->ok)
        return;
    assert_int_equal(m.shape, c->shape);
    assert_string_equal(m.version, c->version);
    assert_int_equal(m.yaml, c->yaml);
}

static void content_types(void **state)
{
    (void)state;
    struct media m;
    assert_true(media_is("application/JSON; charset=utf-8", "application/json"));
    assert_false(media_is("application/json-patch+json", "application/json"));
    assert_false(media_is(NULL, "application/json"));
    assert_true(media_parse(NULL, 0, &m));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    size_t n = 0;
    for (; n < ARRAY_LEN(cases); n++)
        tests[n] = (struct CMUnitTest)CASE_OF(cases[n].accept, check, &cases[n]);
    tests[n++] = (struct CMUnitTest)CASE("content types lose their parameters", content_types);
    return RUN_CASES("media", tests);
}
