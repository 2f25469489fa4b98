#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/pkg/api/api_rig.h"
#include "test/unit/support/test.h"

static json *give_reply(char letter, const json *internal)
{
    json *ext = NULL;
    assert_int_equal(api_cluster_to_external(rig_version(letter), internal, NULL, &ext, NULL), 0);
    return ext;
}

static json *give_base(char letter, const json *internal)
{
    struct rig_sealer sealer;
    json *ext = NULL;
    rig_sealer_init(&sealer);
    assert_int_equal(
        api_cluster_to_external(rig_version(letter), internal, &sealer.base, &ext, NULL), 0);
    return ext;
}

/* What one version shows of a small internal cluster. */
struct shown_case {
    const char *name, *letters, *internal, *want;
};
#define EMPTY_PROFILES \
    "'clusterProfile':{},'consoleProfile':{},'networkProfile':{},'masterProfile':{}," \
    "'apiserverProfile':{}"
static struct shown_case shown_cases[] = {
    { "value objects are always there", "ABCDEFGHIJ", "{}", "{'properties':{" EMPTY_PROFILES "}}" },
    { "the newest version leaves out what is empty", "K",
      "{'properties':{'clusterProfile':{'domain':''},'networkProfile':{'loadBalancerProfile':{}}}}",
      "{}" },
    { "admin always shows the architecture", "a", "{}",
      "{'properties':{'architectureVersion':0,'featureProfile':{},'hiveProfile':{}," EMPTY_PROFILES
      "}}" },
    { "empty text, zero and empty lists are left out", "A",
      "{'location':'','tags':{},'properties':{'clusterProfile':{'domain':''},'workerProfiles':[],"
      "'ingressProfiles':null}}",
      "{'properties':{" EMPTY_PROFILES "}}" },
    { "an optional object may be empty", "J",
      "{'managedServiceIdentity':{},'properties':{'servicePrincipalProfile':{}}}",
      "{'identity':{},'properties':{'servicePrincipalProfile':{}," EMPTY_PROFILES "}}" },
    { "the name of an install phase is shown", "a", "{'properties':{'install':{'phase':0}}}",
      "{'properties':{'architectureVersion':0,'install':{'phase':'Bootstrap'},'featureProfile':{},"
      "'hiveProfile':{}," EMPTY_PROFILES "}}" },
    { "an install phase without name is left out", "a", "{'properties':{'install':{'phase':7}}}",
      "{'properties':{'architectureVersion':0,'install':{},'featureProfile':{},"
      "'hiveProfile':{}," EMPTY_PROFILES "}}" },
    { "both kinds of callers are shown", "CDEFGHIJ",
      "{'systemData':{'createdByType':'User','lastModifiedByType':'Key'}}",
      "{'systemData':{'createdByType':'User','lastModifiedByType':'Key'},'properties':"
      "{" EMPTY_PROFILES "}}" },
};

static void check_shown(void **state)
{
    const struct shown_case *c = *state;
    cleanup_json json *internal = rig_give_json(c->internal);

    for (const char *letter = c->letters; *letter; letter++) {
        cleanup_json json *ext = give_reply(*letter, internal);
        rig_assert_json(ext, c->want);
    }
}

static void no_reply_holds_a_secret(void **state)
{
    (void)state;
    cleanup_json json *internal = rig_give_internal();

    for (const char *letter = RIG_LETTERS; *letter; letter++) {
        cleanup_json json *ext = give_reply(*letter, internal);
        cleanup_free char *text = json_give_text(ext);
        assert_null(strstr(text, "sealed:"));
        assert_null(strstr(text, "hunter2"));
        assert_null(strstr(text, "auths"));
        assert_null(strstr(text, "password"));
        assert_null(strstr(text, "identityURL"));
        assert_null(strstr(text, "futureMember"));
    }
}

static void a_base_holds_the_secrets(void **state)
{
    (void)state;
    cleanup_json json *internal = rig_give_internal();

    cleanup_json json *base = give_base('I', internal);

    assert_string_equal(json_path_str(base, "properties.clusterProfile.pullSecret"),
                        "{\"auths\":{}}");
    assert_string_equal(json_path_str(base, "properties.servicePrincipalProfile.clientSecret"),
                        "hunter2");
}

static void a_key_that_is_away_is_an_error(void **state)
{
    (void)state;
    struct rig_sealer sealer;
    cleanup_error struct error *err = NULL;
    cleanup_json json *internal = rig_give_internal(), *ext = NULL;
    rig_sealer_init(&sealer);
    sealer.fails = true;

    assert_int_equal(api_cluster_to_external(rig_version('I'), internal, &sealer.base, &ext, &err),
                     -1);

    assert_true(error_is(err, ERR_UNAVAILABLE));
    assert_null(ext);
}

