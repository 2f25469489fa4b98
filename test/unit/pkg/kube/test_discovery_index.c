#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/kube/discovery_index.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

/* A line a resource: group/version name kind scope verbs short names (subresources). */
static char *give_text(const struct api_index *x)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < x->len; i++) {
        for (size_t j = 0; j < x->v[i].len; j++) {
            const struct api_version *v = &x->v[i].v[j];
            buf_addf(&b, "%s/%s%s%s\n", x->v[i].name, v->version, v->loaded ? "" : " unknown",
                     v->stale ? " stale" : "");
            for (size_t k = 0; k < v->len; k++) {
                const struct api_resource *r = &v->v[k];
                cleanup_free char *verbs = strv_give_joined(&r->verbs, ",");
                cleanup_free char *shorts = strv_give_joined(&r->short_names, ",");
                cleanup_free char *subs = strv_give_joined(&r->subresources, ",");
                buf_addf(&b, "  %s %s %s %s [%s] [%s] [%s]\n", r->name,
                         r->singular ? r->singular : "-", r->kind,
                         r->namespaced ? "namespaced" : "cluster", verbs, shorts, subs);
            }
        }
    }
    return xstrdup(buf_str(&b));
}

enum form { FORM_AGGREGATED, FORM_GROUPS, FORM_CORE, FORM_RESOURCES };

struct read_case {
    const char *name;
    enum form form;
    const char *doc, *want;
};

/* clang-format off */
static struct read_case cases[] = {
    { "aggregated: groups, versions in order, resources and subresources", FORM_AGGREGATED,
      "{\"items\":[{\"metadata\":{\"name\":\"apps\"},\"versions\":[{\"version\":\"v1\",\"freshness\":\"Current\",\"resources\":["
      "{\"resource\":\"deployments\",\"responseKind\":{\"group\":\"\",\"version\":\"\",\"kind\":\"Deployment\"},\"scope\":\"Namespaced\","
      "\"singularResource\":\"deployment\",\"verbs\":[\"get\",\"list\"],\"shortNames\":[\"deploy\"],"
      "\"subresources\":[{\"subresource\":\"scale\",\"responseKind\":{\"kind\":\"Scale\"}},{\"subresource\":\"status\"}]}]},"
      "{\"version\":\"v1beta1\"}]},{\"metadata\":{},\"versions\":[{\"version\":\"v1\",\"resources\":["
      "{\"resource\":\"nodes\",\"responseKind\":{\"kind\":\"Node\"},\"scope\":\"Cluster\",\"verbs\":[\"get\"]}]}]}]}",
      "apps/v1\n  deployments deployment Deployment namespaced [get,list] [deploy] [scale,status]\napps/v1beta1\n"
      "/v1\n  nodes - Node cluster [get] [] []\n" },
    { "aggregated: a stale version has no resources", FORM_AGGREGATED,
      "{\"items\":[{\"metadata\":{\"name\":\"metrics.k8s.io\"},\"versions\":[{\"version\":\"v1beta1\",\"freshness\":\"Stale\","
      "\"resources\":[{\"resource\":\"pods\",\"verbs\":[\"get\"]}]}]}]}",
      "metrics.k8s.io/v1beta1 unknown stale\n" },
    { "aggregated: a resource without a kind takes that of a subresource", FORM_AGGREGATED,
      "{\"items\":[{\"metadata\":{\"name\":\"g\"},\"versions\":[{\"version\":\"v1\",\"resources\":["
      "{\"resource\":\"things\",\"subresources\":[{\"subresource\":\"a\"},{\"subresource\":\"b\",\"responseKind\":{\"kind\":\"Thing\"}}]},"
      "{\"resource\":\"others\",\"responseKind\":null}]}]}]}",
      "g/v1\n  things - Thing cluster [] [] [a,b]\n  others -  cluster [] [] []\n" },
    { "aggregated: nulls, wrong types and nameless things are left out", FORM_AGGREGATED,
      "{\"items\":[null,{\"metadata\":null,\"versions\":null},{\"metadata\":{\"name\":\"g\"},\"versions\":[{},{\"version\":\"v1\",\"resources\":["
      "{},7,{\"resource\":\"\"},{\"resource\":\"ok\",\"verbs\":{\"x\":1},\"shortNames\":[7,\"o\"],\"new\":1}]}]}]}",
      "g/v1\n  ok -  cluster [] [o] []\n" },
    { "aggregated: no items", FORM_AGGREGATED, "{\"items\":null}", "" },
    { "groups: the preferred version comes first", FORM_GROUPS,
      "{\"groups\":[{\"name\":\"apps\",\"versions\":[{\"version\":\"v1beta1\"},{\"version\":\"v1\"}],\"preferredVersion\":{\"version\":\"v1\"}},"
      "{\"name\":\"b\",\"versions\":[{\"version\":\"v2\"},{},null]},{\"name\":\"\"},null]}",
      "apps/v1 unknown\napps/v1beta1 unknown\nb/v2 unknown\n" },
    { "core: versions", FORM_CORE, "{\"versions\":[\"v1\",7,\"\"]}", "/v1 unknown\n" },
    { "resources: subresources belong to their parent, wherever they stand", FORM_RESOURCES,
      "{\"resources\":[{\"name\":\"pods/log\",\"kind\":\"Pod\",\"verbs\":[\"get\"]},"
      "{\"name\":\"pods\",\"singularName\":\"\",\"namespaced\":true,\"kind\":\"Pod\",\"verbs\":[\"get\",\"watch\"],\"shortNames\":[\"po\"]},"
      "{\"name\":\"podsx\",\"kind\":\"X\"},{\"name\":\"orphan/status\"},{\"name\":null}]}",
      "g/v1\n  pods  Pod namespaced [get,watch] [po] [log]\n  podsx - X cluster [] [] []\n" },
    { "resources: none", FORM_RESOURCES, "{\"resources\":null}", "g/v1\n" },
};
/* clang-format on */

