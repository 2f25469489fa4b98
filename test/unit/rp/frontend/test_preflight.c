#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

#define TARGET FRONT_GROUP "/providers/Microsoft.RedHatOpenShift/deployments/d/preflight" V_2020
#define OK "200 {\"status\":\"Succeeded\"}"

/* A template's entry: the body of a create with what entries have beside it. */
static json *give_entry(const char *id, const char *name)
{
    cleanup_free char *text = clusters_give_body(NULL, NULL);
    json *entry = NULL;
    assert_int_equal(json_parse(text, strlen(text), &entry, NULL), 0);
    json_put(entry, "id", json_new_str(id));
    json_put(entry, "name", json_new_str(name));
    json_put(entry, "type", json_new_str("Microsoft.RedHatOpenShift/openShiftClusters"));
    json_put(entry, "apiVersion", json_new_str("2020-04-30"));
    return entry;
}

/* Consumes entry. */
static char *ask(struct clusters *c, json *entry)
{
    cleanup_json json *body = json_make("{'resources':[%j]}", entry);
    cleanup_free char *text = json_give_text(body);
    return front_give_answer(&c->front, "POST", TARGET, text);
}

static void takes_a_new_cluster_and_writes_nothing(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *got = ask(&c, give_entry(FRONT_CLUSTER, "Cluster1"));
    cleanup_free char *after = front_give_error(&c.front, "GET", FRONT_CLUSTER V_2020, NULL);

    assert_string_equal(got, OK);
    assert_memory_equal(after, "404", 3);
    clusters_release(&c);
}

static void tells_why_it_would_fail(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    json *entry = give_entry(FRONT_CLUSTER, "Cluster1");
    (void)json_set_str(entry, "properties.clusterProfile.domain", "1", NULL);

    cleanup_free char *got = ask(&c, entry);

    assert_true(str_starts(got, "200 {\"status\":\"Failed\",\"error\":{"));
    assert_non_null(strstr(got, "The provided domain '1' is invalid."));
    clusters_release(&c);
}

static void knows_what_may_not_change(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, "Succeeded", NULL);
    json *entry = give_entry(FRONT_CLUSTER, "Cluster1");
    (void)json_set_str(entry, "properties.clusterProfile.domain", "moon", NULL);

    cleanup_free char *got = ask(&c, entry);

    assert_non_null(strstr(got, "\"status\":\"Failed\""));
    assert_non_null(strstr(got, "is not allowed."));
    clusters_release(&c);
}

static void looks_at_clusters_only(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *got = ask(&c, json_make("{'id':'/x','type':'Microsoft.Moon/moons'}"));

    assert_string_equal(got, OK);
    clusters_release(&c);
}

static void fails_for_an_unknown_version(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    json *entry = give_entry(FRONT_CLUSTER, "Cluster1");
    json_put(entry, "apiVersion", json_new_str("2000-01-01"));

    cleanup_free char *got = ask(&c, entry);

    assert_memory_equal(got, "200 {\"status\":\"Failed\"", 22);
    clusters_release(&c);
}

#define ELSEWHERE \
    "/subscriptions/" FRONT_SUB "/resourceGroups/other/providers/Microsoft.RedHatOpenShift/" \
    "openShiftClusters/Cluster1"

static void tells_nothing_of_other_groups(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *got = ask(&c, give_entry(ELSEWHERE, "Cluster1"));

    assert_string_equal(got,
                        "200 {\"status\":\"Failed\",\"error\":{\"code\":\"InvalidParameter\","
                        "\"message\":\"400: InvalidParameter: id: The provided id '" ELSEWHERE
                        "' is not in resource group 'group' of subscription '" FRONT_SUB "'.\"}}");
    clusters_release(&c);
}

static void wants_an_id(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *got = ask(&c, give_entry(NULL, "Cluster1"));

    assert_string_equal(got,
                        "200 {\"status\":\"Failed\",\"error\":{\"code\":\"InvalidParameter\","
                        "\"message\":\"400: InvalidParameter: id: The resource has no id.\"}}");
    clusters_release(&c);
}

static void answers_a_body_that_is_none_once(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *got = front_give_answer(&c.front, "POST", TARGET, "{");

    assert_memory_equal(got, "200 {\"status\":\"Failed\"", 22);
    assert_null(strstr(got + 10, "\"status\":\"Failed\",\"error\":{}"));
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("takes a new cluster and writes nothing", takes_a_new_cluster_and_writes_nothing),
        CASE("tells why a create would fail", tells_why_it_would_fail),
        CASE("knows what an update may not change", knows_what_may_not_change),
        CASE("looks at clusters only", looks_at_clusters_only),
        CASE("fails for an unknown API version", fails_for_an_unknown_version),
        CASE("tells nothing of clusters in other groups", tells_nothing_of_other_groups),
        CASE("wants an id", wants_an_id),
        CASE("answers a body that is none, once", answers_a_body_that_is_none_once),
    };
    return RUN_CASES("preflight", tests);
}
