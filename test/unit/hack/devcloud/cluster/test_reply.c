#include <string.h>

#include "hack/devcloud/cluster/reply.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"
#include "test/unit/support/hack/devcloud/trees.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define TABLE "application/json;as=Table;v=v1;g=meta.k8s.io"
#define PARTIAL "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
#define PARTIALS "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
#define MAKE_A \
    { \
        "POST " MAPS, "{'metadata':{'name':'a'},'data':{'k':'v'}}", 201, NULL \
    }
#define TS_DEFINITION \
    "{'metadata':{'name':'ts.x.y'},'spec':{'group':'x.y','scope':'Namespaced','names':{'plural':'" \
    "ts'," \
    "'singular':'t','kind':'T','listKind':'TList'},'versions':[{'name':'v1','served':true,'" \
    "storage':" \
    "true,'schema':{'openAPIV3Schema':{'type':'object'}}}]}}"

static struct rig_case cases[] = {
    { "an object comes whole, as its metadata or as a table",
      .asks = { MAKE_A,
                { "GET " MAPS "/a", NULL, 200,
                  "{'kind':'ConfigMap','apiVersion':'v1','data':{'k':'v'}}" },
                { "GET " MAPS "/a", NULL, 200,
                  "{'kind':'PartialObjectMetadata','apiVersion':'meta.k8s.io/"
                  "v1','data':null,'metadata':{'name':'a'}}",
                  .accept = PARTIAL },
                { "GET " MAPS "/a", NULL, 200,
                  "{'kind':'Table','apiVersion':'meta.k8s.io/"
                  "v1','metadata':{'resourceVersion':'$rv'},'rows':[{'cells':['a',1,"
                  "'0s'],'object':{'kind':'PartialObjectMetadata','metadata':{'name':'a'}}}]}",
                  .accept = TABLE } } },
    { "a list comes whole, as metadata or as a table",
      .asks = { MAKE_A,
                { "GET " MAPS, NULL, 200,
                  "{'kind':'ConfigMapList','apiVersion':'v1','items':[{'kind':null,'data':{'k':'v'}"
                  "}]}" },
                { "GET " MAPS, NULL, 200,
                  "{'kind':'PartialObjectMetadataList','apiVersion':'meta.k8s.io/"
                  "v1','items':[{'kind':'PartialObjectMetadata',"
                  "'data':null}]}",
                  .accept = PARTIALS },
                { "GET " MAPS, NULL, 200, "{'kind':'Table','rows':[{'cells':['a',1,'0s']}]}",
                  .accept = TABLE },
                { "GET " MAPS "?limit=1", NULL, 200, "{'metadata':{'continue':null}}",
                  .accept = TABLE },
                { "POST " MAPS, "{'metadata':{'name':'b'}}", 201, NULL },
                { "GET " MAPS "?limit=1", NULL, 200, "{'metadata':{'continue':'~e'},'rows':[{}]}",
                  .accept = TABLE } } },
    { "tables carry objects as asked",
      .asks = { MAKE_A,
                { "GET " MAPS "?includeObject=None", NULL, 200, "{'rows':[{'object':null}]}",
                  .accept = TABLE },
                { "GET " MAPS "?includeObject=Object", NULL, 200,
                  "{'rows':[{'object':{'kind':'ConfigMap','apiVersion':'v1','data':{'k':'v'}}}]}",
                  .accept = TABLE } } },
    { "writes are answered in the form that is accepted, too",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a'},'data':{'k':'v'}}", 201,
                  "{'kind':'PartialObjectMetadata','data':null}", .accept = PARTIAL },
                { "PUT " MAPS "/a", "{'metadata':{'name':'a'}}", 200,
                  "{'kind':'Table','rows':[{'cells':['a',0,'0s']}]}", .accept = TABLE } } },
    { "items of custom kinds carry their kind, lists an empty token",
      .asks = { { "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions", TS_DEFINITION,
                  201, NULL },
                { "POST /apis/x.y/v1/namespaces/default/ts",
                  "{'apiVersion':'x.y/v1','kind':'T','metadata':{'name':'a'}}", 201, NULL },
                { "GET /apis/x.y/v1/ts", NULL, 200,
                  "{'kind':'TList','metadata':{'continue':''},'items':[{'kind':'T','apiVersion':'x."
                  "y/v1'}]}" } } },
};