/* The name of the first worker profile: of the live ones or of the stored one. */
struct worker_case {
    const char *name, *letters, *first;
    bool base;
};
static struct worker_case worker_cases[] = {
    { "old versions show live workers as the workers", "ABCDEFG", "cluster-worker-eastus1", false },
    { "later versions show the stored workers", "HIJKa", "worker", false },
    { "live workers are the base of updates, too", "BCDEFG", "cluster-worker-eastus1", true },
    { "the version that scales has the stored workers as base", "A", "worker", true },
};

static void check_workers(void **state)
{
    const struct worker_case *c = *state;
    cleanup_json json *internal = rig_give_internal();

    for (const char *letter = c->letters; *letter; letter++) {
        cleanup_json json *ext = (c->base ? give_base : give_reply)(*letter, internal);
        assert_string_equal(json_path_str(ext, "properties.workerProfiles[0].name"), c->first);
        assert_int_equal(json_path_has(ext, "properties.workerProfilesStatus"), *letter >= 'H');
    }
}

static void without_live_workers_the_stored_are_shown(void **state)
{
    (void)state;
    cleanup_json json *internal = rig_give_internal();
    (void)json_path_del(internal, "properties.workerProfilesStatus");

    cleanup_json json *ext = give_reply('B', internal);

    assert_string_equal(json_path_str(ext, "properties.workerProfiles[0].name"), "worker");
    assert_int_equal(json_path_int(ext, "properties.workerProfiles[0].count", 0), 3);
}

static void a_live_worker_may_be_known_by_name_alone(void **state)
{
    (void)state;
    cleanup_json json *internal = rig_give_internal();

    cleanup_json json *ext = give_reply('B', internal);

    rig_assert_json(json_path(ext, "properties.workerProfiles[1]"),
                    "{'name':'cluster-worker-eastus2','count':1}");
}

/* ---- skeleton ---- */

struct skeleton_case {
    const char *name, *letters, *internal, *want;
};
#define HEAD "'id':'/i','name':'n','type':'t'"
static struct skeleton_case skeleton_cases[] = {
    { "keeps the head, secrets and the OpenShift version", "B",
      "{" HEAD ",'location':'eastus','tags':{'a':'b'},'properties':{'provisioningState':'Failed',"
      "'clusterProfile':{'pullSecret':'sealed:p','version':'4.14.1','domain':'d'},"
      "'servicePrincipalProfile':{'clientId':'c','clientSecret':'sealed:s'}}}",
      "{" HEAD ",'properties':{'provisioningState':'Failed','clusterProfile':{'pullSecret':'p',"
      "'version':'4.14.1'},'servicePrincipalProfile':{'clientSecret':'s'}}}" },
    { "has no service principal where there is none", "J",
      "{" HEAD ",'properties':{'platformWorkloadIdentityProfile':{'upgradeableTo':'4.15.0'}}}",
      "{" HEAD "}" },
    { "keeps who made the cluster", "C", "{'systemData':{'createdBy':'ann'}}",
      "{'systemData':{'createdBy':'ann'}}" },
    { "keeps what has a default and never changes", "I",
      "{'properties':{'networkProfile':{'podCidr':'10.0.0.0/14','outboundType':'Loadbalancer',"
      "'preconfiguredNSG':'Disabled'}}}",
      "{'properties':{'networkProfile':{'outboundType':'Loadbalancer','preconfiguredNSG':"
      "'Disabled'}}}" },
    { "of nothing is nothing", "K", "{}", "{}" },
};

static void check_skeleton(void **state)
{
    const struct skeleton_case *c = *state;
    cleanup_json json *internal = rig_give_json(c->internal);
    cleanup_json json *base = give_base(*c->letters, internal);

    cleanup_json json *skeleton = api_cluster_give_skeleton(rig_version(*c->letters), base);

    rig_assert_json(skeleton, c->want);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(shown_cases) + ARRAY_LEN(worker_cases) +
                            ARRAY_LEN(skeleton_cases) + 5] = {
        CASE("no reply holds a secret or an unknown member", no_reply_holds_a_secret),
        CASE("a base holds the secrets", a_base_holds_the_secrets),
        CASE("a key that is away is an error", a_key_that_is_away_is_an_error),
        CASE("without live workers the stored are shown",
             without_live_workers_the_stored_are_shown),
        CASE("a live worker may be known by name alone", a_live_worker_may_be_known_by_name_alone),
    };
    size_t n = 5;
    for (size_t i = 0; i < ARRAY_LEN(shown_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(shown_cases[i].name, check_shown, &shown_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(worker_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(worker_cases[i].name, check_workers, &worker_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(skeleton_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(skeleton_cases[i].name, check_skeleton, &skeleton_cases[i]);
    return RUN_CASES("cluster_external", tests);
}