static void check_read(void **state)
{
    const struct read_case *c = *state;
    cleanup_json json *doc = give_tree(c->doc);
    struct api_index x = { 0 };

    if (c->form == FORM_AGGREGATED)
        api_index_read_aggregated(&x, doc);
    else if (c->form == FORM_GROUPS)
        api_index_read_groups(&x, doc);
    else if (c->form == FORM_CORE)
        api_index_read_core(&x, doc);
    else
        api_version_read(api_index_add(&x, "g", "v1"), doc);

    cleanup_free char *text = give_text(&x);
    assert_string_equal(text, c->want);
    api_index_release(&x);
}

static void test_structure(void **state)
{
    (void)state;
    struct api_index x = { 0 };
    assert_null(api_index_find(&x, "g", "v1"));
    for (int i = 0; i < 20; i++) {
        cleanup_free char *group = xasprintf("g%d", i);
        api_index_add(&x, group, "v1");
        api_index_add(&x, group, "v2");
    }
    struct api_version *v = api_index_find(&x, "g7", "v2");
    assert_non_null(v);
    assert_ptr_equal(api_index_add(&x, "g7", "v2"), v);
    api_index_remove(&x, "g7", "v1");
    api_index_remove(&x, "g7", "v1");
    api_index_remove(&x, "none", "v1");
    assert_null(api_index_find(&x, "g7", "v1"));
    assert_string_equal(api_index_find(&x, "g7", "v2")->version, "v2");
    api_index_release(&x);
}

static void test_reading_again_replaces(void **state)
{
    (void)state;
    cleanup_json json *one = give_tree("{\"resources\":[{\"name\":\"a\",\"kind\":\"A\"}]}");
    cleanup_json json *two = give_tree("{\"resources\":[{\"name\":\"b\",\"kind\":\"B\"}]}");
    struct api_index x = { 0 };
    struct api_version *v = api_index_add(&x, "g", "v1");
    api_version_read(v, one);
    api_version_read(v, two);
    assert_int_equal(v->len, 1);
    assert_string_equal(v->v[0].name, "b");
    api_index_release(&x);
}

int main(void)
{
    static const struct CMUnitTest single[] = {
        CASE("versions are found, added once, removed", test_structure),
        CASE("reading a version again replaces its resources", test_reading_again_replaces),
    };
    struct CMUnitTest tests[ARRAY_LEN(single) + ARRAY_LEN(cases)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check_read, &cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        tests[n++] = single[i];
    return RUN_CASES("discovery_index", tests);
}
