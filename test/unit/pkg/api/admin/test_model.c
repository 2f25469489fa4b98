#include "pkg/api/admin/admin.h"
#include "test/unit/pkg/api/api_rig.h"

#define SELECTORS "'selectors':[{'key':'k','operator':'in','values':['a','b']}]"

static int decode(const struct api_type *t, const char *text, json *onto, struct error **err)
{
    cleanup_json json *body = rig_give_json(text);
    cleanup_free char *compact = json_give_text(body);
    return api_object_decode(t, rig_version('a'), compact, strlen(compact), onto, err);
}

static void a_body_becomes_a_document_and_a_reply(void **state)
{
    (void)state;
    cleanup_json json *ext = json_new_object();
    cleanup_json json *internal =
        rig_give_json("{'unknown':1,'scheduleAcross':'2h','lookForwardCount':9}");

    assert_int_equal(decode(&schedule_type, "{'state':'Enabled','new':1," SELECTORS "}", ext, NULL),
                     0);
    api_object_to_internal(&schedule_type, rig_version('a'), ext, internal);
    cleanup_json json *reply = api_object_to_external(&schedule_type, rig_version('a'), internal);

    rig_assert_json(internal, "{'unknown':1,'state':'Enabled'," SELECTORS "}");
    rig_assert_json(reply, "{'state':'Enabled'," SELECTORS "}");
}

static void a_manifest_keeps_what_is_not_the_writers(void **state)
{
    (void)state;
    cleanup_json json *ext = rig_give_json("{'state':'Completed','maintenanceTaskID':'t'}");
    cleanup_json json *internal = rig_give_json("{'state':'Pending','createdBySchedule':'s'}");

    api_object_to_internal(&manifest_type, rig_version('a'), ext, internal);

    rig_assert_json(internal,
                    "{'state':'Pending','createdBySchedule':'s','maintenanceTaskID':'t'}");
}

struct refusal {
    const char *name, *body, *want;
};
static struct refusal refusals[] = {
    { "refuses a number that is text", "{'lookForwardCount':'3'}",
      "lookForwardCount: expected an integer, not string" },
    { "refuses a list that is none", "{'selectors':[{'values':'a'}]}",
      "selectors[0].values: expected an array, not string" },
    { "refuses a list of something else", "{'selectors':[{'values':['a',1]}]}",
      "selectors[0].values[1]: expected a string, not such a number" },
    { "refuses a list of nothing", "{'selectors':[{'values':[null]}]}",
      "selectors[0].values[0]: expected a string, not null" },
    { "refuses what is no object", "[]", "the body: expected an object, not array" },
};

static void check_refusal(void **state)
{
    const struct refusal *r = *state;
    cleanup_json json *ext = json_new_object();
    cleanup_error struct error *err = NULL;

    assert_int_equal(decode(&schedule_type, r->body, ext, &err), -1);

    assert_non_null(strstr(error_text(err), r->want));
    rig_assert_refused(&err, "InvalidRequestContent", NULL);
}

static void a_bill_is_shown_whole(void **state)
{
    (void)state;
    static const char bill[] = "{'id':'i','key':'k','clusterResourceGroupIDKey':'g','infraId':'n',"
                               "'billing':{'creationTime':1,'deletionTime':2,'lastBillingTime':3,"
                               "'location':'l','tenantID':'t'}}";
    cleanup_json json *internal = rig_give_json(bill);

    cleanup_json json *reply = api_object_to_external(&billing_type, rig_version('a'), internal);

    rig_assert_json(reply, bill);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(refusals) + 3] = {
        CASE("a body becomes a document and a reply", a_body_becomes_a_document_and_a_reply),
        CASE("a manifest keeps what is not the writer's", a_manifest_keeps_what_is_not_the_writers),
        CASE("a bill is shown whole", a_bill_is_shown_whole),
    };
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        tests[3 + i] = (struct CMUnitTest)CASE_OF(refusals[i].name, check_refusal, &refusals[i]);
    return RUN_CASES("model of administrators", tests);
}