static void answers_in_yaml(void **state)
{
    (void)state;
    static const char *const lines[] = { "GET " MAPS "/a", "GET " MAPS, "GET /version",
                                         "GET /api/v1" };
    static const char *const wanted[] = { "kind: ConfigMap", "kind: ConfigMapList",
                                          "major: ", "kind: APIResourceList" };
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(cluster_rig_send(&rig, "POST " MAPS, "{'metadata':{'name':'a'}}"), 201);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        const struct ask ask = { .line = lines[i], .status = 200, .accept = "application/yaml" };
        cluster_rig_ask(&rig, &ask);
        assert_string_equal(rig.content_type, "application/yaml");
        assert_non_null(strstr(rig.text, wanted[i]));
    }
}

static void tells_errors(void **state)
{
    (void)state;
    cleanup_api_reply struct api_reply reply;
    api_reply_init(&reply);
    cleanup_error struct error *plain = NULL, *with_token = NULL;
    (void)fail_with(&plain, 409, "Conflict", json_make("{'name':'a'}"), "no");
    (void)fail_with(&with_token, 410, "Expired", json_make("{'continue':'t'}"), "old");

    reply_error(&reply, NULL, plain);
    cleanup_json json *first = NULL, *second = NULL;
    assert_int_equal(json_parse(reply.body.data, reply.body.len, &first, NULL), 0);
    assert_int_equal(reply.status, 409);
    reply_error(&reply, NULL, with_token);
    assert_int_equal(json_parse(reply.body.data, reply.body.len, &second, NULL), 0);

    assert_tree(first, "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','"
                       "message':'no','reason':"
                       "'Conflict','details':{'name':'a'},'code':409}");
    assert_tree(second, "{'kind':'Status','apiVersion':'v1','metadata':{'continue':'t'},'status':'"
                        "Failure','message':'old',"
                        "'reason':'Expired','code':410}");
}

/* Names are quoted as JSON, whatever they are. */
static void ends_lines(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(cluster_rig_send(&rig, "GET " MAPS, NULL), 200);
    assert_int_equal(rig.text[strlen(rig.text) - 1], '\n');
    assert_int_equal(cluster_rig_send(&rig, "GET " MAPS "/none", NULL), 404);
    assert_int_equal(rig.text[strlen(rig.text) - 1], '\n');
}

static void tables_of_watches_name_columns_once(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(cluster_rig_send(&rig, "POST " MAPS, "{'metadata':{'name':'a'}}"), 201);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, "GET " MAPS, NULL);
    assert_true(media_parse(TABLE, MEDIA_OBJECTS, &o.op.media));
    cleanup_record struct record *record = state_get(rig.c->state, "/configmaps", "default", "a");
    cleanup_buf struct buf first = BUF_INIT(BUF_UNBOUNDED), second = BUF_INIT(BUF_UNBOUNDED);

    reply_write_event_object(&first, &o.op, record, true);
    reply_write_event_object(&second, &o.op, record, false);

    cleanup_json json *with = NULL, *without = NULL;
    assert_int_equal(json_parse(first.data, first.len, &with, NULL), 0);
    assert_int_equal(json_parse(second.data, second.len, &without, NULL), 0);
    assert_true(json_len(json_get(with, "columnDefinitions")) == 3);
    assert_contains(without,
                    "{'kind':'Table','columnDefinitions':null,'rows':[{'cells':['a',0,'0s']}]}");
}

int main(void)
{
    const struct CMUnitTest more[] = {
        CASE("YAML is written where it is accepted", answers_in_yaml),
        CASE("errors are Status objects", tells_errors),
        CASE("replies end their line", ends_lines),
        CASE("tables of a watch name their columns once", tables_of_watches_name_columns_once),
    };
    return cluster_rig_run("reply", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
