#include "hack/devcloud/cluster/table.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define TABLE "application/json;as=Table;v=v1;g=meta.k8s.io"
#define TS "/apis/x.y/v1/namespaces/default/ts"
#define DEFINE(columns) \
    { \
        "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions", \
            "{'metadata':{'name':'ts.x.y'},'spec':{'group':'x.y','scope':'Namespaced','names':{'" \
            "plural':'ts','singular':'t'," \
            "'kind':'T','listKind':'TList'},'versions':[{'name':'v1','served':true,'storage':" \
            "true" columns ",'schema':{'openAPIV3Schema':{'type':'object','x-kubernetes-preserve-" \
            "unknown-fields':true}}}]}}", \
            201, NULL \
    }
#define MAKE_T(name, spec) \
    { \
        "POST " TS, \
            "{'apiVersion':'x.y/v1','kind':'T','metadata':{'name':'" name "'},'spec':" spec "}", \
            201, NULL \
    }

static struct rig_case cases[] = {
    { "a custom kind without columns shows its age",
      .asks = { DEFINE(""),
                MAKE_T("a", "{}"),
                { "GET " TS, NULL, 200,
                  "{'columnDefinitions':[{'name':'Name','type':'string','format':'name','priority':"
                  "0},{'name':'Age','type':'date'}],"
                  "'rows':[{'cells':['a','0s']}]}",
                  .accept = TABLE } } },
    { "a custom kind shows the columns that it names",
      .asks = { DEFINE(",'additionalPrinterColumns':[{'name':'N','type':'integer','jsonPath':'."
                       "spec.n'},{'name':'S','type':'string',"
                       "'jsonPath':'.spec.s','priority':1,'description':'words'},{'name':'Since','"
                       "type':'date','jsonPath':'.spec.t'},{"
                       "'name':'Ready','type':'string','jsonPath':'.spec.c[?(@.type==\\'Ready\\')]."
                       "status'}]"),
                MAKE_T("a", "{'n':5,'s':{'x':1},'t':'2024-02-03T04:00:06Z','c':[{'type':'X','"
                            "status':'no'},{'type':'Ready','status':'yes'}]}"),
                MAKE_T("b", "{'s':'text'}"),
                MAKE_T("c", "{'t':'nonsense','c':'x'}"),
                { "GET " TS, NULL, 200,
                  "{'columnDefinitions':[{'name':'Name'},{'name':'N','type':'integer'},{'name':'S',"
                  "'priority':1,'description':'words'},{"
                  "'name':'Since'},{'name':'Ready'}],'rows':[{'cells':['a',5,'~x','5m','yes']},{'"
                  "cells':['b',null,'text',null,null]},{"
                  "'cells':['c',null,null,'<unknown>',null]}]}",
                  .accept = TABLE } } },
    { "a built-in kind without columns shows when it was made",
      .asks = { { "GET /apis/rbac.authorization.k8s.io/v1/clusterroles/view", NULL, 200,
                  "{'columnDefinitions':[{'name':'Name'},{'name':'Created "
                  "At','type':'date'}],'rows':[{'cells':['view',"
                  "'2024-02-03T04:05:06Z']}]}",
                  .accept = TABLE } } },
};

struct age_case {
    const char *name;
    int64_t seconds;
    const char *want;
};

/* As util/duration HumanDuration. */
static struct age_case ages[] = {
    { "what was just made", 0, "0s" },
    { "what is of the future", -5, "0s" },
    { "seconds up to two minutes", 119, "119s" },
    { "two minutes", 120, "2m" },
    { "minutes with seconds", 125, "2m5s" },
    { "minutes alone from ten on", 605, "10m" },
    { "up to three hours", 179 * 60, "179m" },
    { "hours with minutes", 3 * 3600 + 5 * 60, "3h5m" },
    { "whole hours", 4 * 3600, "4h" },
    { "hours alone from eight on", 8 * 3600 + 60, "8h" },
    { "up to two days", 47 * 3600, "47h" },
    { "days with hours", 50 * 3600, "2d2h" },
    { "whole days", 72 * 3600, "3d" },
    { "days alone from eight on", 8 * 86400 + 3600, "8d" },
    { "up to two years", 729 * 86400L, "729d" },
    { "years with days", 735 * 86400L, "2y5d" },
    { "years alone from eight on", 8 * 365 * 86400L, "8y" },
};

static void check_age(void **state)
{
    const struct age_case *c = *state;
    char made[TIME_TEXT_MAX];
    time_rfc3339(FAKE_WALL_NS - c->seconds * NS_PER_S, made);
    cleanup_free char *got = table_give_age(made, FAKE_WALL_NS);
    assert_string_equal(got, c->want);
}

static void no_time_is_unknown(void **state)
{
    (void)state;
    cleanup_free char *none = table_give_age(NULL, FAKE_WALL_NS),
                      *bad = table_give_age("yesterday", FAKE_WALL_NS);
    assert_string_equal(none, "<unknown>");
    assert_string_equal(bad, "<unknown>");
}

int main(void)
{
    struct CMUnitTest more[ARRAY_LEN(ages) + 1] = { CASE("no time is an unknown age",
                                                         no_time_is_unknown) };
    for (size_t i = 0; i < ARRAY_LEN(ages); i++)
        more[i + 1] = (struct CMUnitTest)CASE_OF(ages[i].name, check_age, &ages[i]);
    return cluster_rig_run("table", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
