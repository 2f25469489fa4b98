#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/api/impl.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"
#include "test/unit/support/test.h"

#define JSON_TYPE "Content-Type: application/json\r\n"
#define MAP(name) \
    "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'" name "','namespace':'n'}}"
#define PREVIEW "/v1/selectorsyncsets/s:preview"

static void open_rig(struct sets_rig *r)
{
    sets_rig_init(r);
    sets_rig_serve(r, NULL);
    static const char *const clusters[] = {
        "{'metadata':{'name':'c1','namespace':'a','labels':{'env':'prod'}}}",
        "{'metadata':{'name':'c2','namespace':'b','labels':{'env':'prod'}}}",
        "{'metadata':{'name':'c3','namespace':'b','labels':{'env':'test'}}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(clusters); i++)
        json_free(sets_rig_create(r, TYPE_CLUSTERS, clusters[i]));
}

/* body in single quotes. */
static json *ask(struct sets_rig *r, const char *body, int want)
{
    int status;
    cleanup_free char *text = xstrdup(body);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    cleanup_free char *reply =
        sets_rig_ask(r, "POST", PREVIEW, *body ? JSON_TYPE : "", text, &status);
    json *tree = NULL;
    if (status != want || json_parse(reply, strlen(reply), &tree, NULL) < 0)
        fail_msg("%d %s", status, reply);
    return tree;
}

static void conflicts_are_told_by_object(void **state)
{
    (void)state;
    struct sets_rig r;
    open_rig(&r);
    json_free(
        sets_rig_create(&r, TYPE_SELECTORSYNCSETS,
                        "{'metadata':{'name':'s'},'spec':{'clusterDeploymentSelector':{"
                        "'matchLabels':{'env':'prod'}},'resources':[" MAP("x") "," MAP(
                            "y") "],'secretMappings':[{'sourceRef':{'name':'k','namespace':'a'},"
                                 "'targetRef':{'name':'k','namespace':'n'}}]}}"));
    json_free(sets_rig_create(
        &r, TYPE_SELECTORSYNCSETS,
        "{'metadata':{'name':'everywhere'},'spec':{"
        "'clusterDeploymentSelector':{},'resources':[" MAP("x") "," MAP("z") "]}}"));
    json_free(sets_rig_create(&r, TYPE_SELECTORSYNCSETS,
                              "{'metadata':{'name':'elsewhere'},'spec':{"
                              "'clusterDeploymentSelector':{'matchLabels':{'env':'test'}},"
                              "'resources':[" MAP("y") "]}}"));
    json_free(sets_rig_create(&r, TYPE_SYNCSETS,
                              "{'metadata':{'name':'own','namespace':'b'},'spec':{"
                              "'clusterDeploymentRefs':[{'name':'c2'}],'resources':[" MAP(
                                  "x") ","
                                       "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'k',"
                                       "'namespace':'n'}}]}}"));

    cleanup_json json *got = ask(&r, "", 200);

    cleanup_free char *text = json_give_text(got);
    assert_string_equal(
        text, "{\"name\":\"s\",\"matched\":2,\"clusters\":[{\"namespace\":\"a\",\"name\":\"c1\"},"
              "{\"namespace\":\"b\",\"name\":\"c2\"}],\"conflicts\":["
              "{\"group\":\"\",\"kind\":\"ConfigMap\",\"namespace\":\"n\",\"name\":\"x\",\"sets\":["
              "\"SelectorSyncSet everywhere\",\"SyncSet b/own\"],\"clusters\":2},"
              "{\"group\":\"\",\"kind\":\"Secret\",\"namespace\":\"n\",\"name\":\"k\",\"sets\":["
              "\"SyncSet b/own\"],\"clusters\":1}]}");
    sets_rig_release(&r);
}

static void a_set_can_be_looked_at_before_it_is_made(void **state)
{
    (void)state;
    struct sets_rig r;
    int64_t before, after;
    open_rig(&r);
    assert_int_equal(sets_revision(&r.ctx, r.store, &before, NULL), 0);

    cleanup_json json *got = ask(
        &r,
        "{'metadata':{'name':'s'},'spec':{'clusterDeploymentSelector':{'matchExpressions':[{'key':"
        "'env','operator':'NotIn','values':['prod']}]},'resources':[" MAP("x") "]}}",
        200);
    json_free(ask(&r, "", 404));
    json_free(ask(&r, "{'metadata':{'name':'s'},'spec':{}}", 422));
    json_free(ask(&r, "{'metadata':{'name':'t'},'spec':{}}", 400));

    assert_int_equal(json_path_int(got, "matched", 0), 1);
    assert_string_equal(json_path_str(got, "clusters[0].name"), "c3");
    assert_int_equal(json_len(json_get(got, "conflicts")), 0);
    assert_int_equal(sets_revision(&r.ctx, r.store, &after, NULL), 0);
    assert_int_equal(after, before);
    sets_rig_release(&r);
}

#define TEMPLATE_SET(name) \
    "{'metadata':{'name':'" name "'},'spec':{'enableResourceTemplates':true," \
    "'clusterDeploymentSelector':{},'resources':[" MAP("{{ fromCDName }}") "]}}"

static void names_that_are_made_later_are_not_compared(void **state)
{
    (void)state;
    struct sets_rig r;
    open_rig(&r);
    json_free(sets_rig_create(&r, TYPE_SELECTORSYNCSETS, TEMPLATE_SET("other")));

    cleanup_json json *got = ask(&r, TEMPLATE_SET("s"), 200);

    assert_int_equal(json_path_int(got, "matched", 0), 3);
    assert_int_equal(json_len(json_get(got, "conflicts")), 0);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("conflicts are told by object", conflicts_are_told_by_object),
        CASE("a set can be looked at before it is made", a_set_can_be_looked_at_before_it_is_made),
        CASE("names that are made later are not compared",
             names_that_are_made_later_are_not_compared),
    };
    return RUN_CASES("preview", tests);
}
