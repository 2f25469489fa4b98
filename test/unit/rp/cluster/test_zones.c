#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/zones.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

/* ---- what a size offers ---- */

struct find_case {
    const char *name, *skus, *want;
};
#define SKU(locations, restrictions) \
    "[{'resourceType':'disks','name':'M','locationInfo':[{'location':'eastus','zones':['9']}]}," \
    "{'resourceType':'virtualMachines','name':'M','locationInfo':[" locations "]," \
    "'restrictions':[" restrictions "]}]"
static struct find_case find_cases[] = {
    { "zones are sorted", SKU("{'location':'EastUS','zones':['3','1','2']}", ""), "1,2,3" },
    { "zones of another region do not count", SKU("{'location':'moon','zones':['1']}", ""), "" },
    { "a size may have no zones", SKU("{'location':'eastus'}", ""), "" },
    { "zones that the subscription may not use do not count",
      SKU("{'location':'eastus','zones':['1','2','3']}",
          "{'type':'Zone','values':['eastus'],'restrictionInfo':{'zones':['2']}}"),
      "1,3" },
    { "zones withheld elsewhere count",
      SKU("{'location':'eastus','zones':['1','2']}",
          "{'type':'Zone','values':['moon'],'restrictionInfo':{'locations':['moon'],'zones':['2']}"
          "},{'type':'Location','values':['eastus'],'restrictionInfo':{'zones':['1']}}"),
      "1,2" },
    { "an unknown size has no zones", "[]", "" },
};

static void check_find(void **state)
{
    const struct find_case *c = *state;
    cleanup_json json *skus = json_make(c->skus);
    cleanup_strv struct strv zones = STRV_INIT;

    zones_find(skus, "M", "eastus", &zones);

    cleanup_free char *text = strv_give_joined(&zones, ",");
    assert_string_equal(text, c->want);
}

/* ---- the choice ---- */

struct choose_case {
    const char *name;
    enum cluster_layout layout;
    bool expanded;
    const char *masters, *workers;
    const char *want_masters, *want_workers; /* NULL: refused */
    const char *want, *want_target;
};
#define MASTER "properties.masterProfile.VMSize"
#define WORKER "properties.workerProfiles[0].VMSize"
static struct choose_case choose_cases[] = {
    { "three zones are used", LAYOUT_V2, false, "1 2 3", "1 2 3", "1 2 3", "1 2 3", NULL, NULL },
    { "no zones are none", LAYOUT_V2, false, "", "", "", "", NULL, NULL },
    { "zones beyond the third do not count", LAYOUT_V2, false, "1 2 3 4", "1 2 3 4", "1 2 3",
      "1 2 3", NULL, NULL },
    { "but do where they may", LAYOUT_V2, true, "1 2 4 5", "1 2 4 5", "1 2 4", "1 2 4 5", NULL,
      NULL },
    { "masters need three zones", LAYOUT_V2, false, "1 2 4", "1 2 3", NULL, NULL,
      "cluster creation with 2 zones and 3 control plane replicas is unsupported", MASTER },
    { "workers need three zones", LAYOUT_V2, false, "1 2 3", "1 2", NULL, NULL,
      "cluster creation with a worker SKU available on less than 3 zones is unsupported "
      "(available: 2)",
      WORKER },
    { "masters in zones need workers in zones", LAYOUT_V2, false, "1 2 3", "", NULL, NULL,
      "cluster creation with mix of zonal and non-zonal resources is unsupported (control plane "
      "zones: 3, worker zones: 0)",
      WORKER },
    { "workers in zones need masters in zones", LAYOUT_V2, false, "", "1 2 3", NULL, NULL,
      "cluster creation with mix of zonal and non-zonal resources is unsupported (control plane "
      "zones: 0, worker zones: 3)",
      MASTER },
    { "in the first layout workers without zones leave the masters theirs", LAYOUT_V1, false,
      "1 2 3", "", "1 2 3", "", NULL, NULL },
    { "in the first layout workers may be in any zones", LAYOUT_V1, false, "", "1 2 4", "", "1 2 4",
      NULL, NULL },
    { "in the first layout masters are in three zones exactly", LAYOUT_V1, false, "1 2 3 4", "1",
      NULL, NULL, "cluster creation with 4 zones and 3 control plane replicas is unimplemented",
      MASTER },
};

static void check_choose(void **state)
{
    const struct choose_case *c = *state;
    cleanup_strv struct strv masters = STRV_INIT, workers = STRV_INIT;
    cleanup_error struct error *err = NULL;
    strv_split(&masters, c->masters, " ", false);
    strv_split(&workers, c->workers, " ", false);

    int result = zones_choose(c->layout, c->expanded, &masters, &workers, &err);

    assert_int_equal(result, c->want ? -1 : 0);
    if (c->want) {
        assert_string_equal(error_text(err), c->want);
        assert_string_equal(error_get_code(err), "InvalidParameter");
        assert_string_equal(error_get_target(err), c->want_target);
        return;
    }
    cleanup_free char *m = strv_give_joined(&masters, " ");
    cleanup_free char *w = strv_give_joined(&workers, " ");
    assert_string_equal(m, c->want_masters);
    assert_string_equal(w, c->want_workers);
}

/* ---- the step ---- */

