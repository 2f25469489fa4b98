#include <string.h>

#include "rp/frontend/admin/admin.h"
#include "test/unit/support/rp/frontend/admin/admin_rig.h"
#include "test/unit/support/rp/hive/hive_rig.h"
#include "test/unit/support/test.h"

#define NO_HIVE "500 InternalServerError: hive is not enabled"
#define BAD(word) \
    "400 InvalidRequestContent: The provided issyncset '" word "' is invalid. @issyncset"
#define NO_CLUSTER \
    "404 ResourceNotFound: The Resource 'openshiftclusters/cluster1' under resource group " \
    "'group' was not found."

struct hive_case {
    const char *name, *target, *want;
};
static struct hive_case cases[] = {
    { "has no SyncSets", "/admin/hivesyncset?namespace=n&issyncset=true", NO_HIVE },
    { "knows the older name of a namespace", "/admin/hivesyncset?cdnamespace=n&issyncset=true",
      NO_HIVE },
    { "has no SelectorSyncSets", "/admin/hivesyncset?label=l&issyncset=false", NO_HIVE },
    { "has no SyncSet", "/admin/hivesyncset/syncsetname/x?namespace=n&issyncset=1", NO_HIVE },
    { "has no objects", "/admin/hive/k8sobjects/pods?namespace=n", NO_HIVE },
    { "wants to know what is meant", "/admin/hivesyncset", BAD("") },
    { "wants to know what one is", "/admin/hivesyncset/syncsetname/x?issyncset=maybe",
      BAD("maybe") },
    { "wants the namespace of SyncSets", "/admin/hivesyncset?issyncset=true",
      "400 InvalidParameter: namespace must be provided for SyncSets. @namespace" },
    { "wants no namespace of SelectorSyncSets", "/admin/hivesyncset?issyncset=f&namespace=n",
      "400 InvalidParameter: namespace must not be provided for SelectorSyncSets. @namespace" },
    { "knows no deployment of a stranger", ADMIN_CLUSTER "/clusterdeployment", NO_CLUSTER },
    { "has no state of a cluster", ADMIN_CLUSTER "/clustersync",
      "400 InvalidParameter: hive is not enabled" },
};

static void check(void **state)
{
    const struct hive_case *h = *state;
    struct clusters c;
    admin_rig_init(&c);
    admin_rig_refused(&c, "GET", h->target, NULL, h->want);
    clusters_release(&c);
}

static int adopt(json *tree, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(tree, "openShiftCluster.properties.hiveProfile.namespace", "aro-1", err);
}

static void nothing_deploys_what_it_adopted(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    clusters_create(&c);
    assert_null(admin_rig_ask(&c, "GET", ADMIN_CLUSTER "/clusterdeployment", NULL, 204));

    clusters_patch(&c, adopt, NULL);

    admin_rig_refused(&c, "GET", ADMIN_CLUSTER "/clusterdeployment", NULL, NO_HIVE);
    clusters_release(&c);
}

/* ---- with SyncSets ---- */

struct rig {
    struct clusters c;
    struct hive_rig sets;
    struct admin_clients clients;
};
static void rig_open(struct rig *r, const struct script_step *steps, size_t len)
{
    hive_rig_open(&r->sets, steps, len);
    r->clients = (struct admin_clients){ .hive = r->sets.hive };
    admin_rig_begin(&r->c);
    r->c.front.cfg.more_arg = &r->clients;
    admin_rig_serve(&r->c);
}
static void rig_close(struct rig *r)
{
    clusters_release(&r->c);
    hive_rig_close(&r->sets);
}