#define SKUS_REQUEST \
    "GET https://management.azure.com" RIG_SUBSCRIPTION "/providers/Microsoft.Compute/skus" \
    "?$filter=location%20eq%20%27eastus%27&api-version=2021-07-01\n" \
    "Accept: application/json\n@gzip: true\n"
#define VM(name, zones) \
    "{\"resourceType\":\"virtualMachines\",\"name\":\"" name \
    "\",\"locationInfo\":[{\"location\":\"eastus\",\"zones\":[" zones "]}]}"
#define SIZES "{'masterProfile':{'vmSize':'M'},'workerProfiles':[{'vmSize':'W'}]}"

static void are_kept(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = SKUS_REQUEST,
          .reply = "{\"value\":[" VM("M", "\"3\",\"1\",\"2\",\"4\"") "," VM(
              "W", "\"2\",\"1\",\"3\"") "]}" },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_strv struct strv masters = STRV_INIT, workers = STRV_INIT;
    cluster_rig_open(&r, SIZES, script, ARRAY_LEN(script));

    assert_int_equal(cluster_validate_zones(r.c, &r.ctx, NULL), 0);
    cluster_rig_reopen(&r);
    assert_int_equal(cluster_validate_zones(r.c, &r.ctx, NULL), 0); /* asks nobody */
    assert_int_equal(cluster_zones(r.c, &masters, &workers, NULL), 0);

    cleanup_free char *m = strv_give_joined(&masters, " ");
    cleanup_free char *w = strv_give_joined(&workers, " ");
    cleanup_free char *all = json_give_text(json_path(r.c->doc, PROPERTIES "zones"));
    assert_string_equal(m, "1 2 3");
    assert_string_equal(w, "1 2 3");
    assert_string_equal(all, "[\"1\",\"2\",\"3\"]");
}

static void none_are_kept_too(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = SKUS_REQUEST, .reply = "{\"value\":[" VM("M", "") "," VM("W", "") "]}" },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_strv struct strv masters = STRV_INIT, workers = STRV_INIT;
    cluster_rig_open(&r, SIZES, script, ARRAY_LEN(script));

    assert_int_equal(cluster_validate_zones(r.c, &r.ctx, NULL), 0);
    cluster_rig_reopen(&r);
    assert_int_equal(cluster_validate_zones(r.c, &r.ctx, NULL), 0);
    assert_int_equal(cluster_zones(r.c, &masters, &workers, NULL), 0);

    assert_int_equal(masters.len, 0);
    assert_int_equal(workers.len, 0);
}

static void nothing_is_kept_of_a_refusal(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = "{\"value\":[" VM("M", "\"1\",\"2\",\"3\"") "," VM("W", "") "]}" },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_strv struct strv masters = STRV_INIT, workers = STRV_INIT;
    cluster_rig_open(&r, SIZES, script, ARRAY_LEN(script));

    assert_int_equal(cluster_validate_zones(r.c, &r.ctx, NULL), -1);

    assert_int_equal(cluster_zones(r.c, &masters, &workers, NULL), -1);
    assert_null(json_path(r.c->doc, PROPERTIES "zones"));
}

static void assert_frontend_zones(struct cluster_rig *r, const char *want)
{
    cleanup_strv struct strv zones = STRV_INIT;
    assert_int_equal(cluster_find_frontend_zones(r->c, &r->ctx, &zones, NULL), 0);
    cleanup_free char *text = strv_give_joined(&zones, " ");
    assert_string_equal(text, want);
}

static void frontends_go_where_the_machines_are(void **state)
{
    (void)state;
    static const struct {
        const char *properties, *want;
    } cases[] = {
        { "{'zones':['2','3'],'machineZones':{}}", "2 3" },
        { "{'zones':['1','2']}", "1 2" },
        { "{'zones':[],'machineZones':{'masters':[]}}", "" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_cluster_rig struct cluster_rig r;
        cluster_rig_open(&r, cases[i].properties, NULL, 0);
        assert_frontend_zones(&r, cases[i].want);
    }
}

static void those_of_older_clusters_are_asked_of_azure(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = SKUS_REQUEST,
          .reply = "{\"value\":[" VM("M", "\"3\",\"1\",\"2\",\"4\"") "]}" },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, SIZES, script, ARRAY_LEN(script));
    assert_frontend_zones(&r, "1 2 3");
    assert_null(json_path(r.c->doc, PROPERTIES "zones"));
}

int main(void)
{
    static const struct CMUnitTest more[] = {
        CASE("frontends go where the machines are", frontends_go_where_the_machines_are),
        CASE("those of older clusters are asked of Azure",
             those_of_older_clusters_are_asked_of_azure),
        CASE("zones are kept in the document", are_kept),
        CASE("that there are none is kept, too", none_are_kept_too),
        CASE("nothing is kept of a refusal", nothing_is_kept_of_a_refusal),
    };
    struct CMUnitTest tests[ARRAY_LEN(find_cases) + ARRAY_LEN(choose_cases) + ARRAY_LEN(more)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(find_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(find_cases[i].name, check_find, &find_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(choose_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(choose_cases[i].name, check_choose, &choose_cases[i]);
    memcpy(&tests[n], more, sizeof(more));
    return RUN_CASES("availability zones", tests);
}