static void sets_are_what_syncsets_says(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = HIVE_ASKS("GET", "syncsets/n?limit=5000&labelSelector=a%3Db"),
          .reply = "{\"items\":[{\"n\":1}]}" },
        { .request = HIVE_ASKS("GET", "selectorsyncsets?limit=5000"), .reply = "{\"items\":[]}" },
        { .request = HIVE_ASKS("GET", "syncsets/n/x"), .reply = "{\"n\":2}" },
        { .request = HIVE_ASKS("GET", "selectorsyncsets/x"),
          .status = 404,
          .reply = HIVE_STATUS("NotFound") },
        { .status = 400, .reply = HIVE_STATUS("BadRequest") },
    };
    struct rig r;
    rig_open(&r, steps, ARRAY_LEN(steps));

    cleanup_json json *some = admin_rig_ask(
        &r.c, "GET", "/admin/hivesyncset?issyncset=true&namespace=n&label=a%3Db", NULL, 200);
    cleanup_json json *none =
        admin_rig_ask(&r.c, "GET", "/admin/hivesyncset?issyncset=false", NULL, 200);
    cleanup_json json *one = admin_rig_ask(
        &r.c, "GET", "/admin/hivesyncset/syncsetname/x?issyncset=true&namespace=n", NULL, 200);

    admin_rig_is(some, "{'items':[{'n':1}]}");
    admin_rig_is(none, "{'items':[]}");
    admin_rig_is(one, "{'n':2}");
    admin_rig_refused(&r.c, "GET", "/admin/hivesyncset/syncsetname/x?issyncset=false", NULL,
                      "404 NotFound: The SelectorSyncSet 'x' was not found.");
    cleanup_free char *bad =
        admin_rig_error(&r.c, "GET", "/admin/hivesyncset?issyncset=false&label=%3D", NULL);
    assert_non_null(strstr(bad, "400 InvalidParameter: "));
    rig_close(&r);
}

/* Its 401 and 403 would tell callers that they themselves may not ask. */
static void who_is_refused_by_syncsets_is_the_service(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .status = 403, .reply = HIVE_STATUS("Forbidden") },
        { .status = 401, .reply = HIVE_STATUS("Unauthorized") },
        { .status = 403, .reply = HIVE_STATUS("Forbidden") },
    };
    static const char *const targets[] = {
        "/admin/hivesyncset?issyncset=false",
        "/admin/hivesyncset/syncsetname/x?issyncset=false",
        ADMIN_CLUSTER "/clustersync",
    };
    struct rig r;
    rig_open(&r, steps, ARRAY_LEN(steps));
    clusters_create(&r.c);
    clusters_patch(&r.c, adopt, NULL);

    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        cleanup_free char *told = admin_rig_error(&r.c, "GET", targets[i], NULL);
        assert_non_null(
            strstr(told, "500 InternalServerError: SyncSets refuses what this service asks: GET "));
    }

    rig_close(&r);
}

static void a_cluster_stands_as_syncsets_says(void **state)
{
    (void)state;
    static const char target[] = ADMIN_CLUSTER "/clustersync";
    static const struct script_step steps[] = {
        { .request = HIVE_ASKS("GET", "clustersyncs/aro-1/cluster"),
          .status = 404,
          .reply = HIVE_STATUS("NotFound") },
        { .reply = "{\"kind\":\"ClusterSync\"}" },
        { .status = 503, .reply = HIVE_STATUS("ServiceUnavailable") },
    };
    struct rig r;
    rig_open(&r, steps, ARRAY_LEN(steps));

    admin_rig_refused(&r.c, "GET", target, NULL, NO_CLUSTER);
    clusters_create(&r.c);
    assert_null(admin_rig_ask(&r.c, "GET", target, NULL, 204));
    clusters_patch(&r.c, adopt, NULL);
    admin_rig_refused(&r.c, "GET", target, NULL,
                      "404 NotFound: The ClusterSync of 'aro-1' was not found.");
    cleanup_json json *sync = admin_rig_ask(&r.c, "GET", target, NULL, 200);
    admin_rig_is(sync, "{'kind':'ClusterSync'}");
    cleanup_free char *away = admin_rig_error(&r.c, "GET", target, NULL);
    assert_non_null(strstr(away, "500 InternalServerError: "));
    rig_close(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 4] = {
        CASE("nothing deploys what it adopted", nothing_deploys_what_it_adopted),
        CASE("sets are what SyncSets says", sets_are_what_syncsets_says),
        CASE("who is refused by SyncSets is the service",
             who_is_refused_by_syncsets_is_the_service),
        CASE("a cluster stands as SyncSets says", a_cluster_stands_as_syncsets_says),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[4 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("Hive", tests);
}
